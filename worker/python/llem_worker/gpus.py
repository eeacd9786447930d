"""GPUs as torch sees them. Engines that have torch pass its module `torch.cuda`, or None where a run uses no GPU."""

from typing import Any

from .hello import processor_name


def device_names(cuda: Any | None) -> list[str]:
    """What a run computes on, for people: every GPU that torch sees, or the processor."""
    if cuda is None:
        return [f"cpu: {processor_name()}"]
    return [f"cuda:{index}: {cuda.get_device_name(index)}" for index in range(cuda.device_count())]


def make_context(cuda: Any | None, world_size: int) -> bool:
    """
    Makes a CUDA context on the GPU of a run, as loading would. False where there is none, or where the engine has
    processes of its own: a context of this process would be one more than the run has.
    """
    if cuda is None or world_size > 1:
        return False
    cuda.synchronize(0)
    return True
