"""Names and remedies for what torch and its libraries raise."""

from ...errors import WorkerError
from ...torch_failures import GpuRemedies, first_line, name_cuda_error, name_memory_failure
from . import messages

_REMEDIES = GpuRemedies(
    less_memory=messages.less_memory(),
    on_cpu=messages.run_on_cpu(),
    no_such_gpu=messages.names_missing_gpu(),
)


def name_torch_failure(error: BaseException) -> WorkerError | None:
    """The failure under a name of ours; None where it is none of torch's known ones."""
    text = str(error)
    memory = name_memory_failure(type(error).__name__, text, _REMEDIES)
    if memory is not None:
        return memory
    if "probability tensor contains" in text:
        return WorkerError("invalid_numbers", messages.invalid_probabilities())
    # Modes with CUDA graphs run first where the error comes from the model's own code.
    if type(error).__module__.startswith(("torch._dynamo", "torch._inductor")) or "CUDAGraphs" in text:
        return compile_failed(error)
    if isinstance(error, (RuntimeError, AssertionError)):
        return name_cuda_error(text, _REMEDIES)
    return None


def compile_failed(error: BaseException) -> WorkerError:
    """torch.compile could not do its work."""
    detail = first_line(str(error)) or type(error).__name__
    return WorkerError("compile_failed", messages.compile_failed(type(error).__name__, detail))
