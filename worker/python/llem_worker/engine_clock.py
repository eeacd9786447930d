"""How an engine's own clock agrees with ours: its stamps of a request against when we saw the tokens."""

from collections.abc import Sequence
from statistics import median
from typing import Any, Protocol

from . import messages

# Outputs of a step are read one after the other, and come through a socket from engines with processes of their
# own.
PLAUSIBLE_MS = 50.0
PLAUSIBLE_SHARE = 0.1


class Stamped(Protocol):
    """A batch as the engine stamped its requests. Each clock counts from where it has the request."""

    @property
    def ttft_differences_ms(self) -> list[float]:
        """By how much later than the engine we saw each request's first token."""

    @property
    def e2e_differences_ms(self) -> list[float]:
        """The same of its last token."""

    @property
    def ttft_ms(self) -> list[float]:
        """Times to the first token by the engine's stamps."""


def clock_facts(batches: Sequence[Stamped]) -> dict[str, Any]:
    """Our times against the engine's own stamps over all batches, in ms; a reason where it gave none."""
    ttft = [value for batch in batches for value in batch.ttft_differences_ms]
    e2e = [value for batch in batches for value in batch.e2e_differences_ms]
    if not ttft:
        return {"requests": 0, "reason": messages.no_stamps()}
    return {"requests": len(ttft), "ttft_difference_ms": _spread(ttft), "e2e_difference_ms": _spread(e2e)}


def implausible_difference_ms(batches: Sequence[Stamped]) -> float | None:
    """
    The median difference of times to the first token where the way from the engine to us never takes so long.
    """
    differences = [abs(value) for batch in batches for value in batch.ttft_differences_ms]
    if not differences:
        return None
    theirs_ms = median(value for batch in batches for value in batch.ttft_ms)
    found_ms = median(differences)
    return found_ms if found_ms > PLAUSIBLE_MS + PLAUSIBLE_SHARE * theirs_ms else None


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": median(values), "max": max(values, key=abs)}
