"""The measurement as the engine saw it."""

from dataclasses import dataclass
from typing import Any

import torch

from ..clock import per_second
from .flops import flops_facts, multiplied
from .generate import Generator
from .loaded import Loaded
from .measure import Measured, Totals
from .memory import MemoryWatch


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
    prompts_cut: int


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
            "output_hash": measured.output_hash,
            "sample_output": _sample(facts),
            "warmup": facts.warmup,
            "padding": {"input_tokens": totals.input_padding, "output_tokens": totals.output_padding},
            "flops": _flops(facts, totals),
            "prompts_cut": facts.prompts_cut,
            "batch_size": facts.batch_size,
            "threads": torch.get_num_threads(),
            **facts.loaded.settings,
        },
    }


def _sample(facts: RunFacts) -> dict[str, Any]:
    """How the first request's text begins, for people to see that it is one."""
    ids = facts.measured.sample
    return {"token_ids": ids, "text": facts.loaded.tokenizer.decode(ids)}


def _flops(facts: RunFacts, totals: Totals) -> dict[str, Any]:
    tokens = (totals.input_tokens, totals.output_tokens)
    time_ns = totals.prefill_ns + totals.decode_ns
    shapes = multiplied(facts.loaded.model)
    return flops_facts(shapes, totals.work, tokens, time_ns, facts.generator.config)
