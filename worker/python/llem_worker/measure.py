"""The measured window: the workload in batches, every request reported. Knows no engine."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import groupby, pairwise
from math import ceil
from struct import pack
from typing import Any

from .clock import milliseconds, monotonic_ns
from .errors import WorkerError
from .frames import exact_integer, phase
from .generation import Generation, Generator, Request
from .outbox import Outbox
from .progress import Progress
from .prompts import Prompt
from .warm_up import groups
from . import messages


@dataclass
class Totals:
    """Sums over all requests of a run."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    prefill_ns: int | None = 0
    """None where a batch had no phases, as is `decode_ns`."""
    decode_ns: int | None = 0
    decoded_tokens: int = 0
    """Tokens that decode steps gave: all but the first of each request."""
    input_padding: int = 0
    output_padding: int = 0
    work: Counter[tuple[int, int]] = field(default_factory=Counter)
    """
    How many requests had so many tokens in their prompt and so many computed for them: hours of repeats stay
    small.
    """
    of_engine: list[Any] = field(default_factory=list)
    """What the engine observed of each batch; see Generation."""

    def add(self, generation: Generation) -> None:
        requests = generation.requests
        self.requests += len(requests)
        self.input_tokens += sum(len(request.prompt.token_ids) for request in requests)
        self.output_tokens += sum(request.output_tokens for request in requests)
        texts = [tokens for request in requests for tokens in (request.tokens, *request.further)]
        self.decoded_tokens += sum(max(0, len(tokens) - 1) for tokens in texts)
        if generation.prefill_end_ns is None or self.prefill_ns is None or self.decode_ns is None:
            self.prefill_ns = self.decode_ns = None
        else:
            self.prefill_ns += generation.prefill_end_ns - generation.begin_ns
            self.decode_ns += generation.end_ns - generation.prefill_end_ns
        self.input_padding += generation.input_padding
        self.output_padding += generation.output_padding
        self.work.update(work for request in requests for work in request.work())
        if generation.of_engine is not None:
            self.of_engine.append(generation.of_engine)


@dataclass(frozen=True)
class Measured:
    totals: Totals
    passes: int
    """How often the whole workload was run."""
    output_hash: str
    """SHA-256 over the token ids that one pass generated, in request order: equal work gives equal hashes."""
    sample: list[int]
    """The first tokens that the first request gave."""


SAMPLE_TOKENS = 32


def measure(
    generator: Generator,
    prompts: Sequence[Prompt],
    batch_size: int,
    min_seconds: float | None,
    outbox: Outbox,
) -> Measured:
    """Runs the workload, whole and again until the window is at least `min_seconds` long."""
    generator.synchronise()
    begin_ns = monotonic_ns()
    outbox.queue(phase("measure", "begin", begin_ns))
    outbox.flush()
    try:
        measured = _passes(generator, prompts, batch_size, begin_ns, ceil((min_seconds or 0) * 1e9), outbox)
        generator.synchronise()
        outbox.queue(phase("measure", "end", monotonic_ns()))
    finally:
        outbox.flush()
    return measured


def _passes(
    generator: Generator,
    prompts: Sequence[Prompt],
    batch_size: int,
    begin_ns: int,
    least_ns: int,
    outbox: Outbox,
) -> Measured:
    until_ns = begin_ns + least_ns
    totals, hashed, sample, passes = Totals(), sha256(), list[int](), 0
    while passes == 0 or monotonic_ns() < until_ns:
        generator.forget()
        progress = Progress(outbox, planned_tokens(prompts), _repeat_note(passes, begin_ns, until_ns))
        for group in groups(prompts, batch_size):
            generation = generator.run(group, progress)
            _check_lengths(generation.requests)
            totals.add(generation)
            if passes == 0:
                for request in generation.requests:
                    for tokens in (request.tokens, *request.further):
                        hashed.update(hashed_bytes(tokens))
                    if request.prompt.index == 0:
                        sample = request.tokens[:SAMPLE_TOKENS]
            _report(outbox, generation, passes * len(prompts))
            count_batch(progress, generation)
        passes += 1
    return Measured(totals, passes, hashed.hexdigest(), sample)


