"""Memory of the model and of inference: of the GPUs that hold it, or of this process where none does."""

from pathlib import Path
from typing import Any

import torch

# Every page of a mapped file has to be touched once; none is smaller.
PAGE_BYTES = 4096


def process_memory() -> dict[str, int | None]:
    """Of this process; None where /proc does not say."""
    return {"rss_bytes": _status("VmRSS"), "peak_rss_bytes": _status("VmHWM")}


def touch_weights(model: Any) -> None:
    """Reads weights that are mapped from files, so that loading is over when it says so."""
    for parameter in model.parameters():
        plain = type(parameter.data) is torch.Tensor and parameter.is_contiguous()
        if plain and parameter.numel() > 0 and parameter.device.type == "cpu":
            parameter.detach().view(-1).view(torch.uint8)[::PAGE_BYTES].max()


class MemoryWatch:
    """Made when the model is loaded and nothing else has been done."""

    def __init__(self, model: Any, gpus: list[int]) -> None:
        self.gpus = gpus
        self._weights_bytes = _weights_bytes(model)
        self._model_bytes = [torch.cuda.memory_allocated(index) for index in gpus]
        self._rss_bytes = _status("VmRSS")
        self._reset = False

    def reset_peak(self) -> None:
        """What is read later is the peak from now on."""
        for index in self.gpus:
            torch.cuda.reset_peak_memory_stats(index)
        self._reset = bool(self.gpus) or _reset_rss_peak()

    def read(self) -> dict[str, Any]:
        """For the result."""
        return {
            **(self._of_gpus() if self.gpus else self._of_process()),
            "weights_bytes": self._weights_bytes,
            "peak_since": "measure" if self._reset else "start of the process",
            **process_memory(),
        }

    def _of_gpus(self) -> dict[str, Any]:
        peaks = [torch.cuda.max_memory_allocated(index) for index in self.gpus]
        rows = [
            {
                "device": f"cuda:{index}",
                "model_bytes": model,
                "peak_bytes": peak,
                "reserved_bytes": torch.cuda.max_memory_reserved(index),
                "total_bytes": torch.cuda.get_device_properties(index).total_memory,
            }
            for index, model, peak in zip(self.gpus, self._model_bytes, peaks)
        ]
        return {**_levels(sum(self._model_bytes), sum(peaks)), "method": "cuda_allocator", "per_device": rows}

    def _of_process(self) -> dict[str, Any]:
        """What the process holds counts the interpreter and its libraries too; the model holds its weights."""
        levels = {**_levels(self._rss_bytes, _status("VmHWM")), "model_bytes": self._weights_bytes}
        return {**levels, "loaded_rss_bytes": self._rss_bytes, "method": "process_rss"}


def _levels(model: int | None, peak: int | None) -> dict[str, int | None]:
    inference = None if model is None or peak is None else max(0, peak - model)
    return {"model_bytes": model, "peak_bytes": peak, "inference_bytes": inference}


def _weights_bytes(model: Any) -> int:
    """Tied weights, which several modules share, count once."""
    tensors = {tensor.data_ptr(): tensor.nbytes for tensor in [*model.parameters(), *model.buffers()]}
    return sum(tensors.values())


def _reset_rss_peak() -> bool:
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    return True


def _status(field: str) -> int | None:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    value = next((line.split()[1] for line in lines if line.startswith(f"{field}:")), None)
    return None if value is None else int(value) * 1024
