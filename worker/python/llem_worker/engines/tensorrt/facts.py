"""What is known of a model and of the engine once they are loaded."""

import enum
from typing import Any

from ...model_source import ModelSource
from ...weights import Weights
from .as_asked import resolved
from .engine_files import EngineConfig

# Arguments whose resolved values say how requests were scheduled and computed.
RECORDED = (
    "max_batch_size",
    "max_num_tokens",
    "max_seq_len",
    "max_input_len",
    "max_beam_width",
    "tensor_parallel_size",
    "pipeline_parallel_size",
    "dtype",
    "load_format",
    "attn_backend",
    "disable_overlap_scheduler",
    "enable_chunked_prefill",
    "stream_interval",
    "orchestrator_type",
)
CACHE_RECORDED = (
    "enable_block_reuse",
    "enable_partial_reuse",
    "free_gpu_memory_fraction",
    "max_tokens",
    "tokens_per_block",
    "dtype",
    "host_cache_size",
)


def model_facts(
    text: Any, source: ModelSource, asked: str, quantisation: str | None, dtype: str, weights: Weights
) -> dict[str, Any]:
    """For the result: which model it is and how it is held in memory. What a model does not tell is None."""
    architectures = getattr(text, "architectures", None) or []
    return {
        **source.facts(asked),
        "architecture": next(iter(architectures), None),
        "type": getattr(text, "model_type", None),
        "dtype": dtype,
        "quantisation": quantisation,
        "vocabulary_size": getattr(text, "vocab_size", None),
        "layers": getattr(text, "num_hidden_layers", None),
        "hidden_size": getattr(text, "hidden_size", None),
        "context_length": getattr(text, "max_position_embeddings", None),
        **weights.facts(),
    }


def settings_facts(args: Any, engine: EngineConfig | None, single_process: bool) -> dict[str, Any]:
    """For the result: what the engine made of the configuration."""
    cache = resolved(args, "kv_cache_config")
    graphs = resolved(args, "cuda_graph_config")
    return {
        "engine": "pytorch" if engine is None else "tensorrt",
        "engine_processes": not single_process,
        **({} if engine is None else {"engine_built_by": engine.release, "engine_limits": engine.limits}),
        **{name: _simple(resolved(args, name)) for name in RECORDED},
        "cuda_graphs": graphs is not None if engine is None else None,
        "speculative": _simple(getattr(resolved(args, "speculative_config"), "decoding_type", None)),
        "kv_cache": {name: _simple(getattr(cache, name, None)) for name in CACHE_RECORDED},
    }


def _simple(value: Any) -> Any:
    """As JSON holds it."""
    if isinstance(value, enum.Enum):
        return value.name.lower()
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
