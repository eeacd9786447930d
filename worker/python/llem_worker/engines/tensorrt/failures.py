"""Names and remedies for what TensorRT-LLM and its libraries raise."""

import re
from collections.abc import Callable

from ...errors import WorkerError
from . import messages

# Texts of the library, in the order in which they are looked for: the first that fits counts. What says more stands
# before what says less.
_Known = tuple[str, str, Callable[[str], str], bool]
_KNOWN: tuple[_Known, ...] = (
    ("Executor creation failed due to insufficient GPU memory", "cuda_oom", messages.memory_table, False),
    ("Insufficient GPU memory", "cuda_oom", messages.gpu_memory_full, False),
    ("out of memory", "cuda_oom", messages.gpu_memory_full, False),
    ("got invalid argument", "bad_setting", messages.argument_refused, False),
    ("are specific to TensorRT backend", "bad_setting", messages.argument_of_engines, False),
    ("GPUs are available, but", "too_few_gpus", messages.too_few_gpus, False),
    ("should not exceed max_num_tokens", "prompt_too_long", messages.prompt_above_tokens, False),
    ("should not exceed max_seq_len", "prompt_too_long", messages.prompt_above_length, False),
    ("exceeds maximum input length", "prompt_too_long", messages.prompt_above_input, False),
    ("exceed max_beam_width", "bad_setting", messages.beams_above_limit, False),
    ("Greedy decoding in the LLM API", "bad_setting", messages.greedy_choices, False),
    ("GPUs do not support bfloat16", "unsupported_setting", messages.no_bfloat16, False),
    ("busy or unavailable", "cuda_error", messages.gpu_busy, True),
    ("No CUDA GPUs are available", "device_unavailable", messages.no_gpu, False),
    ("Found no NVIDIA driver", "device_unavailable", messages.no_gpu, False),
    ("no CUDA-capable device", "device_unavailable", messages.no_gpu, False),
    ("not compiled with CUDA", "device_unavailable", messages.no_gpu, False),
    ("driver version is insufficient", "device_unavailable", messages.old_driver, False),
    ("no kernel image is available", "device_unavailable", messages.other_gpu, False),
    ("NCCL error", "nccl_error", messages.nccl_failed, False),
    ("trust_remote_code", "remote_code", messages.needs_remote_code, False),
    ("Unknown architecture for AutoModelForCausalLM", "unsupported_model", messages.unknown_architecture, False),
    ("does not recognize this architecture", "unsupported_model", messages.unknown_architecture, False),
    ("Unsupported architecture", "unsupported_model", messages.unknown_architecture, False),
    ("different from the one used to build the engine", "bad_engine", messages.engine_of_other_release, False),
    ("engine plan file is not compatible", "bad_engine", messages.engine_of_other_release, False),
    ("Error deserializing CUDA engine", "bad_engine", messages.engine_of_other_release, False),
    ("Failed to deserialize cuda engine", "bad_engine", messages.engine_of_other_release, False),
    ("libmpi", "missing_library", messages.no_mpi, False),
    ("cannot load MPI library", "missing_library", messages.no_mpi, False),
    ("MPI_Comm_spawn", "mpi_failed", messages.mpi_failed, False),
)
# What wraps a failure of a process of the engine: the cause stands in the chain, or in the log alone.
_WRAPPERS = ("Executor worker died during initialization", "Executor worker returned error")


def name_tensorrt_failure(error: BaseException) -> WorkerError | None:
    """The failure under a name of ours; None where it is none of the known ones."""
    if any(wrapper in str(error) for wrapper in _WRAPPERS):
        return _of_process(error)
    return _by_text(str(error))


def _of_process(error: BaseException) -> WorkerError:
    """A process of the engine failed: by its first cause that is known, however many errors its teardown added."""
    causes: list[BaseException] = []
    link = error.__cause__ or error.__context__
    while link is not None and link not in causes:
        causes.append(link)
        link = link.__cause__ or link.__context__
    for cause in reversed(causes):
        named = _by_text(str(cause))
        if named is not None:
            return named
    detail = _line(str(causes[-1])) if causes else None
    return WorkerError("engine_process_failed", messages.engine_process_failed(detail))


def _by_text(text: str) -> WorkerError | None:
    for known, error_type, message, retryable in _KNOWN:
        if known in text:
            return WorkerError(error_type, message(_around(text, known)), retryable)
    return None


def _around(text: str, known: str) -> str:
    """What is told of it: the whole table where the engine lists its components, else the line."""
    if known.startswith("Executor creation failed"):
        return text[text.index(known) :]
    return _line(text, known)


def _line(text: str, known: str = "") -> str:
    """The first line that holds it, without a full stop."""
    lines = (line.strip() for line in text.splitlines())
    found = next((line for line in lines if line and known in line), "")
    return re.sub(r"^(\[TRT-LLM\]|\[TensorRT-LLM\])\s*(\[\w+\])?\s*", "", found)[:500].rstrip(".")
