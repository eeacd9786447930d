"""Times are nanoseconds on CLOCK_MONOTONIC, the clock that the runner and its meters use."""

from time import monotonic_ns

__all__ = ["milliseconds", "monotonic_ns", "per_second"]


def milliseconds(begin_ns: int, end_ns: int) -> float:
    return (end_ns - begin_ns) / 1e6


def per_second(count: float, time_ns: int | None) -> float | None:
    """None where there is nothing to divide or to divide by."""
    return None if count == 0 or not time_ns else count / (time_ns / 1e9)
