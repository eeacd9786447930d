"""The settings of the engine that runs: for the record, and compared with what the study asks for."""

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from ...errors import WorkerError
from .asked import Asked
from . import messages

# Parts of the engine's settings that are recorded.
PARTS = (
    "model_config",
    "cache_config",
    "scheduler_config",
    "parallel_config",
    "attention_config",
    "speculative_config",
    "compilation_config",
    "load_config",
    "offload_config",
    "lora_config",
)
# Where a name is looked for that says nothing of its place, in this order.
_SEARCHED = (
    "model_config",
    "cache_config",
    "scheduler_config",
    "parallel_config",
    "load_config",
    "offload_config",
    "lora_config",
    "kernel_config",
    "observability_config",
    "compilation_config",
)
_NOT_TOLD = object()
# Names of arguments that the engine's settings have under another one.
_OTHER_NAMES = {
    "kv_cache_dtype": "cache_dtype",
    "scheduling_policy": "policy",
    "lora_target_modules": "target_modules",
}
# Not settings, secret, other in every run, or as long as the model is deep.
_NOT_RECORDED = frozenset(
    {
        "compilation_time",
        "data_parallel_master_ip",
        "data_parallel_master_port",
        "data_parallel_rpc_port",
        "encoder_compilation_time",
        "hf_token",
        "hf_config",
        "hf_text_config",
        "disabled_custom_ops",
        "enabled_custom_ops",
        "master_addr",
        "master_port",
        "static_all_moe_layers",
        "static_forward_context",
        "traced_files",
    }
)
_MOST_ITEMS = 64
_MOST_CHARACTERS = 200


def resolved_settings(config: Any) -> dict[str, Any]:
    """Of a VllmConfig, as JSON: by its parts what has a plain value. Nulls and long values are left out."""
    parts = {name: getattr(config, name, None) for name in PARTS}
    return {name: _recorded(part) for name, part in parts.items() if is_dataclass(part)}


def check_as_asked(asked: Iterable[Asked], config: Any, attention: tuple[str, ...]) -> None:
    """
    Raises WorkerError where the engine computes otherwise than the study says. `attention` are the implementations
    that its layers have; empty where they are not seen.
    """
    for one in asked:
        if one.place == "attention_config" and one.name == "backend":
            if attention and one.value != "AUTO" and one.value not in attention:
                raise _otherwise(one, ", ".join(attention))
            continue
        found = _find(config, one)
        if found is not _NOT_TOLD and not _same(one, found, config):
            raise _otherwise(one, str(_shown(found)))


def attention_of(llm: Any) -> tuple[str, ...]:
    """Names of the implementations of attention that the layers of a loaded model have, on all devices."""
    return tuple(sorted({name for names in llm.collective_rpc("llem_attention") for name in names}))


def attention_of_layers(config: Any) -> list[str]:
    """The same of one device, from the VllmConfig that its process has."""
    layers = getattr(config.compilation_config, "static_forward_context", {}).values()
    kinds = (getattr(layer, "attn_backend", None) for layer in layers)
    return sorted({kind.get_name() for kind in kinds if hasattr(kind, "get_name")})


def _otherwise(asked: Asked, found: str) -> WorkerError:
    return WorkerError("unsupported_setting", messages.not_as_asked(asked.path, _shown(asked.value), found))


def _find(config: Any, asked: Asked) -> Any:
    """What the engine has for a setting; _NOT_TOLD where it does not tell, or nothing that can be compared."""
    name = _OTHER_NAMES.get(asked.name, asked.name)
    parts = (asked.place,) if asked.place is not None else _SEARCHED
    for part in (getattr(config, place, None) for place in parts):
        for section in _sections(part):
            if hasattr(section, name):
                value = getattr(section, name)
                plain = _plain(value)
                return _NOT_TOLD if plain is None and value is not None else plain
    return _NOT_TOLD


def _sections(part: Any) -> Iterator[Any]:
    """A part and the parts of it."""
    if is_dataclass(part):
        yield part
        for field in fields(part):
            below = getattr(part, field.name, None)
            if is_dataclass(below):
                yield below


def _same(asked: Asked, found: Any, config: Any) -> bool:
    value, name = asked.value, asked.name
    if name == "disable_custom_all_reduce" and config.parallel_config.world_size == 1:
        return True  # one device reduces nothing
    if name in ("quantization", "method"):
        # What is the same has longer names in some releases: gptq is gptq_marlin or auto_gptq, deepseek_mtp is mtp.
        return found is not None and (str(value) in str(found) or str(found) in str(value))
    if name == "kv_cache_dtype":
        # fp8 is short for fp8_e4m3, and some models have a layout of it of their own.
        return value in ("auto", found) or (value == "fp8" and str(found).startswith("fp8"))
    if name in ("model", "tokenizer") or isinstance(value, dict) or value in ("auto", -1):
        return True  # as it was loaded; or for the engine to choose
    if isinstance(found, list):
        # The engine sorts such lists and adds to some.
        items = value if isinstance(value, list) else [value]
        return all(_item(item) in map(_item, found) for item in items)
    if isinstance(found, _Word):
        return str(value).lower() in (found.name.lower(), str(found.value).lower())
    return _item(value) == _item(found)


class _Word:
    """One of some words that the engine has for a setting, with the number or text behind it."""

    def __init__(self, member: Enum) -> None:
        self.name, self.value = member.name, member.value


def _item(value: Any) -> Any:
    return value if isinstance(value, (bool, int, float)) else str(value)


def _plain(value: Any) -> Any:
    """A value that can be compared: a number, a text, a flag, a word or a list; None for any other."""
    if isinstance(value, Enum):
        return _Word(value)
    if isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_shown(_plain(item)) for item in value]
    text = str(value)
    return text.removeprefix("torch.") if text.startswith("torch.") else None


def _shown(value: Any) -> Any:
    """As JSON has it."""
    return value.name if isinstance(value, _Word) else value


def _recorded(part: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields(part):
        value = getattr(part, field.name, None)
        if field.name.startswith("_") or field.name in _NOT_RECORDED:
            continue
        plain = _recorded(value) if is_dataclass(value) else _shown(_plain(value))
        if plain not in (None, {}, [], "") and _is_short(plain):
            found[field.name] = plain
    return found


def _is_short(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= _MOST_ITEMS and all(item is not None and _is_short(item) for item in value)
    return not isinstance(value, str) or len(value) <= _MOST_CHARACTERS
