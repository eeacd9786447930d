"""Texts for people of the shared parts. Needs the standard library alone."""


def stdin_is_terminal() -> str:
    return "stdin is a terminal"


def stdin_unreadable(reason: str) -> str:
    return f"stdin cannot be read: {reason}"


def stdin_ended_early() -> str:
    return "stdin ended before a whole line was read"


def line_too_long(most_bytes: int) -> str:
    return f"the line is longer than {most_bytes} bytes"


def line_not_json(reason: str) -> str:
    return f"the line is not JSON: {reason}"


def other_protocol_version(version: object, needed: int) -> str:
    return f"its protocol version is {version}, {needed} is needed"


def token_or_config_missing() -> str:
    return "its token or its config is missing"


def no_assignment(reason: str) -> str:
    return (
        f"llem Python worker: no assignment: {reason}.\n"
        "This is the part of llem that runs one experiment. `llem run` starts it, writes one line of JSON\n"
        "to its stdin and keeps that open; it is not meant to be started by hand. Try `llem run STUDY`."
    )


def no_such_backend(backend: str, engines: list[str]) -> str:
    return (
        f'This worker has no backend "{backend}"; it has {", ".join(engines)}. '
        f"Set backend: {' or '.join(engines)} in the study file."
    )


def worker_failed_unexpectedly(error: str) -> str:
    return f"The worker failed unexpectedly: {error}"


def engine_failed(error: str) -> str:
    return f"The engine failed: {error}"


def package_missing(package: str, why: str, python: str) -> str:
    reason = f" ({why})" if why else ""
    return f"The Python package {package} is missing{reason}. Install it: {python} -m pip install {package}"


def package_broken(package: str, reason: str, python: str | None) -> str:
    """`python` is None where the name of the package is not known."""
    remedy = f" Reinstall it: {python} -m pip install --force-reinstall {package}" if python else ""
    return f"The Python package {package} cannot be imported: {reason}.{remedy}"


def package_too_old(finding: str, wanted: str, python: str) -> str:
    return f"{finding}. Upgrade it: {python} -m pip install {wanted}"


def older_than(package: str, release: str, least: str) -> str:
    return f"{package} {release} is older than {least}"


def memory_not_enough(detail: str) -> str:
    return (
        f"The machine has too little memory: {detail}. Use a smaller model, batch_size or precision, "
        "or stop other programs."
    )


def torch_requested(gib: str) -> str:
    return f"torch requested {gib} GiB"


def gpu_memory_full(gpu: str | None, detail: str, remedy: str) -> str:
    """`gpu` is its number; None where it is unknown. `remedy` is a sentence without its full stop."""
    subject = "The GPU" if gpu is None else f"GPU {gpu}"
    return f"{subject} is out of memory: {detail}. {remedy}."


def gpu_memory_sizes(sizes: dict[str, str]) -> str:
    """GiB by kind: `requested`, `total`, `free`, `own`, each where it is known; never empty."""
    texts = {
        "requested": "{} GiB requested",
        "total": "{} GiB in total",
        "free": "{} GiB free",
        "own": "{} GiB held by this run",
    }
    return ", ".join(text.format(sizes[kind]) for kind, text in texts.items() if kind in sizes)


def cuda_failed(reason: str, remedy: str) -> str:
    return f"CUDA failed: {reason}. Remedy: {remedy}."


def cuda_remedy(kind: str, on_cpu: str, no_such_gpu: str) -> str:
    """What to do about a failure of CUDA; an engine says how it runs on the CPU, and which settings choose GPUs."""
    return {
        "exclusive": "another program may hold the GPU, or it is in exclusive mode: see nvidia-smi",
        "busy": "another program holds the GPU: see nvidia-smi",
        "invisible": "check nvidia-smi and CUDA_VISIBLE_DEVICES",
        "no_driver": f"install the driver, or {on_cpu}",
        "no_cuda": f"install a torch with CUDA, or {on_cpu}",
        "old_driver": "update the NVIDIA driver, or install a torch for this one",
        "other_gpu": "install a torch that was built for this GPU",
        "no_such_gpu": no_such_gpu,
        "assertion": (
            "often a token outside the model's vocabulary, or probabilities that are NaN or infinite "
            "(bf16 may help)"
        ),
        "ecc": "the GPU's memory is failing: see nvidia-smi -q -d ECC",
        "locate": "see worker.log; CUDA_LAUNCH_BLOCKING=1 shows where",
        "driver": "see worker.log and nvidia-smi",
        "log": "see worker.log",
        "nccl": "see worker.log; NCCL_DEBUG=INFO adds details",
    }[kind]


