"""
What the engine itself says of a request: its times, and blocks of the KV cache that it took from earlier
ones.
"""

from dataclasses import dataclass
from typing import Any

from ...clock import milliseconds


@dataclass(frozen=True)
class Stamps:
    """
    Times of the engine in ns: CLOCK_MONOTONIC, or another steady clock where several processes share one.
    """

    arrival_ns: int
    scheduled_ns: int
    first_token_ns: int
    last_token_ns: int


def metrics_of(output: Any) -> Any:
    """The metrics of a finished request; None where the release tells none."""
    return getattr(output.outputs[0], "request_perf_metrics", None)


def stamps_of(metrics: Any) -> Stamps | None:
    """None where a time is missing."""
    timing = getattr(metrics, "timing_metrics", None)
    names = ("arrival_time", "first_scheduled_time", "first_token_time", "last_token_time")
    times = [getattr(timing, name, None) for name in names]
    if any(time is None for time in times):
        return None
    arrival, scheduled, first, last = (round(time.total_seconds() * 1e9) for time in times)
    if not 0 < arrival <= scheduled <= first <= last:
        return None
    return Stamps(arrival, scheduled, first, last)


def record_of(stamps: Stamps | None) -> dict[str, float]:
    """Fields of the request's record: how long it waited and what it took, in ms."""
    if stamps is None:
        return {}
    return {
        "queue_ms": milliseconds(stamps.arrival_ns, stamps.scheduled_ns),
        "prefill_ms": milliseconds(stamps.scheduled_ns, stamps.first_token_ns),
        "decode_ms": milliseconds(stamps.first_token_ns, stamps.last_token_ns),
    }


def reused_blocks(metrics: Any) -> int | None:
    """Blocks of the prompt that were there already; None where the engine does not tell."""
    return getattr(getattr(metrics, "kv_cache_metrics", None), "num_reused_blocks", None)
