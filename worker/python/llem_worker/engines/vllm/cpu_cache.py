"""How much memory the KV cache takes on CPUs where the study does not say."""

import os
import re
from typing import Any

GIB = 2**30
# What vLLM took there before it went by the memory of the machine.
MOST_BYTES = 4 * GIB
_SIZES = ("gpu_memory_utilization", "kv_cache_memory_bytes", "num_gpu_blocks_override")


def with_cache_size(arguments: dict[str, Any], meminfo: str = "/proc/meminfo") -> dict[str, Any]:
    """
    The arguments of LLM for a run on CPUs, with the size of the KV cache: that of the study or of the environment, else
    4 GiB, but no more than a quarter of what is available. vLLM itself takes 0.92 of the machine's memory, and does not
    start where other programs use more than the rest.
    """
    if any(arguments.get(name) is not None for name in _SIZES) or os.environ.get("VLLM_CPU_KVCACHE_SPACE"):
        return arguments
    available = _available_bytes(meminfo)
    size = MOST_BYTES if available is None else min(MOST_BYTES, available // 4)
    return {**arguments, "kv_cache_memory_bytes": size}


def _available_bytes(meminfo: str) -> int | None:
    """None where the kernel does not tell."""
    try:
        with open(meminfo, encoding="ascii") as file:
            found = re.search(r"^MemAvailable:\s*(\d+) kB$", file.read(), re.MULTILINE)
    except (OSError, ValueError):
        return None
    return None if found is None else int(found.group(1)) * 1024
