"""A request on its way through the engine, and what it is when it has ended."""

from dataclasses import dataclass, field
from typing import Any

from ...errors import WorkerError
from ...generation import Request, without_end
from ...prompts import Prompt
from . import messages

STAMPS = ("queued_ts", "scheduled_ts", "first_token_ts", "last_token_ts")
"""Of RequestOutput.metrics."""
# Words of the engine for the end of a text that it could not go on with.
GIVEN_UP = frozenset({"abort", "error"})


@dataclass
class Text:
    """What has come of one text of a request. Filled in the engine's loop: nothing is worked out here."""

    tokens: list[int] = field(default_factory=list)
    times_ns: list[int] = field(default_factory=list)
    """When each of the tokens was there."""
    end_ns: int = 0
    reason: str | None = None
    """Why it ended, in the engine's word."""
    output: Any = None
    """The engine's last output of it."""


@dataclass
class Running:
    """A request that the engine has been given."""

    prompt: Prompt
    begin_ns: int
    texts: list[Text]


@dataclass(frozen=True)
class Rules:
    """What holds for every request of a run."""

    end_ids: frozenset[int]
    """A text ends with one of them; empty where texts go on after their end."""
    max_model_len: int
    cached: bool
    """Whether the study wants a prefix cache."""


def ended(running: Running, rules: Rules) -> Request:
    """Raises WorkerError where another prompt was computed than the one given, or not all of it, or not to its length."""
    prompt = running.prompt
    _check_reasons(running)
    _check_input(running, rules)
    exact = prompt.min_output == prompt.max_output
    ends = frozenset[int]() if exact else rules.end_ids
    lists = [without_end(text.tokens, ends) for text in running.texts]
    if exact:
        _check_lengths(running, rules)
    first, *_ = running.texts
    tokens, *further = lists
    return Request(
        prompt=prompt,
        tokens=tokens,
        times_ns=first.times_ns[: len(tokens)],
        end_ns=max(text.end_ns for text in running.texts),
        computed=len(first.tokens),
        begin_ns=running.begin_ns,
        further=further,
        of_engine=_of_engine(first),
    )


def _check_reasons(running: Running) -> None:
    for text in running.texts:
        if text.reason in GIVEN_UP:
            raise WorkerError("request_failed", messages.request_given_up(running.prompt.index, text.reason))


def _check_input(running: Running, rules: Rules) -> None:
    prompt = running.prompt
    for text in running.texts:
        given = list(text.output.prompt_token_ids)
        if given != prompt.token_ids:
            counts = (len(given), len(prompt.token_ids))
            raise WorkerError("wrong_prompt", messages.other_prompt(prompt.index, *counts))
        cached = text.output.num_cached_tokens
        if cached and not rules.cached:
            raise WorkerError("prefix_cached", messages.prefix_cached(prompt.index, cached))


def _check_lengths(running: Running, rules: Rules) -> None:
    prompt = running.prompt
    for text in running.texts:
        found = len(text.tokens)
        if found == prompt.max_output:
            continue
        lengths = (prompt.index, found, prompt.max_output)
        if len(prompt.token_ids) + found >= rules.max_model_len:
            message = messages.cut_at_max_model_len(*lengths, len(prompt.token_ids), rules.max_model_len)
        else:
            message = messages.ended_early(*lengths, text.reason or "none")
        raise WorkerError("wrong_length", message)


def _of_engine(text: Text) -> dict[str, Any]:
    """Fields of the record: the engine's own stamps, of its first text where there are several."""
    stamps = stamps_of(text)
    fields: dict[str, Any] = {"finish_reason": text.reason, "cached_tokens": text.output.num_cached_tokens}
    if stamps is None:
        return fields
    return {
        **fields,
        "queue_ms": _between(stamps.queued_ts, stamps.scheduled_ts),
        "prefill_ms": _between(stamps.scheduled_ts, stamps.first_token_ts),
        "decode_ms": _between(stamps.first_token_ts, stamps.last_token_ts),
    }


def stamps_of(text: Text) -> Any:
    """The engine's times of a request, in s; None by a release that keeps others: they only check ours."""
    stamps = text.output.metrics
    return stamps if all(hasattr(stamps, name) for name in STAMPS) else None


def _between(begin_s: float, end_s: float) -> float | None:
    """In ms; None where the engine left one of them out."""
    return (end_s - begin_s) * 1e3 if begin_s and end_s else None
