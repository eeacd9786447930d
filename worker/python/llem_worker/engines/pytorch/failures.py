"""Names and remedies for what torch and its libraries raise."""

import re

from ...errors import WorkerError
from ...failures import describe, out_of_memory
from . import messages

_GIB_PER = {"bytes": 2**-30, "B": 2**-30, "KiB": 2**-20, "MiB": 2**-10, "GiB": 1.0, "TiB": 2.0**10}
_SIZE = r"([\d.]+) (bytes|B|KiB|MiB|GiB|TiB)"
# What the library writes, and the name of the size.
_SIZES = {
    "requested": re.compile(rf"Tried to allocate {_SIZE}"),
    "total": re.compile(rf"total capacity of {_SIZE}"),
    "free": re.compile(rf"of which {_SIZE} is free"),
    "own": re.compile(rf"allocated memory {_SIZE} is allocated by PyTorch"),
}
_CUDA_OOM_TEXTS = ("CUDA out of memory", "CUDA error: out of memory", "CUBLAS_STATUS_ALLOC_FAILED")
_HOST_OOM_TEXTS = ("DefaultCPUAllocator: can't allocate memory", "DefaultCPUAllocator: not enough memory")
# Text of the library, its remedy in messages.py, whether the same run may succeed the next time. The first that fits
# counts.
_CUDA_ERRORS = (
    ("busy or unavailable", "exclusive", True),
    ("device is busy", "busy", True),
    ("no CUDA-capable device", "invisible", False),
    ("No CUDA GPUs are available", "invisible", False),
    ("Found no NVIDIA driver", "no_driver", False),
    ("not compiled with CUDA", "no_cuda", False),
    ("driver version is insufficient", "old_driver", False),
    ("no kernel image is available", "other_gpu", False),
    ("invalid device ordinal", "no_such_gpu", False),
    ("device-side assert", "assertion", False),
    ("ECC error", "ecc", False),
    ("CUDA error:", "locate", False),
    ("CUDA driver error", "driver", False),
    ("CUBLAS_STATUS_", "locate", False),
    ("cuDNN error", "log", False),
    ("NCCL error", "nccl", False),
)


def name_torch_failure(error: BaseException) -> WorkerError | None:
    """The failure under a name of ours; None where it is none of torch's known ones."""
    text = str(error)
    if _is_cuda_oom(error, text):
        return _cuda_oom(text)
    if any(known in text for known in _HOST_OOM_TEXTS):
        return out_of_memory(_host_detail(text))
    if "probability tensor contains" in text:
        return WorkerError("invalid_numbers", messages.invalid_probabilities())
    # Modes with CUDA graphs run first where the error comes from the model's own code.
    if type(error).__module__.startswith(("torch._dynamo", "torch._inductor")) or "CUDAGraphs" in text:
        return compile_failed(error)
    for known, remedy, retryable in _CUDA_ERRORS:
        if known in text and isinstance(error, (RuntimeError, AssertionError)):
            message = messages.cuda_failed(_first_line(text), messages.cuda_remedy(remedy))
            return WorkerError("cuda_error", message, retryable)
    return None


def compile_failed(error: BaseException) -> WorkerError:
    """torch.compile could not do its work."""
    detail = _first_line(str(error)) or type(error).__name__
    return WorkerError("compile_failed", messages.compile_failed(type(error).__name__, detail))


def _is_cuda_oom(error: BaseException, text: str) -> bool:
    return type(error).__name__ == "OutOfMemoryError" or any(known in text for known in _CUDA_OOM_TEXTS)


def _cuda_oom(text: str) -> WorkerError:
    sizes = {kind: _gib(found) for kind, pattern in _SIZES.items() if (found := pattern.search(text))}
    detail = messages.gpu_memory_sizes(sizes) if sizes else _first_line(text)
    gpu = re.search(r"\bGPU (\d+)", text)
    return WorkerError("cuda_oom", messages.gpu_memory_full(gpu.group(1) if gpu else None, detail))


def _gib(found: "re.Match[str]") -> str:
    return f"{float(found.group(1)) * _GIB_PER[found.group(2)]:.2f}"


def _host_detail(text: str) -> str:
    asked = re.search(r"tried to allocate (\d+) bytes", text)
    if asked is None:
        return describe(RuntimeError(text))
    return messages.torch_requested(f"{int(asked.group(1)) / 2**30:.2f}")


def _first_line(text: str) -> str:
    return next((line.strip().rstrip(".") for line in text.splitlines() if line.strip()), "")
