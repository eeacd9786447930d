"""Texts for people of the engine `tensorrt`. Needs the standard library alone."""

import re


def release_too_old(found: str, oldest: str) -> str:
    return f"TensorRT-LLM {found} is older than {oldest}, the first release whose LLM is the PyTorch backend"


def no_engine_files(found: str, last: str, python: str) -> str:
    return (
        f"tensorrt.engine_path: TensorRT-LLM {found} runs no engine files; {last} was the last release that "
        "does. Remove "
        "engine_path, so that the PyTorch backend runs the model, or install that release: "
        f"{python} -m pip install 'tensorrt_llm=={last}.*'"
    )


def no_engine_at(folder: str, reason: str) -> str:
    return (
        f"tensorrt.engine_path: there is no engine in {folder} ({reason}). Name the folder that trtllm-build "
        "wrote."
    )


def not_engine_files(folder: str) -> str:
    return (
        f"tensorrt.engine_path: config.json in {folder} is none of an engine (no pretrained_config and "
        "build_config): "
        "name the folder that trtllm-build wrote; a model's own folder belongs into `model`."
    )


def no_lora() -> str:
    return (
        "lora: backend tensorrt runs no adapters. Merge the adapter into the model, or use backend: pytorch "
        "or vllm."
    )


def no_gguf(file: str) -> str:
    return f"TensorRT-LLM reads no GGUF files, and the model is {file}: name a folder or a model of the hub."


def several_greedy_texts(n: int) -> str:
    return (
        f"tensorrt.sampling.n is {n}, but decoding is greedy, so all texts would be the same: set n to 1, or "
        "decoder.do_sample: true with a temperature above 0."
    )


def no_beam_width() -> str:
    return "tensorrt.beam_search needs beam_width: say how many beams are followed, or remove the section."


def set_twice(key: str) -> str:
    return f"passthrough_kwargs.{key} is set in the section tensorrt too: remove one of them."


def has_own_field(key: str, field: str) -> str:
    return f"{key} has a field of its own in the study file: set {field} instead."


def set_by_worker(key: str) -> str:
    return f"{key} cannot be passed on: the worker sets it itself. Remove it from the study."


def setting_unknown(key: str, release: str, engine_files: bool, meant: str | None) -> str:
    backend = "with engine files" if engine_files else "with its PyTorch backend"
    remedy = "Remove it from the study"
    if meant is not None:
        remedy = f"Did you mean {meant}? Else remove it from the study"
    return f"{key}: TensorRT-LLM {release} {backend} knows no such setting. {remedy}."


def checkpoint_otherwise(asked: str, algorithm: str, model: str, found: str | None) -> str:
    subject = "is not quantised" if found is None else f"is quantised with {found}"
    return (
        f"tensorrt.quantization: {asked} means {algorithm}, but {model} {subject}, and the PyTorch backend "
        "computes with "
        f"what the checkpoint is. Name a checkpoint that is quantised with {algorithm} (ModelOpt writes "
        "them), or name "
        "engine files that were built so in tensorrt.engine_path."
    )


def engine_otherwise(asked: str, algorithm: str, folder: str, found: str | None) -> str:
    subject = "without quantisation" if found is None else f"with {found}"
    return (
        f"tensorrt.quantization: {asked} means {algorithm}, but the engine in {folder} was built {subject}: "
        "build it "
        "anew, or correct the field."
    )


def built_otherwise(setting: str, name: str, built: object, folder: str) -> str:
    return (
        f"{setting} does not fit the engine in {folder}, which was built with {name} {built}: correct one of "
        "them."
    )


def not_as_asked(setting: str, asked: object, found: object) -> str:
    return f"{setting} is set to {asked}, but the engine made it {found}: set that, or leave the field out."


def blocks_reused(index: int, blocks: int) -> str:
    return (
        f"Request {index} reused {blocks} blocks of the KV cache, so work was spared that is to be measured, "
        "although "
        "tensorrt.kv_cache_config.enable_block_reuse is off. Set it to true where that is what you want to "
        "measure."
    )


def other_prompt(index: int) -> str:
    return (
        f"TensorRT-LLM computed request {index} with other prompt tokens than it was given, which is other "
        "work."
    )


def clock_differs(median_ms: float) -> str:
    return (
        f"Times to the first token differ from TensorRT-LLM's own stamps by {median_ms:.0f} ms (median), "
        "more than the way "
        "from the engine takes. Something held the worker up; latencies may be too long."
    )


def phases_untold() -> str:
    """Why prefill and decode are no phases."""
    return "the engine schedules by itself and does not tell its steps"


def flops_with_reuse() -> str:
    return "parts of prompts came from blocks of earlier ones and were not computed"


def beams_decide_at_their_end() -> str:
    return "a beam search decides at its end which tokens there are"


def no_answer(index: int) -> str:
    return f"The engine ended request {index} without an answer; worker.log may say why."


