"""Work before the measurement that is not counted, so that it sees a warm machine. Knows no engine."""

from collections.abc import Callable, Iterator, Sequence
from statistics import fmean, stdev
from typing import Any, TypeVar

T = TypeVar("T")

RunBatch = Callable[[Sequence[T]], float]
"""Runs a batch and returns how long it took, in ms."""


def groups(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in groups of `size`, the last one as it comes."""
    return (items[at : at + size] for at in range(0, len(items), size))


def cycled(items: Sequence[T], count: int) -> list[T]:
    """So many items, from the first again after the last."""
    return [items[index % len(items)] for index in range(count)]


def unseen(items: Sequence[T], size: int, seen: set[int]) -> list[Sequence[T]]:
    """One group of each length that the workload has, but for those in `seen`."""
    by_length = {len(group): group for group in groups(items, size)}
    return [group for length, group in by_length.items() if length not in seen]


def warm_by_count(
    prompts: Sequence[T], batch_size: int, count: int, run_batch: RunBatch[T]
) -> dict[str, Any]:
    """The first prompts of the workload, over and over."""
    latencies = [run_batch(group) for group in groups(cycled(prompts, count), batch_size)]
    return {"prompts": count, "latencies_ms": latencies, "converged": None, "final_cv": None}


def warm_until_settled(
    prompts: Sequence[T], batch_size: int, config: dict[str, Any], run_batch: RunBatch[T]
) -> dict[str, Any]:
    """
    One batch again and again: only equal work can have equal latencies. A batch is what is measured, so where
    several prompts run together it counts as one.
    """
    batch = prompts[:batch_size]
    latencies: list[float] = []
    final_cv: float | None = None
    converged = False
    while not converged and len(latencies) < config["max_prompts"]:
        latencies.append(run_batch(batch))
        if len(latencies) < config["window_size"]:
            continue
        final_cv = variation(latencies[-config["window_size"] :])
        converged = len(latencies) >= config["min_prompts"] and final_cv < config["cv_threshold"]
    prompts_run = len(latencies) * len(batch)
    return {"prompts": prompts_run, "latencies_ms": latencies, "converged": converged, "final_cv": final_cv}


def variation(values: Sequence[float]) -> float:
    """Coefficient of variation: the standard deviation of a sample, as a part of its mean."""
    return stdev(values) / fmean(values)
