"""How far a phase is, told to people now and then."""

from typing import Any

from .clock import monotonic_ns
from .outbox import Outbox


class Progress:
    """Counts tokens taken in and given out, of those that are planned."""

    def __init__(self, outbox: Outbox, total: int, note: str | None = None) -> None:
        self._outbox = outbox
        self._total = total
        self._note = note
        self._done = 0

    @property
    def due_ns(self) -> int:
        """From then on (monotonic) it is time to tell."""
        return self._outbox.due_ns

    def add(self, tokens: int, missed: int) -> None:
        """After a batch: tokens done, and planned ones that will never come: their text ended before."""
        self._done += tokens
        # What comes beside the plan may miss more than was planned; the protocol knows no total below 0.
        self._total = max(self._done, self._total - missed)
        if self._outbox.was_passed or monotonic_ns() >= self.due_ns:
            self._outbox.queue(self._frame(0))
            self._outbox.flush()

    def tell(self, more: int) -> None:
        """Says how far it is with so many tokens of a batch that goes on. The caller looks if it is due."""
        self._outbox.pass_by(self._frame(more))

    def _frame(self, more: int) -> dict[str, Any]:
        done = min(self._done + more, self._total)
        note = {} if self._note is None else {"note": self._note}
        return {"type": "progress", "done": done, "total": self._total, "unit": "tokens", **note}
