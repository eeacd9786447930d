"""What is known of a model and of the engine once they are loaded."""

from typing import Any

from vllm import LLM

from ...model_source import ModelSource
from ...weights import Weights
from .environment import thread_facts
from .generate import has_processes
from .resolved import attention_of, resolved_settings
from .settings import Settings


def model_facts(llm: LLM, source: ModelSource, asked: str, weights: Weights) -> dict[str, Any]:
    """
    For the result: which model it is and how it is held in memory, under the names of the engine pytorch. What a
    model does not tell is None.
    """
    config = llm.llm_engine.vllm_config.model_config
    text = config.hf_text_config
    return {
        **source.facts(asked),
        "revision": source.revision or config.revision or getattr(config.hf_config, "_commit_hash", None),
        "architecture": next(iter(config.architectures), None),
        "type": config.hf_config.model_type,
        **weights.facts(),
        "dtype": str(config.dtype).removeprefix("torch."),
        "quantisation": _quantisation(config),
        "vocabulary_size": getattr(text, "vocab_size", None),
        "layers": getattr(text, "num_hidden_layers", None),
        "hidden_size": getattr(text, "hidden_size", None),
        "context_length": getattr(text, "max_position_embeddings", None),
    }


def settings_facts(llm: LLM, settings: Settings) -> dict[str, Any]:
    """For the result: what the engine made of the configuration."""
    config = llm.llm_engine.vllm_config
    return {
        "engine_processes": has_processes(llm.llm_engine),
        "max_model_len": config.model_config.max_model_len,
        "max_num_seqs": config.scheduler_config.max_num_seqs,
        "max_num_batched_tokens": config.scheduler_config.max_num_batched_tokens,
        "enable_prefix_caching": config.cache_config.enable_prefix_caching,
        "attention": list(attention_of(llm)),
        "resolved": resolved_settings(config),
        **thread_facts(),
    }


def _quantisation(config: Any) -> dict[str, Any] | None:
    """As the model's files tell it, under vLLM's name of the method; None where nothing is quantised."""
    if config.quantization is None:
        return None
    told = getattr(config.hf_config, "quantization_config", None)
    facts = told if isinstance(told, dict) else getattr(told, "__dict__", {})
    plain = {
        key: value
        for key, value in facts.items()
        if not key.startswith("_") and isinstance(value, (bool, int, float, str, list))
    }
    return {**plain, "quant_method": str(config.quantization)}
