"""What is known of a model and of the engine once they are loaded."""

from typing import Any

from vllm import LLM

from ...model_source import ModelSource
from .resolved import attention_of, resolved_settings
from .settings import Settings


def model_facts(llm: LLM, source: ModelSource, asked: str) -> dict[str, Any]:
    """For the result: which model it is and how it is held in memory. What a model does not tell is None."""
    config = llm.llm_engine.vllm_config.model_config
    text = config.hf_text_config
    return {
        "name": asked,
        "kind": source.kind,
        "path": source.path,
        "hub_id": source.hub_id,
        "revision": source.revision,
        "architecture": next(iter(config.architectures), None),
        "type": text.model_type,
        "dtype": str(config.dtype).removeprefix("torch."),
        "quantisation": config.quantization,
        "vocabulary_size": config.get_vocab_size(),
        "layers": getattr(text, "num_hidden_layers", None),
        "hidden_size": getattr(text, "hidden_size", None),
        "context_length": getattr(text, "max_position_embeddings", None),
    }


def settings_facts(llm: LLM, settings: Settings) -> dict[str, Any]:
    """For the result: what the engine made of the configuration."""
    config = llm.llm_engine.vllm_config
    return {
        "engine_processes": not hasattr(llm.llm_engine, "model_executor"),
        "max_model_len": config.model_config.max_model_len,
        "max_num_seqs": config.scheduler_config.max_num_seqs,
        "max_num_batched_tokens": config.scheduler_config.max_num_batched_tokens,
        "enable_prefix_caching": config.cache_config.enable_prefix_caching,
        "attention": sorted(attention_of(config)) or None,
        "resolved": resolved_settings(config),
    }
