"""Gives what vLLM raises a name of ours."""

import re

from ....errors import WorkerError
from ....failures import describe_text
from ....torch_failures import GpuRemedies, name_cuda_error, name_memory_failure
from . import messages
from .death_watch import first_death
from .engine_log import logged_errors
from .places import name_by_place
from .said import Said, printed_chain, said_by
from .table import look_up
from .validation import refused_settings

_STARTING = "Engine core initialization failed"
_DIED = re.compile(r"proc(?:ess)? (\S+) died unexpectedly(?: \(exit code: (-?\d+)\))?")
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
        or _nothing_drafted(said)
        or name_by_place(said)
    )


def _of_process(text: str, is_starting: bool) -> WorkerError:
    """By the first error that a process of the engine has logged: what follows, follows from it."""
    for record in logged_errors():
        chain = printed_chain(record)
        if chain:
            return _by_chain(chain)
        died = _DIED.search(record)
        if died is not None and died.group(2) != "0":
            return _gone(died.group(1), died.group(2), is_starting)
    exited = re.search(r"'(\w+)': (-?\d+)", text)
    if exited is not None:
        return _gone(*exited.groups(), is_starting)
    name, code = first_death() or (None, None)
    return _gone(name, None if code is None else str(code), is_starting)


def _by_chain(chain: list[Said]) -> WorkerError:
    outermost = chain[-1]
    # As of exceptions that were raised here: the outermost that is known.
    failure = next((found for found in map(_name, reversed(chain)) if found is not None), None)
    if failure is None:
        brief = describe_text(outermost.kind, outermost.text)
        failure = WorkerError("engine_error", messages.process_failed(brief))
    failure.traceback = outermost.traceback
    return failure


def _gone(process: str | None, code: str | None, is_starting: bool) -> WorkerError:
    """As with a worker that is killed, the next one may live."""
    return WorkerError("engine_died", messages.engine_ended(process, code, is_starting), retryable=True)


def _refused_request(said: Said) -> WorkerError | None:
    if said.kind != "VLLMValidationError":
        return None
    reason = re.sub(r" \(parameter=.*\)\Z", "", said.text, flags=re.DOTALL)
    return WorkerError("bad_request", messages.request_refused(" ".join(reason.split()).rstrip(".!")))


def _nothing_drafted(said: Said) -> WorkerError | None:
    """On a CPU the sampler takes the largest top_k of the drafted tokens, also where a step has none."""
    if "numel() == 0" not in said.text or "in apply_top_k_only" not in said.traceback:
        return None
    return WorkerError("unsupported_setting", messages.top_k_beside_drafts())
