"""Warming up with prompts of the workload. Knows no engine."""

from collections.abc import Sequence
from typing import Any

from .clock import milliseconds, monotonic_ns
from .frames import phase
from .generation import Generator
from .measure import count_batch, planned_tokens
from .outbox import Outbox
from .progress import Progress
from .prompts import Prompt
from .warm_up import cycled, groups, unseen, warm_by_count, warm_until_settled


def warm_up(
    generator: Generator, prompts: Sequence[Prompt], batch_size: int, config: dict[str, Any], outbox: Outbox
) -> dict[str, Any]:
    """Runs prompts that are not counted: a fixed number, or until the latencies settle."""
    generator.synchronise()
    outbox.queue(phase("warmup", "begin", monotonic_ns()))
    outbox.flush()
    by_count = not config["convergence_detection"]
    batch = prompts[:batch_size]
    counted = list(groups(cycled(prompts, config["n_warmup"]), batch_size))
    chosen = counted if by_count else [batch] * config["max_prompts"]
    # Memory, kernels and compiled code are made for a size of batch when it first comes: not while measuring.
    others = unseen(prompts, batch_size, {len(group) for group in chosen})
    progress = Progress(outbox, sum(map(planned_tokens, [*chosen, *others])), "warm-up")

    sizes: list[int] = []

    def run_batch(batch: Sequence[Prompt]) -> float:
        sizes.append(len(batch))
        generator.forget()
        generation = generator.run(batch, progress)
        count_batch(progress, generation)
        return milliseconds(generation.begin_ns, generation.end_ns)

    if by_count:
        result = warm_by_count(prompts, batch_size, config["n_warmup"], run_batch)
    else:
        result = warm_until_settled(prompts, batch_size, config, run_batch)
    for batch in others:
        run_batch(batch)
    generator.synchronise()
    outbox.queue(phase("warmup", "end", monotonic_ns()))
    outbox.flush()
    return {**result, "prompts_for_sizes": sum(sizes) - result["prompts"]}
