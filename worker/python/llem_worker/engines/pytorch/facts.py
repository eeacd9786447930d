"""What is known of a model once it is loaded."""

from typing import Any

from ...model_source import ModelSource
from .adapted import without_adapter
from .as_asked import attention_of
from .generation_config import in_words
from .placement import told_placement
from .quantisation import quantisation_facts


def model_facts(
    model: Any, source: ModelSource, asked: str, adapter: dict[str, Any] | None
) -> dict[str, Any]:
    """For the result: which model it is and how it is held in memory. What a model does not tell is None."""
    inner = without_adapter(model)
    text = inner.config.get_text_config(decoder=True)
    return {
        **source.facts(asked),
        "revision": source.revision or getattr(inner.config, "_commit_hash", None),
        "architecture": type(inner).__name__,
        "type": inner.config.model_type,
        "parameters": inner.num_parameters() - _adapter_parameters(model, adapter),
        "bytes": inner.get_memory_footprint(),
        "dtype": dtype_name(inner.dtype),
        "dtypes": _dtypes(inner),
        "quantisation": _unpacked(inner) if source.gguf_file else quantisation_facts(inner),
        "vocabulary_size": getattr(text, "vocab_size", None),
        "layers": getattr(text, "num_hidden_layers", None),
        "hidden_size": getattr(text, "hidden_size", None),
        "context_length": getattr(text, "max_position_embeddings", None),
        "adapter": adapter,
    }


def _unpacked(model: Any) -> dict[str, Any]:
    """A GGUF file's weights may be packed in it; in memory they are not."""
    return {"quant_method": "gguf", "unpacked_to": dtype_name(model.dtype)}


def settings_facts(
    model: Any, tokenizer: Any, config: dict[str, Any], generation: Any, compiled: dict[str, Any] | None
) -> dict[str, Any]:
    """For the result: what the engine made of the configuration."""
    import torch

    cached = generation.use_cache is not False
    return {
        "attn_implementation": attention_of(model),
        "device_map": told_placement(without_adapter(model)),
        "compiled": compiled,
        "use_cache": cached,
        "cache_implementation": (generation.cache_implementation or "dynamic") if cached else None,
        "num_beams": generation.num_beams or 1,
        "sampling": in_words(config, generation),
        "padding_side": tokenizer.padding_side,
        "padding_token": tokenizer.pad_token,
        "threads": torch.get_num_threads(),
    }


def dtype_name(dtype: Any) -> str:
    """A torch.dtype without the library's name: bfloat16."""
    return str(dtype).removeprefix("torch.")


def _dtypes(model: Any) -> dict[str, int]:
    """How many stored numbers there are of each format."""
    counts: dict[str, int] = {}
    for weight in model.parameters():
        name = dtype_name(weight.dtype)
        counts[name] = counts.get(name, 0) + weight.numel()
    return counts


def _adapter_parameters(model: Any, adapter: dict[str, Any] | None) -> int:
    """Those of an adapter that still stands beside the weights."""
    return 0 if adapter is None or adapter["merged"] else int(adapter["parameters"])
