"""Names and remedies for what torch and its libraries raise."""

import re

from ...errors import WorkerError
from ...failures import describe, out_of_memory

_GIB_PER = {"bytes": 2**-30, "B": 2**-30, "KiB": 2**-20, "MiB": 2**-10, "GiB": 1.0, "TiB": 2.0**10}
_SIZE = r"([\d.]+) (bytes|B|KiB|MiB|GiB|TiB)"
# What the library tells, and how we say it.
_SIZES = (
    (re.compile(rf"Tried to allocate {_SIZE}"), "asked for {} GiB"),
    (re.compile(rf"total capacity of {_SIZE}"), "of {} GiB in all"),
    (re.compile(rf"of which {_SIZE} is free"), "{} GiB free"),
    (re.compile(rf"allocated memory {_SIZE} is allocated by PyTorch"), "{} GiB held by this run"),
)
_CUDA_OOM_REMEDY = (
    "Use a smaller pytorch.batch_size, max_output_tokens or precision, quantise (load_in_8bit, "
    "load_in_4bit), or spread the model with pytorch.max_memory"
)
_CUDA_OOM_TEXTS = ("CUDA out of memory", "CUDA error: out of memory", "CUBLAS_STATUS_ALLOC_FAILED")
_HOST_OOM_TEXTS = ("DefaultCPUAllocator: can't allocate memory", "DefaultCPUAllocator: not enough memory")
# Text of the library, remedy, whether the same run may succeed the next time. The first that fits counts.
_CUDA_ERRORS = (
    (
        "busy or unavailable",
        "another program may hold the GPU, or it is in exclusive mode: see nvidia-smi",
        True,
    ),
    ("device is busy", "another program holds the GPU: see nvidia-smi", True),
    ("no CUDA-capable device", "check nvidia-smi and CUDA_VISIBLE_DEVICES", False),
    ("No CUDA GPUs are available", "check nvidia-smi and CUDA_VISIBLE_DEVICES", False),
    ("Found no NVIDIA driver", "install the driver, or run on the CPU: pytorch.device_map: cpu", False),
    (
        "not compiled with CUDA",
        "install a torch with CUDA, or run on the CPU: pytorch.device_map: cpu",
        False,
    ),
    ("driver version is insufficient", "update the NVIDIA driver, or install a torch for this one", False),
    ("no kernel image is available", "install a torch that was built for this GPU", False),
    ("invalid device ordinal", "pytorch.device_map or max_memory names a GPU that is not there", False),
    (
        "device-side assert",
        "often a token that the model does not know, or probabilities that are no numbers (bf16 may help)",
        False,
    ),
    ("ECC error", "the GPU's memory is failing: see nvidia-smi -q -d ECC", False),
    ("CUDA error:", "see worker.log; CUDA_LAUNCH_BLOCKING=1 shows the place", False),
    ("CUDA driver error", "see worker.log and nvidia-smi", False),
    ("CUBLAS_STATUS_", "see worker.log; CUDA_LAUNCH_BLOCKING=1 shows the place", False),
    ("cuDNN error", "see worker.log", False),
    ("NCCL error", "see worker.log; NCCL_DEBUG=INFO tells more", False),
)


def name_torch_failure(error: BaseException) -> WorkerError | None:
    """The failure under a name of ours; None where it is none of torch's known ones."""
    text = str(error)
    if _is_cuda_oom(error, text):
        return _cuda_oom(text)
    if any(known in text for known in _HOST_OOM_TEXTS):
        return out_of_memory(_host_detail(text))
    if "probability tensor contains" in text:
        return WorkerError(
            "invalid_numbers",
            "The model gives probabilities that are no numbers, so no token can be drawn; fp16 is often too "
            "narrow: use precision: bf16 or fp32.",
        )
    # Modes with CUDA graphs run first where the error comes from the model's own code.
    if type(error).__module__.startswith(("torch._dynamo", "torch._inductor")) or "CUDAGraphs" in text:
        return compile_failed(error)
    for known, remedy, retryable in _CUDA_ERRORS:
        if known in text and isinstance(error, (RuntimeError, AssertionError)):
            return WorkerError(
                "cuda_error", f"CUDA failed: {_first_line(text)}. Remedy: {remedy}.", retryable
            )
    return None


def compile_failed(error: BaseException) -> WorkerError:
    """torch.compile could not do its work."""
    detail = _first_line(str(error)) or type(error).__name__
    return WorkerError(
        "compile_failed",
        f"torch.compile failed: {type(error).__name__}: {detail}. Set pytorch.torch_compile: false, "
        "or another torch_compile_backend or torch_compile_mode; the traceback says more.",
    )


def _is_cuda_oom(error: BaseException, text: str) -> bool:
    return type(error).__name__ == "OutOfMemoryError" or any(known in text for known in _CUDA_OOM_TEXTS)


def _cuda_oom(text: str) -> WorkerError:
    sizes = [words.format(_gib(found)) for pattern, words in _SIZES if (found := pattern.search(text))]
    told = ", ".join(sizes) if sizes else _first_line(text)
    gpu = re.search(r"\bGPU (\d+)", text)
    name = f" of GPU {gpu.group(1)}" if gpu else ""
    return WorkerError("cuda_oom", f"The memory{name} is not enough: {told}. {_CUDA_OOM_REMEDY}.")


def _gib(found: "re.Match[str]") -> str:
    return f"{float(found.group(1)) * _GIB_PER[found.group(2)]:.2f}"


def _host_detail(text: str) -> str:
    asked = re.search(r"tried to allocate (\d+) bytes", text)
    return f"torch asked for {int(asked.group(1)) / 2**30:.2f} GiB" if asked else describe(RuntimeError(text))


def _first_line(text: str) -> str:
    return next((line.strip().rstrip(".") for line in text.splitlines() if line.strip()), "")
