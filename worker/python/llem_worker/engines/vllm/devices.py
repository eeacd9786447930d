"""What a run of vLLM computes on."""

from typing import Any

import torch
from vllm.platforms import current_platform

from ...hello import processor_name
from .environment import world_size


def uses_gpus() -> bool:
    """True where this build of vLLM computes on GPUs."""
    return bool(current_platform.is_cuda_alike())


def device_names() -> list[str]:
    """For people."""
    if not uses_gpus():
        return [f"cpu: {processor_name()}"]
    indices = range(current_platform.device_count())
    return [f"cuda:{index}: {current_platform.get_device_name(index)}" for index in indices]


def make_contexts(config: dict[str, Any]) -> bool:
    """
    Makes a CUDA context on the GPU of a run, as loading would. False where there is none, or where the engine has
    processes of its own: a context of this process would be one more than the run has.
    """
    if not uses_gpus() or world_size(config) > 1:
        return False
    torch.cuda.synchronize(0)
    return True
