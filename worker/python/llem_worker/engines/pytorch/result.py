"""The measurement as the engine saw it."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ...clock import per_second
from ...failures import describe
from .flops import flops_facts, multiplied
from .generate import Generator
from .loaded import Loaded
from .measure import Measured, Totals, hashed_bytes
from .memory import MemoryWatch
from .prompts import Prompt, Workload


@dataclass(frozen=True)
class Costs:
    """Wall times of starting, in seconds."""

    import_s: float
    """Of torch and transformers."""
    load_s: float


@dataclass(frozen=True)
class RunFacts:
    """What a finished run knows."""

    loaded: Loaded
    generator: Generator
    measured: Measured
    memory: MemoryWatch
    warmup: dict[str, Any] | None
    costs: Costs
    batch_size: int
    workload: Workload


def make_result(facts: RunFacts) -> dict[str, Any]:
    """The fields of the result frame."""
    measured, totals = facts.measured, facts.measured.totals
    return {
        "input_tokens": totals.input_tokens,
        "output_tokens": totals.output_tokens,
        "requests": totals.requests,
        "model": facts.loaded.facts,
        "memory": facts.memory.read(),
        "metrics": {
            "prefill_tokens_per_s": per_second(totals.input_tokens, totals.prefill_ns),
            "decode_tokens_per_s": per_second(totals.decoded_tokens, totals.decode_ns),
            "import_s": facts.costs.import_s,
            "load_s": facts.costs.load_s,
            "passes": measured.passes,
            "input_hash": _input_hash(facts.workload.prompts),
            "output_hash": measured.output_hash,
            "sample_output": _sample(facts),
            "warmup": facts.warmup,
            "padding": {"input_tokens": totals.input_padding, "output_tokens": totals.output_padding},
            "flops": _flops(facts, totals),
            "prompts_cut": facts.workload.cut,
            "batch_size": facts.batch_size,
            **facts.loaded.settings,
        },
    }


def _input_hash(prompts: Sequence[Prompt]) -> str:
    """SHA-256 over the token ids of all prompts: equal where two engines were given the same work."""
    hashed = sha256()
    for prompt in prompts:
        hashed.update(hashed_bytes(prompt.token_ids))
    return hashed.hexdigest()


def _sample(facts: RunFacts) -> dict[str, Any]:
    """How the first request's text begins, for people to see that it is one."""
    ids = facts.measured.sample
    try:
        return {"token_ids": ids, "text": facts.loaded.tokenizer.decode(ids)}
    except Exception as error:  # some tokenizers know fewer tokens than their model
        return {"token_ids": ids, "text": None, "reason": describe(error)}


def _flops(facts: RunFacts, totals: Totals) -> dict[str, Any]:
    """A model whose shapes cannot be read must not cost the measurement that was made with it."""
    try:
        return _counted_flops(facts, totals)
    except Exception as error:
        return {"total": None, "reason": f"the model's shapes cannot be read: {describe(error)}"}


def _counted_flops(facts: RunFacts, totals: Totals) -> dict[str, Any]:
    tokens = (totals.input_tokens, totals.output_tokens)
    time_ns = totals.prefill_ns + totals.decode_ns
    shapes = multiplied(facts.loaded.model)
    return flops_facts(shapes, totals.work, tokens, time_ns, facts.generator.config)
