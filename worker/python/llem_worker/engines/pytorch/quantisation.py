"""Weights in fewer bits."""

from typing import Any

from ...errors import WorkerError
from ...failures import missing_package
from .settings import Settings
from . import messages


def quantisation_arguments(settings: Settings) -> dict[str, Any]:
    """Arguments of from_pretrained that quantise with bitsandbytes; empty where nothing is asked for."""
    section = settings.section
    in_4bit, in_8bit = bool(section.get("load_in_4bit")), bool(section.get("load_in_8bit"))
    if not in_4bit and not in_8bit:
        return {}
    if "quantization_config" in settings.loading:
        raise WorkerError("bad_setting", messages.quantisation_given_twice())
    _need_bitsandbytes()
    from transformers import BitsAndBytesConfig

    if in_8bit:
        return {"quantization_config": BitsAndBytesConfig(load_in_8bit=True)}
    return {"quantization_config": BitsAndBytesConfig(load_in_4bit=True, **_given(section))}


def gguf_arguments(settings: Settings) -> dict[str, Any]:
    """Unpacks the weights of a GGUF file, also where the library could compute with packed ones."""
    if settings.section.get("load_in_4bit") or settings.section.get("load_in_8bit"):
        raise WorkerError("unsupported_setting", messages.gguf_already_quantised())
    try:
        from transformers import GgufConfig
    except ImportError:
        return {}  # a release that always unpacks
    return {"quantization_config": GgufConfig(dequantize=True)}


def quantisation_facts(model: Any) -> dict[str, Any] | None:
    """How the weights are packed, by this run or by whoever published the model; None where they are not."""
    config = getattr(model.config, "quantization_config", None)
    if config is None:
        return None
    told = config if isinstance(config, dict) else config.to_dict()
    method = told.get("quant_method")
    facts = {
        key: _plain(value) for key, value in told.items() if not key.startswith("_") and value is not None
    }
    return {**facts, "quant_method": str(getattr(method, "value", method))}


def _given(section: dict[str, Any]) -> dict[str, Any]:
    names = ("bnb_4bit_compute_dtype", "bnb_4bit_quant_type", "bnb_4bit_use_double_quant")
    return {name: section[name] for name in names if name in section}


def _need_bitsandbytes() -> None:
    from transformers.utils import is_bitsandbytes_available

    if not is_bitsandbytes_available():
        raise missing_package("bitsandbytes", messages.needed_by("pytorch.load_in_4bit or load_in_8bit"))


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return str(getattr(value, "value", value)).removeprefix("torch.")
