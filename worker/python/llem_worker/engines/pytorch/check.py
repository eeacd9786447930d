"""What this machine and this torch cannot do, said before anything is loaded."""

import os
import shutil
from typing import Any

from ...errors import WorkerError
from ...failures import missing_package
from .settings import Settings
from . import messages

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
            messages.gpu_not_seen(", ".join(devices)),
        )


def _check_attention(section: dict[str, Any], precision: str) -> None:
    asked = section.get("attn_implementation")
    if asked not in _FLASH_PACKAGES:
        return
    if not has_cuda():
        raise _impossible(messages.setting_needs_cuda(f"attn_implementation: {asked}", "use sdpa or eager"))
    if precision == "fp32":
        raise _impossible(messages.attention_not_in_fp32(asked))
    module, package = _FLASH_PACKAGES[asked]
    if not _is_installed(module):
        raise missing_package(package, messages.needed_by(f"pytorch.attn_implementation: {asked}"))


def _check_generation(section: dict[str, Any]) -> None:
    cache = section.get("cache_implementation")
    if cache == "offloaded_static" and not has_cuda():
        setting = "cache_implementation: offloaded_static"
        raise _impossible(messages.setting_needs_cuda(setting, "use static"))
    if not section.get("prompt_lookup_num_tokens"):
        return
    if (section.get("num_beams") or 1) > 1:
        raise _impossible(messages.lookup_excludes("num_beams above 1"))
    if (section.get("batch_size") or 1) > 1:
        raise _impossible(messages.lookup_needs_single_prompts())
    if section.get("use_cache") is False:
        raise _impossible(messages.lookup_needs_cache())
    if cache in _STATIC_CACHES:
        raise _impossible(messages.lookup_excludes(f"cache_implementation: {cache}"))


def _check_compile(section: dict[str, Any]) -> None:
    if not section.get("torch_compile"):
        return
    import torch._dynamo

    if not hasattr(torch._dynamo.config, "fail_on_recompile_limit_hit"):
        raise _impossible(messages.compile_needs_newer_torch())
    backend = section.get("torch_compile_backend") or "inductor"
    if backend not in torch._dynamo.list_backends(exclude_tags=()):
        known = {*torch._dynamo.list_backends(), "eager", "aot_eager"}
        raise _impossible(messages.no_such_compile_backend(backend, ", ".join(sorted(known))))
    mode = section.get("torch_compile_mode") or "default"
    if mode != "default" and backend in ("eager", "aot_eager"):
        raise _impossible(messages.compile_backend_without_mode(backend, mode))
    if backend == "inductor" and not _has_compiler():
        raise WorkerError("missing_program", messages.compile_needs_compiler())


def _check_lora(lora: dict[str, Any] | None) -> None:
    if lora is not None and not _is_installed("peft"):
        raise missing_package("peft", messages.needed_by("lora"))


def _has_compiler() -> bool:
    named = os.environ.get("CXX")
    candidates = [named] if named else ["g++", "clang++", "c++"]
    return any(shutil.which(candidate) for candidate in candidates)


def _is_installed(module: str) -> bool:
    from importlib.util import find_spec

    return find_spec(module) is not None


def _impossible(message: str) -> WorkerError:
    return WorkerError("unsupported_setting", message)
