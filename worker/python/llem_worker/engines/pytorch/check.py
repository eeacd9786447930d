"""What this machine and this torch cannot do, said before anything is loaded."""

import os
import shutil
from typing import Any

from ...errors import WorkerError
from ...failures import missing_package
from .settings import Settings

_FLASH_PACKAGES = {
    "flash_attention_2": ("flash_attn", "flash-attn"),
    "flash_attention_3": ("flash_attn_interface", "flash-attn-3"),
}
_STATIC_CACHES = ("static", "offloaded_static", "sliding_window")


def check_settings(assignment: dict[str, Any], settings: Settings) -> None:
    """Raises WorkerError for what would fail late, or be left out in silence."""
    config = assignment["config"]
    section = {**settings.section, **settings.generation}
    _check_devices(assignment["devices"], section)
    _check_attention(section, config["precision"])
    _check_generation(section)
    _check_compile(section)
    _check_lora(config.get("lora"))


def has_cuda() -> bool:
    """True where torch sees a GPU that speaks CUDA (or ROCm, which torch calls by the same name)."""
    import torch

    return torch.cuda.is_available()


def _check_devices(devices: list[str], section: dict[str, Any]) -> None:
    if devices and section.get("device_map") != "cpu" and not has_cuda():
        raise WorkerError(
            "device_unavailable",
            f"The run is to use GPU {', '.join(devices)}, but this torch sees none: check nvidia-smi and "
            "that torch was built for CUDA, or leave out --devices.",
        )


def _check_attention(section: dict[str, Any], precision: str) -> None:
    asked = section.get("attn_implementation")
    if asked not in _FLASH_PACKAGES:
        return
    if not has_cuda():
        raise _impossible(f"pytorch.attn_implementation: {asked} needs a GPU with CUDA", "use sdpa or eager")
    if precision == "fp32":
        raise _impossible(f"pytorch.attn_implementation: {asked} cannot compute in fp32", "use bf16 or fp16")
    module, package = _FLASH_PACKAGES[asked]
    if not _is_installed(module):
        raise missing_package(package, f"pytorch.attn_implementation: {asked} needs it")


def _check_generation(section: dict[str, Any]) -> None:
    cache = section.get("cache_implementation")
    if cache == "offloaded_static" and not has_cuda():
        raise _impossible(
            "pytorch.cache_implementation: offloaded_static needs a GPU with CUDA", "use static"
        )
    if not section.get("prompt_lookup_num_tokens"):
        return
    lookup = "pytorch.prompt_lookup_num_tokens"
    if (section.get("num_beams") or 1) > 1:
        raise _impossible(f"{lookup} excludes num_beams above 1", "remove one of them")
    if (section.get("batch_size") or 1) > 1:
        raise _impossible(f"{lookup} works with single prompts only", "set batch_size: 1")
    if section.get("use_cache") is False:
        raise _impossible(f"{lookup} needs the cache", "remove use_cache: false")
    if cache in _STATIC_CACHES:
        raise _impossible(f"{lookup} excludes cache_implementation: {cache}", "remove one of them")


def _check_compile(section: dict[str, Any]) -> None:
    if not section.get("torch_compile"):
        return
    import torch._dynamo

    if not hasattr(torch._dynamo.config, "fail_on_recompile_limit_hit"):
        raise _impossible(
            "pytorch.torch_compile needs torch 2.7 or newer: an older one goes on without compiling, unasked",
            "upgrade torch, or remove torch_compile",
        )
    backend = section.get("torch_compile_backend") or "inductor"
    if backend not in torch._dynamo.list_backends(exclude_tags=()):
        known = {*torch._dynamo.list_backends(), "eager", "aot_eager"}
        raise _impossible(
            f"This torch has no compile backend {backend}", f"it has {', '.join(sorted(known))}"
        )
    mode = section.get("torch_compile_mode") or "default"
    if mode != "default" and backend in ("eager", "aot_eager"):
        raise _impossible(f"pytorch.torch_compile_backend: {backend} knows no mode {mode}", "use inductor")
    if backend == "inductor" and not _has_compiler():
        raise WorkerError(
            "missing_program",
            "pytorch.torch_compile needs a C++ compiler: install one (apt install g++), set CXX, "
            "or use torch_compile_backend: aot_eager.",
        )


def _check_lora(lora: dict[str, Any] | None) -> None:
    if lora is not None and not _is_installed("peft"):
        raise missing_package("peft", "lora needs it")


def _has_compiler() -> bool:
    named = os.environ.get("CXX")
    candidates = [named] if named else ["g++", "clang++", "c++"]
    return any(shutil.which(candidate) for candidate in candidates)


def _is_installed(module: str) -> bool:
    from importlib.util import find_spec

    return find_spec(module) is not None


def _impossible(what: str, remedy: str) -> WorkerError:
    return WorkerError("unsupported_setting", f"{what}: {remedy}.")
