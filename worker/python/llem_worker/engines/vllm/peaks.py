"""The most that the engine had in hand at once, as it tells step by step."""

from collections.abc import Callable
from typing import Any


class Peaks:
    """
    Stands among the engine's loggers, which are told of every step; each costs a few comparisons. It is called within
    the measured window, so a release that tells other things costs these numbers and no step.
    """

    def __init__(self) -> None:
        self._running = 0
        self._waiting = 0
        self._kv_cache_usage = 0.0
        self._told = True

    def record(self, scheduler_stats: Any, iteration_stats: Any = None, *_others: Any, **_more: Any) -> None:
        """Called by the engine when a step is over: requests that ended with it run no more."""
        if scheduler_stats is None:
            return
        try:
            ended = len(getattr(iteration_stats, "finished_requests", ()))
            self._running = max(self._running, scheduler_stats.num_running_reqs + ended)
            self._waiting = max(self._waiting, scheduler_stats.num_waiting_reqs)
            self._kv_cache_usage = max(self._kv_cache_usage, scheduler_stats.kv_cache_usage)
        except Exception:
            self._told = False

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Whatever else the engine calls on its loggers: nothing is logged."""
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *_args, **_named: None

    def read(self) -> dict[str, Any]:
        """For the result: requests, and the used share of the KV cache; None where the engine does not tell."""
        return {
            "running_max": self._running if self._told else None,
            "waiting_max": self._waiting if self._told else None,
            "kv_cache_usage_max": self._kv_cache_usage if self._told else None,
        }


UNWATCHED: dict[str, Any] = {"running_max": None, "waiting_max": None, "kv_cache_usage_max": None}
"""What read() would give where nobody is told of steps."""
