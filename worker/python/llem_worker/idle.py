"""Doing nothing, in a phase of its own whose power is a baseline."""

from time import sleep

from .frames import Reporter
from . import messages


def idle(name: str, seconds: float, report: Reporter) -> None:
    """Waits in a phase `context_idle` or `loaded_idle` and tells every second that it does."""
    report.phase(name, "begin")
    left = seconds
    while left > 0:
        report.progress(seconds - left, seconds, "s", messages.idle_for_baseline())
        sleep(min(left, 1.0))
        left -= 1.0
    report.phase(name, "end")
