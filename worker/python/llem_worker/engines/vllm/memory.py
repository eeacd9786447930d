"""Memory of the engine by what it is for."""

from typing import Any

from vllm import LLM

from ...memory import memory_levels, peak_rss_bytes, process_memory, reset_peak_rss, rss_bytes


class MemoryWatch:
    """Made when the model is loaded and nothing else has been done."""

    def __init__(self, llm: LLM) -> None:
        self._llm = llm
        self._rss_bytes = rss_bytes()
        self._reset = False

    def reset_peak(self) -> None:
        """What is read later is the peak from now on."""
        self._reset = reset_peak_rss()

    def read(self) -> dict[str, Any]:
        """For the result."""
        return {
            **memory_levels(self._rss_bytes, peak_rss_bytes()),
            "method": "process_rss",
            "peak_since": "measure" if self._reset else "start of the process",
            **process_memory(),
        }
