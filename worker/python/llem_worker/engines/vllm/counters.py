"""What the engine counts by itself: read before and after the measured window, never within."""

from typing import Any

from vllm import LLM

from ...failures import describe
from .peaks import UNWATCHED, Peaks

# By our names; a release without one of them has no such counter.
_COUNTERS = {
    "prefix_cache_queries": "vllm:prefix_cache_queries",
    "prefix_cache_hits": "vllm:prefix_cache_hits",
    "preemptions": "vllm:num_preemptions",
    "prompt_tokens": "vllm:prompt_tokens",
    "generation_tokens": "vllm:generation_tokens",
}
_ITERATIONS = "vllm:iteration_tokens_total"
_SPECULATION = {
    "drafts": "vllm:spec_decode_num_drafts",
    "draft_tokens": "vllm:spec_decode_num_draft_tokens",
    "accepted_tokens": "vllm:spec_decode_num_accepted_tokens",
    "accepted_by_position": "vllm:spec_decode_num_accepted_tokens_per_pos",
}


class Counters:
    """Of a loaded engine."""

    def __init__(self, llm: LLM) -> None:
        self._llm = llm
        self._peaks: Peaks | None = None
        self._before: dict[str, Any] = {}
        self._reason: str | None = None

    def begin(self) -> None:
        """The measured window is about to begin."""
        try:
            self._before = _values(self._llm)
            self._peaks = self._watch()
        except Exception as error:
            self._reason = describe(error)

    def read(self) -> dict[str, Any]:
        """Of the window, which is over; with a reason where nothing could be read."""
        try:
            after = _values(self._llm) if self._reason is None else {}
        except Exception as error:
            after, self._reason = {}, describe(error)
        grown = {name: _less(value, self._before.get(name)) for name, value in after.items()}
        speculation = {name: grown.get(source) for name, source in _SPECULATION.items()}
        return {
            **{name: grown.get(source) for name, source in _COUNTERS.items()},
            "iterations": grown.get(_ITERATIONS),
            **(UNWATCHED if self._peaks is None else self._peaks.read()),
            "speculation": speculation if speculation["drafts"] is not None else None,
            **({} if self._reason is None else {"reason": self._reason}),
        }

    def _watch(self) -> Peaks | None:
        """None where this release has no such list of loggers."""
        loggers = getattr(getattr(self._llm.llm_engine, "logger_manager", None), "stat_loggers", None)
        if not isinstance(loggers, list):
            return None
        peaks = Peaks()
        loggers[:] = [logger for logger in loggers if not isinstance(logger, Peaks)] + [peaks]
        return peaks


def _values(llm: LLM) -> dict[str, Any]:
    """Every counter by its name, over all its labels; of a histogram the number of its entries."""
    found: dict[str, Any] = {}
    for metric in llm.get_metrics():
        value = getattr(metric, "value", getattr(metric, "values", getattr(metric, "count", None)))
        found[metric.name] = _plus(found.get(metric.name), value)
    return found


def _plus(before: Any, value: Any) -> Any:
    if before is None or value is None:
        return value if before is None else before
    return [a + b for a, b in zip(before, value)] if isinstance(value, list) else before + value


def _less(after: Any, before: Any) -> Any:
    if isinstance(after, list):
        return [a - b for a, b in zip(after, before or [0] * len(after))]
    return after if after is None or before is None else after - before
