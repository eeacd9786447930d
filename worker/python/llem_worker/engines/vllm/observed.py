"""What a batch shows of how the engine worked: whether prefill and decode were phases, and how its own clock agrees."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...engine_clock import EngineClock
from .running import Running, stamps_of


@dataclass(frozen=True)
class Observed:
    """Of one batch."""

    prefill_end_ns: int | None
    """When the last first token was there, if no second one was before and no prompt was computed again; else None."""
    preempted: bool
    """Whether requests were put back: steps after the first tokens then computed prompts again."""
    clock: EngineClock
    cached_tokens: int
    requests_hit: int
    reasons: Counter[str] = field(default_factory=Counter)
    """How many texts ended for which reason."""


def observe(requests: Sequence[Running]) -> Observed:
    """Of the requests of a batch, which have ended."""
    clock = EngineClock()
    # As in the records: a prompt counts once, and further texts of a request find what its first one has computed.
    cached = [request.texts[0].output.num_cached_tokens or 0 for request in requests]
    preempted = any(_preemptions(text.output) for request in requests for text in request.texts)
    for request in requests:
        text = request.texts[0]
        stamps = stamps_of(text)
        if stamps is None or not text.times_ns or not stamps.queued_ts:
            continue
        ttft_ms = (stamps.first_token_ts - stamps.queued_ts) * 1e3
        e2e_ms = (stamps.last_token_ts - stamps.queued_ts) * 1e3
        clock.add(request.begin_ns, text.times_ns[0], text.end_ns, (ttft_ms, e2e_ms))
    return Observed(
        prefill_end_ns=None if preempted else prefill_end_ns(requests),
        preempted=preempted,
        clock=clock,
        cached_tokens=sum(cached),
        requests_hit=sum(1 for tokens in cached if tokens),
        reasons=Counter(text.reason or "none" for request in requests for text in request.texts),
    )


def _preemptions(output: Any) -> int:
    """How often a request was put back; 0 by releases that do not tell."""
    return getattr(output.metrics, "num_preemptions", 0)


def prefill_end_ns(requests: Sequence[Running]) -> int | None:
    """
    Steps up to the last first token were nothing but prefill where no text had its second one by then: an engine decodes
    in every step what it can.
    """
    texts = [text.times_ns for request in requests for text in request.texts]
    if not all(texts):
        return None
    end_ns = max(times[0] for times in texts)
    return None if any(len(times) > 1 and times[1] <= end_ns for times in texts) else end_ns


def cache_facts(batches: Sequence[Observed], enabled: bool, input_tokens: int) -> dict[str, Any]:
    """How much of the prompts came from the engine's prefix cache."""
    cached = sum(batch.cached_tokens for batch in batches)
    return {
        "enabled": enabled,
        "cached_tokens": cached,
        "cached_share": cached / input_tokens if input_tokens else None,
        "requests_hit": sum(batch.requests_hit for batch in batches),
    }
