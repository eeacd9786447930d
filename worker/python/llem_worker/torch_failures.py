"""Names and remedies for what torch says where memory or a GPU fails, for every engine that computes with it."""

import re
from dataclasses import dataclass

from .errors import WorkerError
from .failures import describe_text, out_of_memory
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


@dataclass(frozen=True)
class GpuRemedies:
    """What helps with this engine."""

    less_memory: str
    """A sentence without its full stop."""
    on_cpu: str
    """How to run without a GPU; what follows "or"."""
    no_such_gpu: str
    """Which settings name a GPU that is not there."""


def name_memory_failure(kind: str, text: str, remedies: GpuRemedies) -> WorkerError | None:
    """By the name of an exception's class and its text; None where memory is not the cause."""
    if kind == "OutOfMemoryError" or any(known in text for known in _CUDA_OOM_TEXTS):
        return _cuda_oom(text, remedies)
    if any(known in text for known in _HOST_OOM_TEXTS):
        return out_of_memory(_host_detail(text))
    return None


def name_cuda_error(text: str, remedies: GpuRemedies) -> WorkerError | None:
    """By an exception's text; None where it is no known failure of a GPU."""
    for known, remedy, retryable in _CUDA_ERRORS:
        if known in text:
            message = messages.cuda_failed(first_line(text), messages.cuda_remedy(remedy, remedies.on_cpu, remedies.no_such_gpu))
            return WorkerError("cuda_error", message, retryable)
    return None


def first_line(text: str) -> str:
    """The first line with something in it, without its full stop."""
    return next((line.strip().rstrip(".") for line in text.splitlines() if line.strip()), "")


def _cuda_oom(text: str, remedies: GpuRemedies) -> WorkerError:
    sizes = {kind: _gib(found) for kind, pattern in _SIZES.items() if (found := pattern.search(text))}
    detail = messages.gpu_memory_sizes(sizes) if sizes else first_line(text)
    gpu = re.search(r"\bGPU (\d+)", text)
    message = messages.gpu_memory_full(gpu.group(1) if gpu else None, detail, remedies.less_memory)
    return WorkerError("cuda_oom", message)


def _gib(found: "re.Match[str]") -> str:
    return f"{float(found.group(1)) * _GIB_PER[found.group(2)]:.2f}"


def _host_detail(text: str) -> str:
    asked = re.search(r"tried to allocate (\d+) bytes", text)
    if asked is None:
        return describe_text("RuntimeError", text)
    return messages.torch_requested(f"{int(asked.group(1)) / 2**30:.2f}")
