"""Memory of the engine by what it is for: of its GPUs, or of its processes where it computes on CPUs."""

from typing import Any

from vllm import LLM

from ...failures import describe
from ...memory import memory_levels, process_memory, reset_peak_rss_of_tree, resident_of_tree
from .devices import uses_gpus

# Of torch's allocator on one device: before the window, at most in it, and the size of the device.
ALLOCATED = ("held_bytes", "peak_bytes", "reserved_bytes", "total_bytes")


class MemoryWatch:
    """Made when the model is loaded and nothing else has been done."""

    def __init__(self, llm: LLM, weights_bytes: int | None) -> None:
        """`weights_bytes`: of the weights by their count and format, for where the engine does not tell."""
        self._llm = llm
        self._on_gpus = uses_gpus()
        self._counted_bytes = weights_bytes
        self._loaded = resident_of_tree()
        self._workers, self._reason = _ask(llm, "llem_memory")
        self._reset = False

    @property
    def weights_bytes(self) -> int | None:
        """As the engine tells it, else as counted."""
        told = _sum(self._workers, "weights_bytes")
        return self._counted_bytes if told is None else told

    def reset_peak(self) -> None:
        """What is read later is the peak from now on."""
        of_processes = reset_peak_rss_of_tree()
        of_gpus = all(_ask(self._llm, "llem_reset_peak")[0] or [False])
        self._reset = of_gpus if self._on_gpus else of_processes

    def read(self) -> dict[str, Any]:
        """For the result."""
        return {
            **(self._of_gpus() if self._on_gpus else self._of_processes()),
            **self._by_part(),
            "kv_cache": _kv_cache(self._llm),
            "peak_since": "measure" if self._reset else "start of the process",
            **process_memory(),
        }

    def _of_gpus(self) -> dict[str, Any]:
        """What torch's allocator held in the engine's processes; what other libraries took is not in it."""
        now, _ = _ask(self._llm, "llem_memory")
        rows = [
            {
                "device": row["device"],
                "rank": row["rank"],
                "model_bytes": row["parts"]["weights_bytes"],
                **{name: row.get(name) for name in ALLOCATED},
                "parts": loaded["parts"],
            }
            for row, loaded in zip(now, self._workers)
        ]
        peaks = [row["peak_bytes"] for row in rows if row["peak_bytes"] is not None]
        peak = sum(peaks) if peaks and len(peaks) == len(rows) else None
        return {**memory_levels(self.weights_bytes, peak), "method": "cuda_allocator", "per_device": rows}

    def _of_processes(self) -> dict[str, Any]:
        """What they hold counts interpreters and libraries too; the model holds its weights."""
        loaded, now = self._loaded, resident_of_tree()
        levels = {**memory_levels(loaded.rss_bytes, now.peak_rss_bytes), "model_bytes": self.weights_bytes}
        return {
            **levels,
            "loaded_rss_bytes": loaded.rss_bytes,
            "method": "process_rss",
            "processes": now.processes,
        }

    def _by_part(self) -> dict[str, Any]:
        """Sums over the devices; a part that one of them does not tell is None, with its reason."""
        first = self._workers[0] if self._workers else {"parts": {}, "reasons": {}}
        parts = {name: _sum(self._workers, name) for name in first["parts"]}
        reasons = {name: reason for row in self._workers for name, reason in row["reasons"].items()}
        if parts.get("weights_bytes") is None and self._counted_bytes is not None:
            parts["weights_bytes"] = self._counted_bytes
            reasons.pop("weights_bytes", None)
            source: str | None = "files"
        else:
            source = None if parts.get("weights_bytes") is None else "engine"
        return {
            "parts": parts,
            "parts_reasons": reasons if self._reason is None else {**reasons, "all": self._reason},
            "weights_from": source,
        }


def _ask(llm: LLM, method: str) -> tuple[list[Any], str | None]:
    """What each worker of the engine answers, or why there is no answer: no fact is worth a measurement."""
    try:
        return list(llm.collective_rpc(method)), None
    except Exception as error:
        return [], describe(error)


def _sum(workers: list[Any], name: str) -> int | None:
    values = [worker["parts"].get(name) for worker in workers]
    return sum(values) if values and None not in values else None


def _kv_cache(llm: LLM) -> dict[str, int | None]:
    """How much it holds; a release that does not tell the tokens has one block of each for all layers."""
    cache = llm.llm_engine.vllm_config.cache_config
    blocks, size = cache.num_gpu_blocks, cache.block_size
    tokens = getattr(cache, "kv_cache_size_tokens", None)
    if tokens is None and blocks is not None and size is not None:
        tokens = blocks * size
    return {"blocks": blocks, "block_size": size, "tokens": tokens}
