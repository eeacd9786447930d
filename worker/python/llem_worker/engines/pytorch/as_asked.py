"""Compares a loaded model with what was asked for: the library replaces some of it where it cannot do so."""

from typing import Any

from ...config import DTYPES
from ...errors import WorkerError
from ...model_source import ModelSource
from .adapted import without_adapter
from .placement import check_placement
from .quantisation import quantisation_facts
from .settings import Settings
from . import messages


def check_as_asked(model: Any, config: dict[str, Any], settings: Settings, source: ModelSource) -> None:
    """Raises WorkerError where the model is placed, packed or computed otherwise than the study says."""
    if getattr(model.config, "is_encoder_decoder", False):
        raise WorkerError(
            "unsupported_model",
            messages.encoder_decoder(type(model).__name__),
        )
    check_placement(model, settings)
    _check_attention(model, settings)
    _check_window(model, settings)
    packed = None if source.gguf_file else quantisation_facts(model)
    _check_packing(model, settings, packed)
    if packed is None:
        _check_precision(model, config["precision"])


def attention_of(model: Any) -> str | None:
    """The implementation of attention that the loaded model computes with."""
    return getattr(_text_config(model), "_attn_implementation", None)


def _check_attention(model: Any, settings: Settings) -> None:
    asked, found = settings.section.get("attn_implementation"), attention_of(model)
    if asked is not None and found != asked:
        raise _otherwise(f"pytorch.attn_implementation: {asked}", model, messages.computes_with(found))


def _check_window(model: Any, settings: Settings) -> None:
    """Without a window in the model this cache is a static one under another name."""
    if settings.section.get("cache_implementation") != "sliding_window":
        return
    config = _text_config(model)
    layers = getattr(config, "layer_types", None) or ()
    if getattr(config, "sliding_window", None) is None and "sliding_attention" not in layers:
        setting = "pytorch.cache_implementation: sliding_window"
        raise _otherwise(setting, model, messages.has_no_window())


def _check_packing(model: Any, settings: Settings, packed: dict[str, Any] | None) -> None:
    for field in ("load_in_4bit", "load_in_8bit"):
        if settings.section.get(field) and (packed is None or not packed.get(field)):
            found = (
                messages.is_not_quantised()
                if packed is None
                else messages.is_quantised_with(packed["quant_method"])
            )
            raise _otherwise(f"pytorch.{field}", model, found)


def _check_precision(model: Any, precision: str) -> None:
    found = str(model.dtype).removeprefix("torch.")
    if found != DTYPES[precision]:
        raise _otherwise(f"precision: {precision}", model, messages.was_loaded_as(found))


def _text_config(model: Any) -> Any:
    return without_adapter(model).config.get_text_config(decoder=True)


def _otherwise(asked: str, model: Any, found: str) -> WorkerError:
    return WorkerError("unsupported_setting", messages.not_as_asked(asked, type(model).__name__, found))
