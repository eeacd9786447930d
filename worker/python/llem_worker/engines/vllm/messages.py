"""Texts for people of the engine vllm."""


def release_too_old(found: str, oldest: str) -> str:
    return f"vLLM {found} is older than {oldest}, the first release that tells the times of a request"


def other_prompt(index: int, found: int, given: int) -> str:
    return (
        f"vLLM computed request {index} with other prompt tokens than it was given ({found} in place of {given}), so the "
        "runs would not do the same work."
    )


def prefix_cached(index: int, cached: int) -> str:
    return (
        f"vLLM took {cached} prompt tokens of request {index} from its prefix cache, so it did not do the work that is "
        "measured. Set vllm.engine.enable_prefix_caching: true to measure with the cache."
    )


def prefix_cache_kept(seconds: float) -> str:
    return (
        f"vLLM did not empty its prefix cache within {seconds:g} s, so the next pass would not be computed anew. Set "
        "vllm.engine.enable_prefix_caching: false."
    )


def cut_at_max_model_len(index: int, found: int, asked: int, inputs: int, most: int) -> str:
    return (
        f"Request {index} gave {found} tokens where exactly {asked} were asked for: with its {inputs} prompt tokens it "
        f"reached max_model_len ({most}). Set vllm.engine.max_model_len to {inputs + asked} or more, or ask for less."
    )


def ended_early(index: int, found: int, asked: int, reason: str) -> str:
    """`reason` is the engine's word for why it ended."""
    return (
        f"Request {index} gave {found} tokens where exactly {asked} were asked for (it ended with {reason}), so the runs "
        "would not do the same work. Remove settings of vllm.sampling that end texts."
    )


def no_stamps() -> str:
    return "the engine gave no times of its own"


def phases_in_processes() -> str:
    """Why prefill and decode are no phases, as the next ones."""
    return "the engine runs in processes of its own, so requests do not begin together"


def phases_mixed(seqs: int, tokens: int) -> str:
    return (
        "steps had prefill and decode in them: the prompts did not fit into one step "
        f"(max_num_seqs {seqs}, max_num_batched_tokens {tokens})"
    )


def phases_of_beams() -> str:
    return "a beam search begins every step with a prefill"


def clock_differs(median_ms: float) -> str:
    return (
        f"Times to the first token differ from vLLM's own stamps by {median_ms:.0f} ms (median), more than the way from "
        "the engine takes. Something held the worker up; latencies may be too long."
    )



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


def tokenizer_missing(name: str, reason: str) -> str:
    return (
        f"The model has no tokenizer that transformers can load ({name}: {reason}). Prompts are made with it: put "
        "tokenizer.json and tokenizer_config.json beside the weights."
    )


def adapter_not_merged() -> str:
    return (
        "vLLM computes an adapter beside the weights and never folds it into them: set lora.merge_weights: false, or "
        "merge it with another program and name the merged model."
    )


def adapter_not_loadable(adapter: str, reason: str) -> str:
    return f"vLLM cannot load the adapter {adapter}: {reason}. Name one that was made for this model."


def beams_need_tokenizer() -> str:
    return "vLLM's beam search needs its tokenizer: remove vllm.engine.skip_tokenizer_init."


def beams_without_least_length() -> str:
    return "vLLM's beam search knows no least length: remove decoder.min_new_tokens or vllm.beam_search."


def beams_decide_at_their_end() -> str:
    return "a beam search knows its text when it is over"


def beams_without_cache() -> str:
    return (
        "vLLM's beam search begins every step anew: without the prefix cache it prefills every beam for every token. Set "
        "vllm.engine.enable_prefix_caching: true for what a user of it would see."
    )