def no_model_at(path: str) -> str:
    return f"There is no model at {path}: correct the path in the study file."


def model_gone(path: str) -> str:
    return f"The model is no longer at {path}, where it was when the study began: put it back."


def model_file_not_gguf(path: str) -> str:
    return f"{path} is a file, but not a GGUF file: name a folder, a .gguf file or a model of the hub."


def no_adapter_at(path: str) -> str:
    return (
        f"There is no adapter at {path} (no adapter_config.json): correct lora.adapter_path in the study file."
    )


def no_prompts_file(dataset: str) -> str:
    return _rewritten(f"The assignment names no file with the prompts of dataset {dataset}")


def prompts_unreadable(path: str, reason: str) -> str:
    return _rewritten(f"Cannot read the prompts from {path}: {reason}")


def prompts_empty(path: str) -> str:
    return _rewritten(f"{path} has no prompts")


def prompt_line_invalid(place: str, reason: str) -> str:
    return _rewritten(f'{place} is not a line such as {{"prompt": "Hello"}}: {reason}')


def prompt_not_text(place: str) -> str:
    return _rewritten(f'{place}: "prompt" is not a text')


def prompts_changed(path: str) -> str:
    return f"{path} was changed after the study began, so runs would not be comparable. Start a new study."


def prompt_without_tokens(name: str) -> str:
    return f"{name} has no tokens. Leave it out."


def token_unknown_to_model(name: str, token: int, vocabulary: int) -> str:
    return (
        f"{name} has token {token}, but the model has {vocabulary} tokens: its tokenizer belongs to "
        "another model."
    )


def idle_for_baseline() -> str:
    """What a live line says while nothing runs."""
    return "idle, to measure the baseline"


def repeat_of(repeat: int, planned: int) -> str:
    """The workload once more; `planned` is an estimate."""
    return f"repeat {repeat} of about {planned}"


def several_texts() -> str:
    return "a request asked for several texts (n), and their tokens came mixed"


def several_tokens_at_once() -> str:
    return "some chunks hold several tokens"


def wrong_length(index: int, found: int, asked: int) -> str:
    return (
        f"Request {index} gave {found} tokens where exactly {asked} were asked for, so the runs would not do the "
        "same work. Shorten its prompt or its output, or let the engine take longer sequences."
    )


def prompt_of(number: int, source: str | None) -> str:
    """`source` is None where the assignment names none."""
    return f"Prompt {number} of {source or 'the dataset'}"


def beyond_context(longest: int, most: int) -> str:
    return f"A request has up to {longest} tokens (prompt and output); the model was made for at most {most}."


def facts_unreadable(part: str, reason: str) -> str:
    """`part` is a field of the result."""
    return f"The engine's part of {part} is left out of the result, since it could not be read: {reason}"


def middle_cut_out() -> str:
    """Stands in a long traceback."""
    return "... (the middle is cut out)"


def shapes_of_text_only() -> str:
    return "only those of models for text are counted"


def no_stamps() -> str:
    return "the engine gave no times of its own"


def flops_unknown(reason: str) -> str:
    return f"the model's shapes cannot be read: {reason}"


def flops_method(
    use_cache: bool, beams: int, shared_prompt: bool, guesses: bool, has_attention: bool, all_experts: bool
) -> str:
    """How the floating-point operations of a run were counted."""
    parts = [
        "2 x weights of matrix multiplications x tokens that pass through them "
        "+ 4 x layers x heads x head width x context",
        "padding and embeddings not counted; each prompt attends to all of its tokens",
        *([] if use_cache else ["no cache: everything is recomputed for each token"]),
        *([f"times {beams} beams{', which share their prompt' if shared_prompt else ''}"] if beams > 1 else []),
        *(["rejected guesses not counted"] if guesses else []),
        *([] if has_attention else ["attention not counted: its width is unknown"]),
        *(["all experts counted: the number per token is unknown"] if all_experts else []),
    ]
    return "; ".join(parts)


def no_safetensors() -> str:
    return "the model has no safetensors file"


def not_safetensors(name: str) -> str:
    return f"{name} is no safetensors file"


def packing_untold(name: str) -> str:
    return f"{name} is packed in a number of bits that config.json does not tell"


def _rewritten(problem: str) -> str:
    return f"{problem}. `llem run` writes this file before the first run; start the study with it."
