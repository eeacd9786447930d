"""Gives what vLLM raises a name of ours."""

import re

from ....errors import WorkerError
from ....failures import describe_text
from ....torch_failures import GpuRemedies, name_cuda_error, name_memory_failure
from . import messages
from .engine_log import errors_without_cause, first_failure
from .said import Said, said_by
from .table import look_up
from .validation import refused_settings

_STARTING = "Engine core initialization failed"
_REMEDIES = GpuRemedies(
    less_memory=messages.less_memory(),
    on_cpu=messages.build_for_cpu(),
    no_such_gpu=messages.parallel_sizes_of_gpus(),
)


def name_vllm_failure(error: BaseException) -> WorkerError | None:
    """None where it is not known. Where a process of the engine failed, its log has the cause."""
    is_starting = _STARTING in str(error)
    if is_starting or type(error).__name__ == "EngineDeadError":
        return _of_process(str(error), is_starting)
    return _name(said_by(error))


def _name(said: Said) -> WorkerError | None:
    return (
        look_up(said)
        or name_memory_failure(said.kind, said.text, _REMEDIES)
        or name_cuda_error(said.text, _REMEDIES)
        or refused_settings(said)
        or _refused_request(said)
        or _unreadable_model(said)
    )


def _of_process(text: str, is_starting: bool) -> WorkerError:
    """By the exception that a process of the engine has written down; else by how it ended."""
    chain = first_failure()
    if not chain:
        return _gone(text, is_starting)
    outermost = chain[-1]
    # As of exceptions that were raised here: the outermost that is known.
    failure = next((found for found in map(_name, reversed(chain)) if found is not None), None)
    if failure is None:
        brief = describe_text(outermost.kind, outermost.text)
        failure = WorkerError("engine_error", messages.process_failed(brief))
    failure.traceback = outermost.traceback
    return failure


def _gone(text: str, is_starting: bool) -> WorkerError:
    ended = re.search(r"'(\w+)': (-?\d+)", text) or re.search(
        r"proc(?:ess)? (\S+) died unexpectedly(?: \(exit code: (-?\d+)\))?", errors_without_cause()
    )
    process, code = (None, None) if ended is None else ended.groups()
    # As with a worker that is killed: the next one may live.
    return WorkerError("engine_died", messages.engine_ended(process, code, is_starting), retryable=True)


def _refused_request(said: Said) -> WorkerError | None:
    if said.kind != "VLLMValidationError":
        return None
    reason = re.sub(r" \(parameter=.*\)\Z", "", said.text, flags=re.DOTALL)
    return WorkerError("bad_request", messages.request_refused(" ".join(reason.split()).rstrip(".!")))


def _unreadable_model(said: Said) -> WorkerError | None:
    """
    What reading weights or a tokenizer runs into often has no words of its own (a shape, an assertion, a key), but a
    place where it was raised.
    """
    if said.kind not in ("AssertionError", "KeyError", "RuntimeError", "TypeError", "ValueError"):
        return None
    reason = describe_text(said.kind, said.text)
    if re.search(r"model_loader\S+\.py\", line \d+, in load_weights", said.traceback):
        return WorkerError("model_failed", messages.weights_do_not_fit(reason))
    if re.search(r"transformers/tokenization_\w+\.py\", line \d+", said.traceback):
        return WorkerError("model_failed", messages.tokenizer_unreadable(reason))
    return None
