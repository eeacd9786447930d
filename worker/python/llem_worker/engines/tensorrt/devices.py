"""What a run of TensorRT-LLM computes on."""

import torch

from ...hello import processor_name


def uses_gpus() -> bool:
    """False where torch finds no GPU: then the engine does not load, and says so itself."""
    return bool(torch.cuda.is_available())


def device_names() -> list[str]:
    """For people."""
    if not uses_gpus():
        return [f"cpu: {processor_name()}"]
    indices = range(torch.cuda.device_count())
    return [f"cuda:{index}: {torch.cuda.get_device_name(index)}" for index in indices]


def make_context(world_size: int) -> bool:
    """
    Makes a CUDA context on the GPU of a run, as loading would. False where there is none, or where the engine
    has processes of its own: a context of this process would be one more than the run has.
    """
    if not uses_gpus() or world_size > 1:
        return False
    torch.cuda.synchronize(0)
    return True
