"""
What a batch shows of how the engine worked: how its own clock agrees with ours, and what it took from
earlier prompts.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...clock import milliseconds
from ...engine_clock import EngineClock
from .perf_metrics import Stamps
from .running import Running


@dataclass
class Observed:
    """Of one batch."""

    clock: EngineClock = field(default_factory=EngineClock)
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
        ttft_ms = milliseconds(stamps.arrival_ns, stamps.first_token_ns)
        e2e_ms = milliseconds(stamps.arrival_ns, stamps.last_token_ns)
        self.clock.add(running.begin_ns, running.times_ns[0], running.end_ns, (ttft_ms, e2e_ms))


def cache_facts(batches: Sequence[Observed], enabled: bool) -> dict[str, Any]:
    """How much of the prompts came from blocks of earlier ones."""
    return {
        "enabled": enabled,
        "reused_blocks": sum(batch.reused_blocks for batch in batches),
        "requests_hit": sum(batch.requests_hit for batch in batches),
    }
