"""Texts for people of the engine vllm."""


def release_too_old(found: str, oldest: str) -> str:
    return f"vLLM {found} is older than {oldest}, the first release that tells the times of a request"


def bad_variable(name: str, reason: str) -> str:
    return f"vLLM cannot read the variable {name} of the environment: {reason.rstrip('.')}. Correct it, or unset it."


def other_prompt(index: int, found: int, given: int) -> str:
    return (
        f"vLLM computed request {index} with other prompt tokens than it was given ({found} in place of {given}), so the "
        "runs would not do the same work. Use another release of vLLM."
    )


def request_given_up(index: int, reason: str) -> str:
    """`reason` is the engine's word."""
    return f"vLLM gave up request {index} ({reason}): see worker.log for what it says of it."


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


def phases_in_processes() -> str:
    """Why prefill and decode are no phases, as the next ones."""
    return "the engine runs in processes of its own, so requests do not begin together"


def phases_mixed(seqs: int, tokens: int) -> str:
    return (
        "the prompts did not fit into one step, so some were computed between or beside tokens of others "
        f"(max_num_seqs {seqs}, max_num_batched_tokens {tokens})"
    )


def phases_preempted() -> str:
    return "requests were put back since the KV cache was full, so later steps computed their prompts again"


def phases_of_beams() -> str:
    return "a beam search begins every step with a prefill"


def clock_differs(median_ms: float) -> str:
    return (
        f"Times to the first token differ from vLLM's own stamps by {median_ms:.0f} ms (median), more than the way from "
        "the engine takes. Something held the worker up; latencies may be too long."
    )


def setting_unknown(path: str, release: str, near: str | None) -> str:
    hint = "Remove it" if near is None else f'Did you mean "{near}"? Else remove it'
    return f"vLLM {release} has no setting {path}. {hint}."


def setting_too_new(what: str, release: str, since: str) -> str:
    """`what` is a setting, or a setting with its value, as in the next."""
    return f"vLLM {release} does not have {what} yet (new in {since}). Upgrade vLLM, or remove the setting."


def setting_gone(what: str, release: str, until: str, instead: str | None) -> str:
    """`instead` is a sentence of what to do; None where nothing took its place."""
    remedy = "Remove it, or install an older vLLM." if instead is None else instead
    return f"vLLM {release} no longer has {what} (gone in {until}). {remedy}"


def without_swap_space(path: str) -> str:
    return (
        f"{path} has no effect since vLLM's V1 engine: preempted sequences are computed again. To keep their KV cache "
        "in host memory set vllm.engine.kv_offloading_size (GiB); else remove it."
    )


def instead_of_partial_prefills() -> str:
    return "Long prompts are bounded by vllm.engine.long_prefill_token_threshold."


def instead_of_lookahead_slots() -> str:
    return "Set vllm.engine.speculative_config.num_speculative_tokens."


def instead_of_cuda_graph_sizes() -> str:
    return "Set vllm.engine.compilation_config.cudagraph_capture_sizes."


def instead_of_prefill_decode_attention() -> str:
    return "Set vllm.engine.attention.backend: ROCM_ATTN, whose kernels it chose."


def instead_of_prefill_flags() -> str:
    return "Set vllm.engine.attention.mla_prefill_backend: FLASH_ATTN, FLASHINFER or TRTLLM_RAGGED."


def instead_of_level() -> str:
    return "Set vllm.engine.compilation_config.mode."


def instead_of_marlin() -> str:
    return "Use gptq_marlin or awq_marlin, or null: its kernels are chosen where they fit the model."


def instead_of_bitsandbytes() -> str:
    return "Use fp8, or int8_per_channel_weight_only, or a model that was published with fewer bits."


def instead_of_gguf() -> str:
    return "Name a folder or a repository with safetensors."


def left_out(path: str, value: object, release: str) -> str:
    return f"{path}: {value} is left out: vLLM {release} has no such setting, and the value asks for nothing."


def word_unknown(path: str, word: str, release: str, near: str | None, known: list[str]) -> str:
    hint = "" if near is None else f'Did you mean "{near}"? '
    return f'vLLM {release} does not know {path}: {word}. {hint}It has {", ".join(known)}.'


def set_twice(key: str) -> str:
    return f"passthrough_kwargs.{key} is set in vllm.engine too: remove one of them."


def same_setting_twice(one: str, other: str) -> str:
    return f"{one} and {other} are one setting: remove one of them."


def has_own_field(path: str, field: str) -> str:
    return f"{path} has a field of its own in the study file: set {field} instead."


def belongs_to(path: str, place: str) -> str:
    return f"{path} has no effect there: write {place}."


def set_by_worker(path: str) -> str:
    return f"{path} cannot be set: the worker sets it itself. Remove it from the study."


