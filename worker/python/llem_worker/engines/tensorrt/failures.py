"""Names and remedies for what TensorRT-LLM and its libraries raise."""

import re
from collections.abc import Callable

from ...errors import WorkerError
from ...torch_failures import GpuRemedies, name_cuda_error, name_memory_failure
from . import messages

_REMEDIES = GpuRemedies(
    less_memory=messages.less_memory(),
    on_cpu=messages.other_backend(),
    no_such_gpu=messages.sizes_of_gpus(),
)

# Texts of the library, in the order in which they are looked for: the first that fits counts. What says more stands
# before what says less.
_Known = tuple[str, str, Callable[[str], str]]
_KNOWN: tuple[_Known, ...] = (
    ("Executor creation failed due to insufficient GPU memory", "cuda_oom", messages.memory_table),
    ("): out of memory", "cuda_oom", messages.gpu_memory_full),  # of its C++ part, as cudaMallocAsync(...)
    ("got invalid argument", "bad_setting", messages.argument_refused),
    ("are specific to TensorRT backend", "bad_setting", messages.argument_of_engines),
    ("GPUs are available, but", "too_few_gpus", messages.too_few_gpus),
    ("should not exceed max_num_tokens", "prompt_too_long", messages.prompt_above_tokens),
    ("should not exceed max_seq_len", "prompt_too_long", messages.prompt_above_length),
    ("exceeds maximum input length", "prompt_too_long", messages.prompt_above_input),
    ("exceed max_beam_width", "bad_setting", messages.beams_above_limit),
    ("Greedy decoding in the LLM API", "bad_setting", messages.greedy_choices),
    ("GPUs do not support bfloat16", "unsupported_setting", messages.no_bfloat16),
    ("trust_remote_code", "remote_code", messages.needs_remote_code),
    ("Unknown architecture for AutoModelForCausalLM", "unsupported_model", messages.unknown_architecture),
    ("does not recognize this architecture", "unsupported_model", messages.unknown_architecture),
    ("Unsupported architecture", "unsupported_model", messages.unknown_architecture),
    ("different from the one used to build the engine", "bad_engine", messages.engine_of_other_release),
    ("engine plan file is not compatible", "bad_engine", messages.engine_of_other_release),
    ("Error deserializing CUDA engine", "bad_engine", messages.engine_of_other_release),
    ("Failed to deserialize cuda engine", "bad_engine", messages.engine_of_other_release),
    ("cannot load MPI library", "missing_library", messages.no_mpi),
    ("MPI_Comm_spawn", "mpi_failed", messages.mpi_failed),
)
# What wraps a failure of a process of the engine: the cause stands in the chain, or in the log alone.
_WRAPPERS = ("Executor worker died during initialization", "Executor worker returned error")


def name_tensorrt_failure(error: BaseException) -> WorkerError | None:
    """The failure under a name of ours; None where it is none of the known ones."""
    if any(wrapper in str(error) for wrapper in _WRAPPERS):
        return _of_process(error)
    return _by_text(type(error).__name__, str(error))


def _of_process(error: BaseException) -> WorkerError:
    """
    A process of the engine failed: by its first cause that is known, however many errors its teardown added.
    """
    causes: list[BaseException] = []
    link = error.__cause__ or error.__context__
    while link is not None and link not in causes:
        causes.append(link)
        link = link.__cause__ or link.__context__
    for cause in reversed(causes):
        named = _by_text(type(cause).__name__, str(cause))
        if named is not None:
            return named
    detail = _line(str(causes[-1])) if causes else None
    return WorkerError("engine_process_failed", messages.engine_process_failed(detail))


def _by_text(kind: str, text: str) -> WorkerError | None:
    """`kind` is the name of the exception's class."""
    for known, error_type, message in _KNOWN:
        if known in text:
            return WorkerError(error_type, message(_around(text, known)))
    return name_memory_failure(kind, text, _REMEDIES) or name_cuda_error(text, _REMEDIES)


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
