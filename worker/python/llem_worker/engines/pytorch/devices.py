"""The GPUs of a run, and waiting for them."""

from typing import Any

import torch


def wants_cuda(config: dict[str, Any]) -> bool:
    """True where a run of this configuration computes on the GPUs that are visible."""
    section = config.get("pytorch") or {}
    return torch.cuda.is_available() and section.get("device_map") != "cpu"


def make_contexts() -> None:
    """Makes a CUDA context on every visible GPU, as loading a model would."""
    for index in range(torch.cuda.device_count()):
        torch.cuda.synchronize(index)


def cuda_indices(model: Any) -> list[int]:
    """The GPUs that hold a part of the model; empty where it is on the CPU."""
    tensors = [*model.parameters(), *model.buffers()]
    return sorted({tensor.device.index or 0 for tensor in tensors if tensor.device.type == "cuda"})


def synchronise(indices: list[int]) -> None:
    """Returns when everything that was started on these GPUs is done."""
    for index in indices:
        torch.cuda.synchronize(index)
