"""Texts for people of the engine `pytorch`. Needs the standard library alone."""


def gpu_not_seen(devices: str) -> str:
    return (
        f"The run is assigned GPU {devices}, but this torch finds no GPU: check nvidia-smi and "
        "that torch was built for CUDA, or leave out --devices."
    )


def device_map_without_gpu(device: str) -> str:
    return (
        f"pytorch.device_map names {device}, but this torch finds no GPU: check nvidia-smi, "
        "CUDA_VISIBLE_DEVICES and that torch was built for CUDA, or use device_map: cpu."
    )


def no_such_gpu(field: str, index: int, count: int) -> str:
    return f"pytorch.{field} names GPU {index}, but torch finds {count} GPUs."


def setting_needs_cuda(setting: str, remedy: str) -> str:
    return f"pytorch.{setting} needs a GPU with CUDA: {remedy}."


def attention_not_in_fp32(implementation: str) -> str:
    return f"pytorch.attn_implementation: {implementation} cannot compute in fp32: use bf16 or fp16."


def needed_by(setting: str) -> str:
    return f"{setting} needs it"


def lookup_excludes(setting: str) -> str:
    return f"pytorch.prompt_lookup_num_tokens cannot be combined with {setting}: remove one of them."


def lookup_needs_single_prompts() -> str:
    return "pytorch.prompt_lookup_num_tokens works with single prompts only: set batch_size: 1."


def lookup_needs_cache() -> str:
    return "pytorch.prompt_lookup_num_tokens needs the cache: remove use_cache: false."


def compile_needs_newer_torch() -> str:
    return (
        "pytorch.torch_compile needs torch 2.7 or newer: an older one silently continues without compiling. "
        "Upgrade torch, or remove torch_compile."
    )


def no_such_compile_backend(backend: str, available: str) -> str:
    return f"This torch has no compile backend {backend}: it has {available}."


def compile_backend_without_mode(backend: str, mode: str) -> str:
    return f"pytorch.torch_compile_backend: {backend} has no mode {mode}: use inductor."


def compile_needs_compiler() -> str:
    return (
        "pytorch.torch_compile needs a C++ compiler: install one (apt install g++), set CXX, "
        "or use torch_compile_backend: aot_eager."
    )


def quantisation_given_twice() -> str:
    return "quantization_config cannot be combined with load_in_4bit or load_in_8bit: keep one of them."


def gguf_already_quantised() -> str:
    return "A GGUF file cannot be quantised again: remove load_in_4bit and load_in_8bit."


def encoder_decoder(model: str) -> str:
    return f"This {model} has an encoder and a decoder: name a decoder-only model."


def not_as_asked(setting: str, model: str, found: str) -> str:
    return f"{setting} is set, but this {model} {found}."


def set_twice(key: str) -> str:
    return f"passthrough_kwargs.{key} is set in the section pytorch too: remove one of them."


def has_own_field(key: str, field: str) -> str:
    return f"{key} has a field of its own in the study file: set {field} instead."


def set_by_worker(key: str) -> str:
    return f"{key} cannot be passed on: the worker sets it itself. Remove it from the study."


def generation_refused(reason: str) -> str:
    return f"transformers refuses the generation settings: {reason}"


def max_memory_needs_strategy(strategies: str, found: str) -> str:
    return f"pytorch.max_memory needs one of device_map: {strategies}; it is {found}."


def max_memory_of_unknown_device(key: str) -> str:
    return f"pytorch.max_memory names {key}; devices are the numbers of GPUs, cpu and disk."


def model_not_in_memory(parts: int, first: str) -> str:
    return (
        f"The model does not fit into memory: {parts} of its parts, such as {first}, would "
        "be read from disk at every step. Use a smaller model or precision, or set pytorch.max_memory."
    )


def num_processes_ignored() -> str:
    return "pytorch.num_processes has no effect: a run is one process."


def needs_beams(field: str) -> str:
    return f"pytorch.{field} has no effect without num_beams above 1."


def gpu_unused() -> str:
    return (
        "This machine has an NVIDIA GPU, but this torch does not find it and computes on the CPU: "
        "install a torch with CUDA."
    )


def parts_offloaded(away: int, parts: int, devices: str) -> str:
    return f"{away} of {parts} parts of the model are on {devices}: each step waits for them to be copied."


def begins_with_token(token: str) -> str:
    return (
        f"This transformers puts {token} before every prompt, whether or not the GGUF file asks for it; "
        "transformers 5.24 follows the file."
    )


def pads_with_first_token() -> str:
    return "The tokenizer has neither a padding nor an end token: token 0 is used for padding."


def remote_code_not_allowed(what: str, model: str) -> str:
    return (
        f"The {what} of {model} is Python code that comes with the model, and the study does not allow it. "
        "Read that code: it runs with your rights. Then set pytorch.trust_remote_code: true, and pin "
        "what you have read by pytorch.revision."
    )


def not_loadable(what: str, model: str, reason: str) -> str:
    return f"The {what} of {model} cannot be loaded: {reason}"


def adapter_not_loadable(adapter: str, reason: str) -> str:
    return f"The adapter {adapter} cannot be loaded: {reason}."


def adapter_of_other_model(adapter: str, reason: str) -> str:
    return f"The adapter {adapter} was made for another model: {reason}."


def computes_with(attention: str | None) -> str:
    """Of a loaded model, as the next four: what it does in place of what was set."""
    return f"computes with {attention}"


def has_no_window() -> str:
    return "has no sliding window; use static"


def is_not_quantised() -> str:
    return "is not quantised"


def is_quantised_with(method: str) -> str:
    return f"is already quantised with {method}"


def was_loaded_as(dtype: str) -> str:
    return f"was loaded as {dtype}"


def torch_too_old_for(torch: str, transformers: str) -> str:
    return f"torch {torch} is too old for transformers {transformers}"


def weights_missing(model: str, count: int, first: str) -> str:
    return f"{model} lacks {count} weights, such as {first}: they were initialised at random."


def setting_unknown(key: str) -> str:
    return (
        f"transformers has no setting {key}: neither GenerationConfig nor from_pretrained takes it. "
        "Remove it from pytorch or passthrough_kwargs."
    )


def no_language_model(model: str, kind: str | None) -> str:
    """`kind` is the model's family, such as T5; None where it is unknown."""
    subject = f"{model} is {kind}, for which" if kind else f"For {model},"
    return (
        f"{subject} transformers has no causal language model (AutoModelForCausalLM): "
        "name a decoder-only model."
    )


def invalid_probabilities() -> str:
    return (
        "The model's probabilities contain NaN or infinity, so no token can be sampled. "
        "fp16 often overflows: use precision: bf16 or fp32."
    )


def compile_failed(kind: str, detail: str) -> str:
    return (
        f"torch.compile failed: {kind}: {detail}. Set pytorch.torch_compile: false, or another "
        "torch_compile_backend or torch_compile_mode; the traceback has the details."
    )


def less_memory() -> str:
    """What to do where a GPU's memory is full."""
    return (
        "Use a smaller pytorch.batch_size, max_output_tokens or precision, quantise (load_in_8bit, load_in_4bit), or "
        "distribute the model with pytorch.max_memory"
    )


def run_on_cpu() -> str:
    return "run on the CPU: pytorch.device_map: cpu"


def names_missing_gpu() -> str:
    return "pytorch.device_map or max_memory names a GPU that does not exist"


def prompt_lookup(tokens: int) -> str:
    """How tokens are chosen, beside `greedy` and the like."""
    return f"prompt lookup of {tokens} tokens"