def remote_code_not_allowed(what: str, model: str) -> str:
    return (
        f"The {what} of {model} is Python code that comes with the model, and the study does not allow it. "
        "Read that code: it runs with your rights. Then set tensorrt.trust_remote_code: true."
    )


def needs_remote_code(reason: str) -> str:
    return (
        f"The model brings Python code of its own, and the study does not allow it ({reason}). Read that "
        "code: it runs "
        "with your rights. Then set tensorrt.trust_remote_code: true."
    )


def not_loadable(what: str, model: str, reason: str) -> str:
    return (
        f"The {what} of {model} cannot be loaded: {reason.rstrip('.')}. "
        "Check that the model is complete and of a kind that the installed transformers knows."
    )


def shutdown_hangs(seconds: float) -> str:
    return (
        f"TensorRT-LLM did not shut down within {seconds:g} s; the worker leaves without waiting any longer."
    )


def memory_table(text: str) -> str:
    """`text` is the engine's own table: which component found no room, and which came before."""
    component = re.search(r"following component could not be created: (.+)", text)
    free = re.search(r"Free GPU memory before component creation attempt \(GiB\): ([\d.]+)", text)
    parts = [
        *([] if component is None else [f"no room for {component.group(1).strip()}"]),
        *([] if free is None else [f"{free.group(1)} GiB were free"]),
    ]
    return (
        f"The GPU has too little memory: {'; '.join(parts) or 'while the engine was made'}. {less_memory()}."
    )


def gpu_memory_full(reason: str) -> str:
    return f"The GPU has too little memory: {reason}. {less_memory()}."


def less_memory() -> str:
    """The remedy, a sentence without its full stop."""
    return (
        "Lower tensorrt.kv_cache_config.free_gpu_memory_fraction, max_num_tokens, max_seq_len or "
        "max_batch_size, share "
        "the model between GPUs (tp_size), or end other programs (nvidia-smi lists them)"
    )


def other_backend() -> str:
    """How to do without a GPU; what follows `or`."""
    return "use another backend: TensorRT-LLM has none for CPUs"


def sizes_of_gpus() -> str:
    return "tensorrt.tp_size and pipeline_parallel_size ask for more GPUs than there are"


def argument_refused(reason: str) -> str:
    return f"TensorRT-LLM refuses a setting: {reason}. Correct it in the section tensorrt, or remove it."


def argument_of_engines(reason: str) -> str:
    return f"{reason}. Name engine files in tensorrt.engine_path, or remove the setting."


def too_few_gpus(reason: str) -> str:
    return (
        f"{reason}. Lower tensorrt.tp_size or pipeline_parallel_size, or give the run more GPUs (--devices)."
    )


def prompt_above_tokens(reason: str) -> str:
    return (
        f"A prompt is longer than one step may be: {reason}. Raise tensorrt.max_num_tokens, set "
        "enable_chunked_prefill: true, or shorten the prompts."
    )


def prompt_above_length(reason: str) -> str:
    return (
        f"A request is longer than the engine takes: {reason}. Raise tensorrt.max_seq_len (engine files must "
        "be built "
        "anew), or shorten prompts or output."
    )


def prompt_above_input(reason: str) -> str:
    return (
        f"A prompt is longer than the engine takes: {reason}. Raise tensorrt.max_input_len (engine files "
        "must be built "
        "anew), or shorten the prompts."
    )


def beams_above_limit(reason: str) -> str:
    return (
        f"{reason}. Lower tensorrt.beam_search.beam_width, or raise max_beam_width (engine files: build them "
        "anew)."
    )


def greedy_choices(reason: str) -> str:
    return f"{reason}. Set tensorrt.sampling.n: 1, or sample."


def no_bfloat16(reason: str) -> str:
    return f"{reason}: set precision: fp16."


def unknown_architecture(reason: str) -> str:
    return f"{reason}. Use a newer release of TensorRT-LLM, or another backend for this model."


def engine_of_other_release(reason: str) -> str:
    return (
        f"The engine files cannot be read: {reason}. They run with the release and the kind of GPU that "
        "built them: "
        "build them anew here, or install that release."
    )


def no_mpi(reason: str) -> str:
    return f"{reason}. TensorRT-LLM needs Open MPI: install it (apt install libopenmpi-dev)."


def mpi_failed(reason: str) -> str:
    return (
        f"MPI could not start the engine's processes: {reason}. Inside a job of Slurm start llem outside "
        "srun, or with "
        "srun --mpi=pmix; tp_size: 1 needs no MPI."
    )


def engine_process_failed(detail: str | None) -> str:
    """`detail` is what the engine's process said last; None where it said nothing to us."""
    cause = "" if detail is None else f": {detail}"
    return (
        f"A process of the engine failed{cause}. Its first error in worker.log is the cause, those after it "
        "come from the "
        "teardown. Correct that, or try tensorrt.tp_size: 1, which needs no further process."
    )
