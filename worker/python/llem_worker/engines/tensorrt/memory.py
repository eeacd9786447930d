"""Memory of the engine: what its GPUs hold more than before it was loaded."""

from typing import Any

import torch

from ...memory import memory_levels, peak_rss_bytes, process_memory, reset_peak_rss, rss_bytes
from .devices import uses_gpus


def used_bytes() -> int | None:
    """In use on all GPUs that the run sees, by whomever; None without one."""
    if not uses_gpus():
        return None
    infos = [torch.cuda.mem_get_info(index) for index in range(torch.cuda.device_count())]
    return sum(total - free for free, total in infos)


class MemoryWatch:
    """Made when the model is loaded and nothing else has been done."""

    def __init__(self, used_before: int | None) -> None:
        self._before = used_before
        self._model = self._held()
        self._rss_bytes = rss_bytes()
        self._reset = False

    def reset_peak(self) -> None:
        """What is read later is the peak from now on."""
        self._reset = reset_peak_rss()

    def read(self) -> dict[str, Any]:
        """
        For the result. The engine takes weights, KV cache and buffers when it loads, so what its GPUs hold
        then and at the end tells its need; which part is which it does not say.
        """
        held = self._held()
        if self._model is None or held is None:
            levels, method = memory_levels(self._rss_bytes, peak_rss_bytes()), "process_rss"
        else:
            levels, method = memory_levels(self._model, max(self._model, held)), "device_used"
        since = "measure" if self._reset else "start of the process"
        return {**levels, "method": method, "peak_since": since, **process_memory()}

    def _held(self) -> int | None:
        now = used_bytes()
        return None if now is None or self._before is None else max(0, now - self._before)
