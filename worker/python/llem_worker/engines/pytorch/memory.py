"""Memory of the model and of inference: of the GPUs that hold it, or of this process where none does."""

from typing import Any

import torch

from ...memory import memory_levels, peak_rss_bytes, process_memory, reset_peak_rss, rss_bytes

# Every page of a mapped file has to be touched once; none is smaller.
PAGE_BYTES = 4096


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
        self._rss_bytes = rss_bytes()
        self._reset = False

    def reset_peak(self) -> None:
        """What is read later is the peak from now on."""
        for index in self.gpus:
            torch.cuda.reset_peak_memory_stats(index)
        self._reset = bool(self.gpus) or reset_peak_rss()

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
        return {**memory_levels(sum(self._model_bytes), sum(peaks)), "method": "cuda_allocator", "per_device": rows}

    def _of_process(self) -> dict[str, Any]:
        """What the process holds counts the interpreter and its libraries too; the model holds its weights."""
        levels = {**memory_levels(self._rss_bytes, peak_rss_bytes()), "model_bytes": self._weights_bytes}
        return {**levels, "loaded_rss_bytes": self._rss_bytes, "method": "process_rss"}


def _weights_bytes(model: Any) -> int:
    """Tied weights, which several modules share, count once."""
    tensors = {tensor.data_ptr(): tensor.nbytes for tensor in [*model.parameters(), *model.buffers()]}
    return sum(tensors.values())
