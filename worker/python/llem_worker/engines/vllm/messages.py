"""Texts for people of the engine vllm."""


def release_too_old(found: str, oldest: str) -> str:
    return f"vLLM {found} is older than {oldest}, the first release that tells the times of a request"


def part_untold() -> str:
    """Of a part of the memory, as are the next five."""
    return "this release of vLLM does not tell it"


def part_untold_on_cpu() -> str:
    return "vLLM does not tell it on a CPU"


def part_unreadable(reason: str) -> str:
    return f"it cannot be read from this release of vLLM: {reason}"


def activations_not_profiled() -> str:
    return "kv_cache_memory_bytes sets the size of the KV cache, so vLLM did not profile activations"


def no_graphs_on_cpu() -> str:
    return "a CPU captures no CUDA graphs"


def pools_of_sleep_mode() -> str:
    return "with enable_sleep_mode the pools of graphs cannot be told from those of the weights"


def preempted(count: int) -> str:
    return (
        f"The KV cache was full: vLLM stopped requests {count} times in the measured window and computed them again later, "
        "so times and energy hold work that was done twice. Raise gpu_memory_utilization or kv_cache_memory_bytes, or "
        "lower max_num_seqs or the lengths of prompts and outputs."
    )
