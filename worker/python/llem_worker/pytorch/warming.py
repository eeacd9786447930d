"""Warming up with prompts of the workload."""

from collections.abc import Sequence
from typing import Any

from ..clock import milliseconds, monotonic_ns
from ..frames import phase
from ..outbox import Outbox
from ..progress import Progress
from ..warm_up import cycled, warm_by_count, warm_until_settled
from .generate import Generator
from .measure import count_batch, planned_tokens
from .prompts import Prompt


def warm_up(
    generator: Generator, prompts: Sequence[Prompt], batch_size: int, config: dict[str, Any], outbox: Outbox
) -> dict[str, Any]:
    """Runs prompts that are not counted: a fixed number, or until the latencies settle."""
    generator.synchronise()
    outbox.queue(phase("warmup", "begin", monotonic_ns()))
    outbox.flush()
    by_count = not config["convergence_detection"]
    batches = config["max_prompts"]
    chosen = cycled(prompts, config["n_warmup"]) if by_count else list(prompts[:batch_size]) * batches
    progress = Progress(outbox, planned_tokens(chosen), "warm-up")

    def run_batch(batch: Sequence[Prompt]) -> float:
        generation = generator.run(batch, progress)
        count_batch(progress, generation)
        return milliseconds(generation.begin_ns, generation.end_ns)

    if by_count:
        result = warm_by_count(prompts, batch_size, config["n_warmup"], run_batch)
    else:
        result = warm_until_settled(prompts, batch_size, config, run_batch)
    generator.synchronise()
    outbox.queue(phase("warmup", "end", monotonic_ns()))
    outbox.flush()
    return result
