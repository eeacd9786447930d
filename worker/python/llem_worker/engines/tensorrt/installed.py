"""What the installed release of TensorRT-LLM takes: its classes, and the names of their fields."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from .releases import installed_release

# Arguments of LLM that are classes of their own, by the name of the class.
NESTED = {"kv_cache_config": "KvCacheConfig", "cuda_graph_config": "CudaGraphConfig"}


@dataclass(frozen=True)
class Installed:
    """Names that one of its two backends knows."""

    release: str
    engine_files: bool
    """True for the backend that runs engine files, False for the PyTorch backend."""
    arguments: frozenset[str]
    """Of LLM."""
    sampling: frozenset[str]
    """Of SamplingParams."""
    nested: dict[str, frozenset[str]]
    """Of the classes in NESTED that this release has, by the argument."""


def llm_class(engine_files: bool) -> Any:
    """The class that runs a model, or engine files."""
    if engine_files:
        from tensorrt_llm._tensorrt_engine import LLM as EngineLlm

        return EngineLlm
    from tensorrt_llm import LLM

    return LLM


def nested_class(argument: str) -> Any:
    """The class of a nested argument; None where this release has none of that name."""
    import tensorrt_llm.llmapi as api

    return getattr(api, NESTED[argument], None)


def installed(engine_files: bool) -> Installed:
    """Of the release that is imported."""
    from tensorrt_llm import SamplingParams
    from tensorrt_llm.llmapi import llm_args

    if engine_files:
        arguments = llm_args.TrtLlmArgs
    else:
        arguments = getattr(llm_args, "TorchLlmArgs", None) or llm_args.LlmArgs
    classes = {name: nested_class(name) for name in NESTED}
    return Installed(
        release=installed_release(),
        engine_files=engine_files,
        arguments=_names(arguments),
        sampling=_names(SamplingParams),
        nested={name: _names(found) for name, found in classes.items() if found is not None},
    )


def speculative_config(value: dict[str, Any]) -> Any:
    """As LLM takes it: by the class that its `decoding_type` names, where the release makes it so."""
    from tensorrt_llm.llmapi import llm_args

    base = getattr(llm_args, "DecodingBaseConfig", None)
    make = getattr(base, "from_dict", None)
    return value if make is None else make(value)


def _names(found: Any) -> frozenset[str]:
    """The fields of a pydantic model or of a dataclass, but for private ones."""
    fields = getattr(found, "model_fields", None)
    if fields is None:
        fields = {field.name for field in dataclasses.fields(found)}
    return frozenset(name for name in fields if not name.startswith("_"))
