"""What a run of TensorRT-LLM computes on."""

from typing import Any

import torch


def uses_gpus() -> bool:
    """False where torch finds no GPU: then the engine does not load, and says so itself."""
    return bool(torch.cuda.is_available())


def cuda_of_run() -> Any | None:
    """torch.cuda; None where there is no GPU."""
    return torch.cuda if uses_gpus() else None
