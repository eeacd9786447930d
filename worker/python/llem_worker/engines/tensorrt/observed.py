"""
What a batch shows of how the engine worked: how its own clock agrees with ours, and what it took from
earlier prompts.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from ...clock import milliseconds
from .perf_metrics import Stamps
from .running import Running
from . import messages

# Answers of a step are read one after the other, and come through a socket from engines with processes of
# their own.
PLAUSIBLE_MS = 25.0
PLAUSIBLE_SHARE = 0.1


@dataclass
class Observed:
    """Of one batch. Differences are how much later than the engine we saw a request's first or last token, "
    "in ms."""

    ttft_differences_ms: list[float] = field(default_factory=list)
    e2e_differences_ms: list[float] = field(default_factory=list)
    ttft_ms: list[float] = field(default_factory=list)
    """Times to the first token by the engine's stamps."""
    reused_blocks: int = 0
    requests_hit: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    """How many texts ended for which reason, in the engine's words."""

    def add(
        self, running: Running, stamps: Stamps | None, reused: int, reasons: Sequence[str | None]
    ) -> None:
        """A request that has ended. Each clock counts from where it has the request: they need not be one."""
        self.reused_blocks += reused
        self.requests_hit += 1 if reused else 0
        self.reasons.update(reason or "none" for reason in reasons)
        if stamps is None or not running.times_ns:
            return
        theirs_ms = milliseconds(stamps.arrival_ns, stamps.first_token_ns)
        self.ttft_ms.append(theirs_ms)
        self.ttft_differences_ms.append(milliseconds(running.begin_ns, running.times_ns[0]) - theirs_ms)
        last_ms = milliseconds(stamps.arrival_ns, stamps.last_token_ns)
        self.e2e_differences_ms.append(milliseconds(running.begin_ns, running.end_ns) - last_ms)


def clock_facts(batches: Sequence[Observed]) -> dict[str, Any]:
    """Our times against the engine's own stamps over all batches, in ms; a reason where it gave none."""
    ttft = [value for batch in batches for value in batch.ttft_differences_ms]
    e2e = [value for batch in batches for value in batch.e2e_differences_ms]
    if not ttft:
        return {"requests": 0, "reason": messages.no_stamps()}
    return {"requests": len(ttft), "ttft_difference_ms": _spread(ttft), "e2e_difference_ms": _spread(e2e)}


def implausible_difference_ms(batches: Sequence[Observed]) -> float | None:
    """The median difference of times to the first token where the way from the engine to us never takes so "
    "long."""
    differences = [abs(value) for batch in batches for value in batch.ttft_differences_ms]
    if not differences:
        return None
    theirs_ms = median(value for batch in batches for value in batch.ttft_ms)
    found_ms = median(differences)
    return found_ms if found_ms > PLAUSIBLE_MS + PLAUSIBLE_SHARE * theirs_ms else None


def cache_facts(batches: Sequence[Observed], enabled: bool) -> dict[str, Any]:
    """How much of the prompts came from blocks of earlier ones."""
    return {
        "enabled": enabled,
        "reused_blocks": sum(batch.reused_blocks for batch in batches),
        "requests_hit": sum(batch.requests_hit for batch in batches),
    }


def finish_reasons(batches: Sequence[Observed]) -> dict[str, int]:
    return dict(sum((batch.reasons for batch in batches), Counter()))


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": median(values), "max": max(values, key=abs)}
