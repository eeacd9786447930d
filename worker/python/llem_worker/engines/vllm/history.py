"""Settings that some releases of vLLM lack: when they came, when they went, and what took their place."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import messages

_NOTHING = object()


@dataclass(frozen=True)
class Life:
    """Releases are those whose sources were read; the first of a minor series stands for all of it."""

    since: str | None = None
    """The first that has it; None: the oldest that llem runs with has it."""
    until: str | None = None
    """The first that has it no more; None: the newest that was read has it."""
    instead: Callable[[], str] | None = None
    """What to write where it is gone."""
    harmless: Any = _NOTHING
    """The value that asks for nothing: it is left out where the setting is gone."""


SETTINGS = {
    "offload_group_size": Life(since="0.17", harmless=0),
    "offload_num_in_group": Life(since="0.17", harmless=1),
    "offload_prefetch_step": Life(since="0.17", harmless=1),
    "offload_params": Life(since="0.17", harmless=[]),
    "max_num_partial_prefills": Life(until="0.27", instead=messages.instead_of_partial_prefills, harmless=1),
    "calculate_kv_scales": Life(until="0.28", harmless=False),
    "num_lookahead_slots": Life(until="0.12", instead=messages.instead_of_lookahead_slots, harmless=0),
    "cuda_graph_sizes": Life(until="0.13", instead=messages.instead_of_cuda_graph_sizes),
    "task": Life(until="0.13"),
}
"""Of EngineArgs."""

INERT = {"swap_space": 4}
"""Accepted by releases before 0.18, though their V1 engine makes nothing of it; with the value it had by default."""

ATTENTION = {
    "use_prefill_decode_attention": Life(
        until="0.29", instead=messages.instead_of_prefill_decode_attention, harmless=False
    ),
    "use_prefill_query_quantization": Life(since="0.17", harmless=False),
    "use_cudnn_prefill": Life(until="0.22", instead=messages.instead_of_prefill_flags, harmless=False),
    "disable_flashinfer_prefill": Life(
        until="0.22", instead=messages.instead_of_prefill_flags, harmless=False
    ),
    "use_trtllm_ragged_deepseek_prefill": Life(
        until="0.22", instead=messages.instead_of_prefill_flags, harmless=False
    ),
    "mla_prefill_backend": Life(since="0.21"),
}
"""Of AttentionConfig, or of the variables that stood for it."""

COMPILATION = {"level": Life(until="0.18", instead=messages.instead_of_level)}

SPECULATION = {
    "disable_by_batch_size": Life(until="0.17"),
    "speculative_token_tree": Life(until="0.21"),
}

NESTED_LIVES = {
    "attention_config": ATTENTION,
    "compilation_config": COMPILATION,
    "speculative_config": SPECULATION,
}

WORDS = {
    "quantization": {
        "marlin": Life(until="0.11", instead=messages.instead_of_marlin),
        "bitsandbytes": Life(until="0.28", instead=messages.instead_of_bitsandbytes),
        "gguf": Life(until="0.24", instead=messages.instead_of_gguf),
    },
    "attention_backend": {
        "XFORMERS": Life(until="0.12"),
        "TREE_ATTN": Life(until="0.21"),
    },
}

ATTENTION_CONFIG_SINCE = "0.13"
VARIABLES = {
    "backend": "VLLM_ATTENTION_BACKEND",
    "flash_attn_version": "VLLM_FLASH_ATTN_VERSION",
    "flash_attn_max_num_splits_for_cuda_graph": "VLLM_FLASH_ATTN_MAX_NUM_SPLITS_FOR_CUDA_GRAPH",
    "use_prefill_decode_attention": "VLLM_V1_USE_PREFILL_DECODE_ATTENTION",
    "use_cudnn_prefill": "VLLM_USE_CUDNN_PREFILL",
    "disable_flashinfer_prefill": "VLLM_DISABLE_FLASHINFER_PREFILL",
    "disable_flashinfer_q_quantization": "VLLM_FLASHINFER_DISABLE_Q_QUANTIZATION",
    "use_trtllm_attention": "VLLM_USE_TRTLLM_ATTENTION",
    "use_trtllm_ragged_deepseek_prefill": "VLLM_USE_TRTLLM_RAGGED_DEEPSEEK_PREFILL",
}
"""Of releases before ATTENTION_CONFIG_SINCE, by the key that it has had since."""
