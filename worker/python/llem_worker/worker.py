"""The worker process: takes one assignment, lets an engine do the work, and tells of a failure."""

import faulthandler
import signal
import sys
from typing import Any

from .assignment import NoAssignment, take_assignment
from .engine import EngineModule
from .engines import ENGINES, find_engine
from .errors import WorkerError
from .failures import error_frame
from .frames import Reporter
from .lifeline import die_with_parent, end_now, watch_lifeline
from . import messages

EXIT_FAILED = 1
EXIT_USAGE = 2


def run_worker(frames_fd: int) -> int:
    """Runs one assignment from stdin; its frames go to `frames_fd`.

    Returns the exit code: 0, 1 (an error frame was sent) or 2 (no assignment).
    """
    die_with_parent()
    _prepare_signals()
    try:
        assignment = take_assignment()
    except NoAssignment as reason:
        return _explain(str(reason))
    watch_lifeline()
    return run_assignment(assignment, frames_fd)


def run_assignment(assignment: dict[str, Any], frames_fd: int) -> int:
    """Runs one assignment; a failure is an error frame. Returns the exit code, 0 or 1."""
    report = _ReporterToRunner(frames_fd, assignment["token"])
    engine: EngineModule | None = None
    try:
        engine = _engine_of(assignment)
        engine.prepare()
        engine.run(assignment, report)
    except BaseException as error:  # a library that calls sys.exit() has failed as well
        name_failure = None if engine is None else engine.name_failure
        report.send("error", **error_frame(error, name_failure))
        return EXIT_FAILED
    return 0


class _ReporterToRunner(Reporter):
    """Frames that nobody can receive mean that the runner is gone."""

    def _write(self, data: bytes) -> None:
        try:
            super()._write(data)
        except OSError:
            end_now()


def _engine_of(assignment: dict[str, Any]) -> EngineModule:
    backend = assignment["config"].get("backend")
    engine = find_engine(backend)
    if engine is None:
        raise WorkerError("unknown_backend", messages.no_such_backend(str(backend), list(ENGINES)))
    return engine


def _prepare_signals() -> None:
    """INT and TERM end the process as signals: Python's own handlers wait for a library to return."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    faulthandler.enable(file=sys.stderr, all_threads=True)
    faulthandler.register(signal.SIGUSR2, file=sys.stderr, all_threads=True)


def _explain(reason: str) -> int:
    print(messages.no_assignment(reason), file=sys.stderr)
    return EXIT_USAGE
