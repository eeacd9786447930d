"""The measurement as the worker saw it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from .clock import per_second
from .engine import LoadedModel
from .failures import describe
from .frames import Reporter
from .measure import Measured, hashed_bytes
from .prompts import Prompt, Workload
from . import messages


@dataclass(frozen=True)
class Costs:
    """Wall times of starting, in seconds."""

    import_s: float
    """Of the engine's packages."""
    load_s: float


@dataclass(frozen=True)
class RunFacts:
    """What a finished run knows."""

    model: LoadedModel
    measured: Measured
    warmup: dict[str, Any] | None
    costs: Costs
    workload: Workload


def make_result(facts: RunFacts, report: Reporter) -> dict[str, Any]:
    """
    The fields of the result frame. The measurement is done: what the engine cannot tell of it any more is left out,
    with a warning.
    """
    model, measured, totals = facts.model, facts.measured, facts.measured.totals
    return {
        "input_tokens": totals.input_tokens,
        "output_tokens": totals.output_tokens,
        "requests": totals.requests,
        "model": model.facts,
        "memory": _of_engine("memory", model.memory, report),
        "metrics": {
            "prefill_tokens_per_s": per_second(totals.input_tokens, totals.prefill_ns),
            "decode_tokens_per_s": per_second(totals.decoded_tokens, totals.decode_ns),
            "import_s": facts.costs.import_s,
            "load_s": facts.costs.load_s,
            "passes": measured.passes,
            "input_hash": _input_hash(facts.workload.prompts),
            "output_hash": measured.output_hash,
            "sample_output": _sample(model.tokenizer, measured.sample),
            "warmup": facts.warmup,
            "padding": {"input_tokens": totals.input_padding, "output_tokens": totals.output_padding},
            **_of_engine("metrics", lambda: model.further_metrics(totals), report),
            "prompts_cut": facts.workload.cut,
        },
        "settings": {"batch_size": model.batch_size, **model.settings},
    }


def _of_engine(part: str, read: Callable[[], dict[str, Any]], report: Reporter) -> dict[str, Any]:
    """Releases of an engine differ in what they keep, and none of it is worth a finished measurement."""
    try:
        return read()
    except Exception as error:
        report.note("warning", messages.facts_unreadable(part, describe(error)), "facts_unreadable")
        return {}


def _input_hash(prompts: Sequence[Prompt]) -> str:
    """SHA-256 over the token ids of all prompts: equal where two engines were given the same work."""
    hashed = sha256()
    for prompt in prompts:
        hashed.update(hashed_bytes(prompt.token_ids))
    return hashed.hexdigest()


def _sample(tokenizer: Any, ids: list[int]) -> dict[str, Any]:
    """How the first request's text begins, for people to see that it is one."""
    try:
        return {"token_ids": ids, "text": tokenizer.decode(ids)}
    except Exception as error:  # some tokenizers know fewer tokens than their model
        return {"token_ids": ids, "text": None, "reason": describe(error)}
