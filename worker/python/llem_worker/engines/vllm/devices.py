"""What a run of vLLM computes on."""

from vllm.platforms import current_platform

from ...hello import processor_name


def uses_gpus() -> bool:
    """True where this build of vLLM computes on GPUs."""
    return bool(current_platform.is_cuda_alike())


def device_names() -> list[str]:
    """For people. vLLM asks the driver, and leaves CUDA in this process alone."""
    if not uses_gpus():
        return [f"cpu: {processor_name()}"]
    indices = range(current_platform.device_count())
    return [f"cuda:{index}: {current_platform.get_device_name(index)}" for index in indices]
