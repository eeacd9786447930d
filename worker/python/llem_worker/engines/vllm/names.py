"""What the installed release of vLLM calls its settings, and the words that they take."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import import_module
from typing import Any, get_args

# Sections of the engine's arguments whose keys are known, by the class that holds them.
NESTED = {
    "attention_config": "AttentionConfig",
    "speculative_config": "SpeculativeConfig",
    "compilation_config": "CompilationConfig",
}
# Where the words of a setting stand; the newest place first.
_WORDS = {
    "kv_cache_dtype": (("vllm.config.cache", "CacheDType"),),
    "quantization": (("vllm.model_executor.layers.quantization", "QuantizationMethods"),),
    "attention_backend": (
        ("vllm.v1.attention.backends.registry", "AttentionBackendEnum"),
        ("vllm.attention.backends.registry", "AttentionBackendEnum"),
    ),
}


@dataclass(frozen=True)
class Names:
    """Of one release; tests make it from lists of names without the release."""

    release: str
    engine: frozenset[str]
    """Fields of EngineArgs."""
    sampling: frozenset[str]
    """Of SamplingParams."""
    beams: frozenset[str]
    """Of BeamSearchParams."""
    nested: Mapping[str, frozenset[str]]
    """Keys of the arguments in NESTED; one that is not there is not checked."""
    words: Mapping[str, frozenset[str]]
    """The words that a setting takes; one that is not there is not checked."""


def installed_names() -> Names:
    """Of the release that this process has imported."""
    import vllm
    from vllm import SamplingParams
    from vllm.engine.arg_utils import EngineArgs
    from vllm.sampling_params import BeamSearchParams

    nested = {name: _class_fields(kind) for name, kind in NESTED.items()}
    words = {setting: _words(places) for setting, places in _WORDS.items()}
    return Names(
        release=str(vllm.__version__),
        engine=frozenset(field.name for field in fields(EngineArgs)),
        sampling=_public(SamplingParams.__struct_fields__),
        beams=_public(BeamSearchParams.__struct_fields__),
        nested={name: found for name, found in nested.items() if found},
        words={setting: found for setting, found in words.items() if found},
    )


def _class_fields(kind: str) -> frozenset[str]:
    """Empty where the release has no such class."""
    found = _attribute("vllm.config", kind)
    return frozenset() if found is None else frozenset(field.name for field in fields(found))


def _words(places: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """Empty where they are not found: then the engine itself refuses what it does not know."""
    kinds = (_attribute(module, name) for module, name in places)
    found = next((kind for kind in kinds if kind is not None), None)
    members = getattr(found, "__members__", None)
    return frozenset(get_args(found) if members is None else members)


def _attribute(module: str, name: str) -> Any:
    try:
        return getattr(import_module(module), name, None)
    except ImportError:
        return None


def _public(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name for name in names if not name.startswith("_"))
