"""How an engine's own clock agrees with ours: its stamps of a request against when we saw the tokens."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from .clock import milliseconds
from . import messages

# Outputs of a step are read one after the other, and come through a socket from engines with processes of their
# own.
PLAUSIBLE_MS = 50.0
PLAUSIBLE_SHARE = 0.1


@dataclass
class EngineClock:
    """The requests of a batch by the engine's stamps and by ours. Each clock counts from where it has the request."""

    ttft_differences_ms: list[float] = field(default_factory=list)
    """By how much later than the engine we saw each request's first token."""
    e2e_differences_ms: list[float] = field(default_factory=list)
    """The same of its last token."""
    ttft_ms: list[float] = field(default_factory=list)
    """Times to the first token by the engine's stamps."""

    def add(self, begin_ns: int, first_ns: int, end_ns: int, theirs_ms: tuple[float, float]) -> None:
        """A request by our stamps, and its times to the first and to the last token by the engine's."""
        ttft_ms, e2e_ms = theirs_ms
        self.ttft_ms.append(ttft_ms)
        self.ttft_differences_ms.append(milliseconds(begin_ns, first_ns) - ttft_ms)
        self.e2e_differences_ms.append(milliseconds(begin_ns, end_ns) - e2e_ms)


def clock_facts(clocks: Sequence[EngineClock]) -> dict[str, Any]:
    """Our times against the engine's own stamps over all batches, in ms; a reason where it gave none."""
    ttft = [value for clock in clocks for value in clock.ttft_differences_ms]
    e2e = [value for clock in clocks for value in clock.e2e_differences_ms]
    if not ttft:
        return {"requests": 0, "reason": messages.no_stamps()}
    return {"requests": len(ttft), "ttft_difference_ms": _spread(ttft), "e2e_difference_ms": _spread(e2e)}


def implausible_difference_ms(clocks: Sequence[EngineClock]) -> float | None:
    """
    The median difference of times to the first token where the way from the engine to us never takes so long.
    """
    differences = [abs(value) for clock in clocks for value in clock.ttft_differences_ms]
    if not differences:
        return None
    theirs_ms = median(value for clock in clocks for value in clock.ttft_ms)
    found_ms = median(differences)
    return found_ms if found_ms > PLAUSIBLE_MS + PLAUSIBLE_SHARE * theirs_ms else None


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": median(values), "max": max(values, key=abs)}
