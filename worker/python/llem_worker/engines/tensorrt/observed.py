"""
What a batch shows of how the engine worked: how its own clock agrees with ours, and what it took from
earlier prompts.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...clock import milliseconds
from .perf_metrics import Stamps
from .running import Running

@dataclass
class Observed:
    """
    Of one batch. Differences are how much later than the engine we saw a request's first or last token, in
    ms.
    """

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


def cache_facts(batches: Sequence[Observed], enabled: bool) -> dict[str, Any]:
    """How much of the prompts came from blocks of earlier ones."""
    return {
        "enabled": enabled,
        "reused_blocks": sum(batch.reused_blocks for batch in batches),
        "requests_hit": sum(batch.requests_hit for batch in batches),
    }


def finish_reasons(batches: Sequence[Observed]) -> dict[str, int]:
    return dict(sum((batch.reasons for batch in batches), Counter()))
