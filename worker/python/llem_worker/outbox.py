"""Frames that wait until sending them costs nobody's token."""

from typing import Any

from .clock import monotonic_ns
from .frames import Reporter

# Least time between two writes while the engine works.
INTERVAL_NS = 500_000_000


class Outbox:
    """Frames on their way out of a measurement, in order."""

    def __init__(self, report: Reporter) -> None:
        self._report = report
        self._waiting: list[dict[str, Any]] = []
        self.due_ns = 0
        """From then on it is time for another write."""
        self.was_passed = False
        """Whether a frame has gone ahead of those that wait."""

    def queue(self, *frames: dict[str, Any]) -> None:
        """Keeps frames until the next flush."""
        self._waiting.extend(frames)

    def pass_by(self, frame: dict[str, Any]) -> None:
        """Sends a frame ahead of those that wait: many in the middle of a batch would delay its tokens."""
        self._report.send_all([frame])
        self.was_passed = True
        self.due_ns = monotonic_ns() + INTERVAL_NS

    def flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._report.send_all(waiting)
        self.was_passed = False
        self.due_ns = monotonic_ns() + INTERVAL_NS