def one_engine_only(path: str) -> str:
    return (
        f"{path} asks for several engines, and a run is one engine on one machine. Use tensor_parallel_size or "
        "pipeline_parallel_size, or measure a server (backend: openai)."
    )


def needs_lora(path: str) -> str:
    return f"{path} has no effect without an adapter: add lora, or remove it."


def must_be_mapping(path: str) -> str:
    return f"{path} must be a mapping."


def no_draft_model_at(path: str) -> str:
    return f"There is no draft model at {path}: correct the path in the study file."


def greedy_gives_one_text(n: int) -> str:
    return (
        f"vllm.sampling.n is {n}, but greedy decoding gives one text: set decoder.do_sample: true and a "
        "temperature above 0."
    )


def least_above_most(least: int, most: int) -> str:
    return f"vllm.sampling.min_tokens ({least}) is above the number of tokens at most ({most}): lower it."


def beams_do_not_sample() -> str:
    return (
        "Beam search takes the likeliest texts: temperature, top_k, top_p and min_p of the decoder have no part in it."
    )


def beams_without_penalty() -> str:
    return "vLLM's beam search has no repetition penalty: set decoder.repetition_penalty: 1."


def beams_never_stop_early(release: str) -> str:
    return (
        f"The beam search of vLLM {release} has no early_stopping: it searches until every beam has ended. "
        "Remove vllm.beam_search.early_stopping."
    )


def beam_width_missing() -> str:
    return "vllm.beam_search has no beam_width: add one, such as 4."


def not_as_asked(path: str, asked: object, found: str) -> str:
    return (
        f"{path} is {asked}, but vLLM computes with {found}: this model, device or release does not take what was "
        "asked for. Remove the setting, or set what it computes with."
    )


def differs_from_exact(path: str, found: int, exact: int) -> str:
    return (
        f"{path} is {found}, but answers to synthetic prompts have exactly dataset.output_len ({exact}) tokens: set "
        "dataset.output_len instead."
    )


def end_is_ignored(path: str) -> str:
    return f"{path} cannot be false: answers to synthetic prompts have an exact length. Remove it."


def stops_are_ignored(path: str) -> str:
    return f"{path} cannot be given: answers to synthetic prompts have an exact length. Remove it."


def needs_gpu(path: str) -> str:
    return f"{path} keeps what does not fit a GPU in host memory, and this vLLM computes on the CPU: remove it."


def no_stages_on_cpu(path: str) -> str:
    return f"{path}: vLLM on a CPU cannot run a model in pipeline stages. Use vllm.engine.tensor_parallel_size."


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
    times = "once" if count == 1 else f"{count} times"
    return (
        f"The KV cache was full: vLLM put requests back {times} in the measured window and computed their tokens again, so "
        "times and energy contain work that was done twice. Raise gpu_memory_utilization or kv_cache_memory_bytes, or lower "
        "max_num_seqs or the lengths of prompts and outputs."
    )


def nothing_drafted() -> str:
    return (
        "Speculative decoding drafted no token in the measured window, so these are the times of decoding without it. "
        "The method ngram drafts only what repeats an earlier part of the text: measure it with real prompts (dataset), not "
        "with synthetic ones."
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
    remedy = (
        "Raise vllm.engine.max_lora_rank, or remove it"
        if "max_lora_rank" in reason
        else "Name one that was made for this model"
    )
    return f"vLLM cannot load the adapter {adapter}: {reason.rstrip('.')}. {remedy}."


def adapter_of_other_rank(module: str, found: int, told: int) -> str:
    return f"{module} has rank {found}, and its adapter_config.json says {told}"


def adapter_of_other_shape(module: str, outputs: int, inputs: int, weights: int) -> str:
    return f"{module} is for {outputs} x {inputs} weights, and the model has {weights} there"


def adapter_of_other_depth(module: str) -> str:
    return f"the model has no {module}"


def beams_without_least_length() -> str:
    return "vLLM's beam search knows no least length: remove decoder.min_new_tokens or vllm.beam_search."


def beams_decide_at_their_end() -> str:
    return "a beam search knows its text when it is over"


def flops_with_hits() -> str:
    return "parts of prompts came from the prefix cache and were not computed"


def flops_of_beams() -> str:
    return "how often a beam search computes its beams anew is not known"


def beams_without_cache() -> str:
    return (
        "vLLM's beam search begins every step anew: without the prefix cache it prefills every beam for every token. Set "
        "vllm.engine.enable_prefix_caching: true for what a user of it would see."
    )


def no_gguf(path: str) -> str:
    return (
        f"{path} is a GGUF file, and the backend vllm loads folders with safetensors. Name such a folder or a repository, "
        "or use backend: llamacpp or pytorch."
    )
