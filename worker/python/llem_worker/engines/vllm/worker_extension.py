"""
Further methods of vLLM's own worker, which has one device: in this process, or in one of the engine's. They are
called by name through collective_rpc(). Releases differ in where they keep what is read here, so each part is read
by itself: what is not there costs that part and nothing else.
"""

import os
from collections.abc import Callable
from typing import Any

import torch

from ...failures import describe
from .resolved import attention_of_layers
from . import messages

NAME = f"{__name__}.WorkerExtension"
"""For `worker_extension_cls`."""

# Of torch's allocator: where everything is that has no pool of its own.
COMMON_POOL = (0, 0)


class Untold(Exception):
    """What is not known of a part, for people."""


class WorkerExtension:
    """Becomes a base of vLLM's worker class, so no name here may be one of its own."""

    def llem_reset_peak(self) -> bool:
        """The peak of llem_memory() counts from now on; False where nothing of the kind is counted."""
        if not _is_cuda(self):
            return False
        torch.cuda.reset_peak_memory_stats(self.device)  # type: ignore[attr-defined]
        return True

    def llem_memory(self) -> dict[str, Any]:
        """
        Of its device, in bytes: `parts` by name, None with a reason in `reasons` where they are not told, and on
        a GPU what torch's allocator held and holds.
        """
        parts: dict[str, int | None] = {}
        reasons: dict[str, str] = {}
        for name, read in _PARTS.items():
            try:
                parts[name] = read(self)
            except Untold as untold:
                parts[name], reasons[name] = None, str(untold)
            except Exception as error:
                parts[name], reasons[name] = None, messages.part_unreadable(describe(error))
        return {
            "device": str(getattr(self, "device", None)),
            "rank": getattr(self, "rank", None),
            "pid": os.getpid(),
            **(_allocator(self) if _is_cuda(self) else {}),
            "parts": parts,
            "reasons": reasons,
        }

    def llem_attention(self) -> list[str]:
        """The implementations of attention that its layers have."""
        return attention_of_layers(self.vllm_config)  # type: ignore[attr-defined]


def _is_cuda(worker: Any) -> bool:
    """True for NVIDIA and AMD: torch calls both so."""
    return getattr(getattr(worker, "device", None), "type", None) == "cuda"


def _allocator(worker: Any) -> dict[str, int]:
    device = worker.device
    return {
        "held_bytes": torch.cuda.memory_allocated(device),
        "peak_bytes": torch.cuda.max_memory_allocated(device),
        "reserved_bytes": torch.cuda.max_memory_reserved(device),
        "total_bytes": torch.cuda.get_device_properties(device).total_memory,
    }


def _weights(worker: Any) -> int:
    used = getattr(worker.model_runner, "model_memory_usage", None)
    if used is None:
        raise Untold(messages.part_untold() if _is_cuda(worker) else messages.part_untold_on_cpu())
    return int(used)


def _kv_cache(worker: Any) -> int:
    """Layers may be views of one storage, and a layer may have several tensors."""
    tensors = _tensors(worker.model_runner.kv_caches)
    if not tensors:
        raise Untold(messages.part_untold())
    storages = [tensor.untyped_storage() for tensor in tensors]
    return sum({storage.data_ptr(): storage.nbytes() for storage in storages}.values())


def _tensors(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    return [tensor for part in value for tensor in _tensors(part)] if isinstance(value, (list, tuple)) else []


def _activations(worker: Any) -> int:
    """The most that a forward pass of the largest batch took beside weights, as profiled at load."""
    if not _is_cuda(worker):
        raise Untold(messages.part_untold_on_cpu())
    peak = getattr(worker, "peak_activation_memory", None)
    if peak is None:
        fixed = getattr(worker.cache_config, "kv_cache_memory_bytes", None)
        raise Untold(messages.activations_not_profiled() if fixed else messages.part_untold())
    return max(0, int(peak) - _graphs_within_activations(worker))


def _graphs_within_activations(worker: Any) -> int:
    """Releases that ask the device what the engine consumes count the graphs they expect as activations."""
    import vllm.envs as envs

    estimated = getattr(envs, "VLLM_MEMORY_PROFILER_ESTIMATE_CUDAGRAPHS", False)
    if not estimated or not hasattr(worker, "total_consumed"):
        return 0
    return int(getattr(worker, "cudagraph_memory_estimate", 0))


def _graphs(worker: Any) -> int:
    """Captured graphs keep what they write in pools of their own; no release keeps the size that it logs."""
    if not _is_cuda(worker):
        raise Untold(messages.no_graphs_on_cpu())
    if getattr(worker.model_config, "enable_sleep_mode", False):
        raise Untold(messages.pools_of_sleep_mode())
    own = worker.device.index
    segments = [part for part in torch.cuda.memory_snapshot() if part.get("device", own) == own]
    return sum(part["total_size"] for part in segments if tuple(part["segment_pool_id"]) != COMMON_POOL)


def _beside_torch(worker: Any) -> int:
    """Of the engine, but not of torch: communication, libraries."""
    told = getattr(worker, "non_torch_memory", None)
    if told is None:
        raise Untold(messages.part_untold() if _is_cuda(worker) else messages.part_untold_on_cpu())
    return int(told)


_PARTS: dict[str, Callable[[Any], int]] = {
    "weights_bytes": _weights,
    "kv_cache_bytes": _kv_cache,
    "activations_bytes": _activations,
    "graphs_bytes": _graphs,
    "non_torch_bytes": _beside_torch,
}