def _repeat_note(passes: int, begin_ns: int, until_ns: int) -> str | None:
    """Which repeat of the workload begins, and of about how many if all take as long as those so far."""
    if passes == 0:
        return None
    planned = ceil((until_ns - begin_ns) / ((monotonic_ns() - begin_ns) / passes))
    return messages.repeat_of(passes, max(passes, planned - 1))


def hashed_bytes(token_ids: Sequence[int]) -> bytes:
    """Of a request, for a hash over many: its length, then its ids."""
    return pack(f"<{len(token_ids) + 1}i", len(token_ids), *token_ids)


def planned_tokens(prompts: Sequence[Prompt]) -> int:
    return sum(len(prompt.token_ids) + prompt.max_output for prompt in prompts)


def count_batch(progress: Progress, generation: Generation) -> None:
    """Tells the progress of a batch that is done."""
    requests = generation.requests
    done = sum(len(request.prompt.token_ids) + len(request.tokens) for request in requests)
    progress.add(done, sum(request.prompt.max_output - len(request.tokens) for request in requests))


def _report(outbox: Outbox, generation: Generation, first_index: int) -> None:
    """Phases and requests of a batch."""
    begin_ns, first_ns, end_ns = generation.begin_ns, generation.prefill_end_ns, generation.end_ns
    if first_ns is not None:
        outbox.queue(phase("prefill", "begin", begin_ns), phase("prefill", "end", first_ns))
        if any(request.computed > 1 for request in generation.requests):
            outbox.queue(phase("decode", "begin", first_ns), phase("decode", "end", end_ns))
    outbox.queue(*(request_frame(request, begin_ns, first_index) for request in generation.requests))


def request_frame(request: Request, batch_begin_ns: int, first_index: int) -> dict[str, Any]:
    """
    The record of one request. One that gave no token has no time to first token. `first_index` is the index of
    the pass's first request.
    """
    begin_ns = batch_begin_ns if request.begin_ns is None else request.begin_ns
    times = request.times_ns
    return {
        "type": "request",
        "index": first_index + request.prompt.index,
        "input_tokens": len(request.prompt.token_ids),
        "output_tokens": request.output_tokens,
        "t_start_ns": exact_integer(begin_ns),
        "ttft_ms": milliseconds(begin_ns, times[0]) if times else None,
        "e2e_ms": milliseconds(begin_ns, request.end_ns),
        **_between_tokens(request),
        **request.of_engine,
    }


def _between_tokens(request: Request) -> dict[str, Any]:
    """
    Times between tokens, where every step gave one; else those between steps, and why. The fields are those of
    lib/protocol/frame.ts.
    """
    times = request.times_ns
    if request.further:
        # The time divided by the tokens of all texts would be that of no text.
        choices = {"n_choices": 1 + len(request.further), "tpot_ms": None}
        return {"itl_ms": [], "itl_reason": messages.several_texts(), **choices}
    chunks = list(groupby(times))
    gaps = [milliseconds(before[0], after[0]) for before, after in pairwise(chunks)]
    if len(chunks) == len(times):
        # What ended the text is none of its tokens: the time until then is not to be divided by them.
        ended_later = len(times) > 1 and request.end_ns > times[-1]
        tpot = {"tpot_ms": milliseconds(times[0], times[-1]) / len(gaps)} if ended_later else {}
        return {"itl_ms": gaps, **tpot}
    first = sum(1 for time_ns in times if time_ns == times[0])
    later = len(times) - first
    return {
        "itl_ms": [],
        "itl_reason": messages.several_tokens_at_once(),
        "chunk_gap_ms": gaps,
        "tpot_ms": milliseconds(times[0], times[-1]) / later if later > 0 else None,
    }


def _check_lengths(requests: Sequence[Request]) -> None:
    """Raises WorkerError where a request that must have exactly so many tokens has another number."""
    for request in requests:
        asked = request.prompt.max_output
        if request.prompt.min_output != asked:
            continue
        for tokens in (request.tokens, *request.further):
            if len(tokens) != asked:
                raise WorkerError("wrong_length", messages.wrong_length(request.prompt.index, len(tokens), asked))
