"""Prints every message of the Python worker, made from sample values, as JSON: {texts: {file: {function: [text]}}, missing}.

Imports no engine's packages: a messages.py needs the standard library alone.
"""

import importlib
import inspect
import json
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORKER = os.path.join(ROOT, "worker", "python")
sys.path.insert(0, WORKER)

# Module -> function -> the arguments of one or more calls.
PYTHON = "/usr/bin/python3"
SAMPLES: dict[str, dict[str, list[tuple]]] = {
    "llem_worker.messages": {
        "stdin_is_terminal": [()],
        "stdin_unreadable": [("[Errno 5] Input/output error",)],
        "stdin_ended_early": [()],
        "line_too_long": [(67108864,)],
        "line_not_json": [("Expecting value: line 1 column 1 (char 0)",)],
        "other_protocol_version": [(2, 1)],
        "token_or_config_missing": [()],
        "no_assignment": [("stdin is a terminal",)],
        "no_such_backend": [("vllm", ["pytorch"])],
        "worker_failed_unexpectedly": [("KeyError: 'config'",)],
        "engine_failed": [("RuntimeError: shape mismatch",)],
        "package_missing": [("peft", "", PYTHON), ("peft", "lora needs it", PYTHON)],
        "package_broken": [("torch", "libcudart.so.12: not found", PYTHON), ("of the engine", "x", None)],
        "package_too_old": [("torch 1.13 is older than 2.1", "'torch>=2.1'", PYTHON)],
        "older_than": [("torch", "1.13", "2.1")],
        "memory_not_enough": [("MemoryError",)],
        "no_model_at": [("/home/me/models/x",)],
        "model_gone": [("/home/me/models/x",)],
        "model_file_not_gguf": [("/home/me/models/x.bin",)],
        "no_adapter_at": [("/home/me/adapter",)],
        "no_prompts_file": [('{"jsonl": "a.jsonl"}',)],
        "prompts_unreadable": [("prompts/0123.jsonl", "[Errno 2] No such file or directory")],
        "prompts_empty": [("prompts/0123.jsonl",)],
        "prompt_line_invalid": [("prompts/0123.jsonl:3", "KeyError('prompt')")],
        "prompt_not_text": [("prompts/0123.jsonl:3",)],
        "prompts_changed": [("prompts/0123.jsonl",)],
        "prompt_without_tokens": [("Prompt 3",)],
        "idle_for_baseline": [()],
        "repeat_of": [(2, 5)],
        "several_texts": [()],
        "several_tokens_at_once": [()],
        "wrong_length": [(3, 30, 32)],
        "prompt_of": [(3, "prompts.jsonl"), (3, None)],
        "beyond_context": [(4100, 2048)],
        "flops_unknown": [("AttributeError: hidden_size",)],
        "flops_method": [(True, 1, False, True, False), (False, 3, True, False, True)],
        "no_safetensors": [()],
        "not_safetensors": [("model.safetensors",)],
        "packing_untold": [("model.layers.0.mlp.up_proj.qweight",)],
        "middle_cut_out": [()],
        "token_unknown_to_model": [("Prompt 3", 50000, 32000)],
    },
    "llem_worker.engines.vllm.messages": {
        "release_too_old": [("0.10.1", "0.11.2")],
        "other_prompt": [(3, 30, 32)],
        "prefix_cached": [(3, 16)],
        "prefix_cache_kept": [(5.0,)],
        "cut_at_max_model_len": [(3, 56, 100, 200, 256)],
        "ended_early": [(3, 30, 32, "stop")],
        "no_stamps": [()],
        "phases_in_processes": [()],
        "phases_mixed": [(256, 8192)],
        "phases_of_beams": [()],
        "clock_differs": [(140.0,)],
        "tokenizer_missing": [("models/x", "OSError: no tokenizer.json")],
        "adapter_not_merged": [()],
        "adapter_not_loadable": [("adapters/x", "ValueError: rank 16")],
        "beams_without_least_length": [()],
        "beams_decide_at_their_end": [()],
        "beams_without_cache": [()],
        "setting_unknown": [("vllm.engine.x", "0.32.0", None), ("vllm.engine.max_seqs", "0.32.0", "max_num_seqs")],
        "setting_too_new": [("vllm.engine.offload_params", "0.11.2", "0.17")],
        "setting_gone": [
            ("vllm.engine.task", "0.32.0", "0.13", None),
            ("vllm.engine.quantization: gguf", "0.32.0", "0.24", "Name a folder."),
        ],
        "without_swap_space": [("vllm.engine.swap_space",)],
        "instead_of_partial_prefills": [()],
        "instead_of_lookahead_slots": [()],
        "instead_of_cuda_graph_sizes": [()],
        "instead_of_prefill_decode_attention": [()],
        "instead_of_prefill_flags": [()],
        "instead_of_level": [()],
        "instead_of_marlin": [()],
        "instead_of_bitsandbytes": [()],
        "instead_of_gguf": [()],
        "left_out": [("vllm.engine.swap_space", 4, "0.32.0")],
        "word_unknown": [
            ("vllm.engine.kv_cache_dtype", "fp9", "0.32.0", "fp8", ["auto", "fp8"]),
            ("vllm.engine.kv_cache_dtype", "x", "0.32.0", None, ["auto", "fp8"]),
        ],
        "set_twice": [("block_size",)],
        "same_setting_twice": [("vllm.engine.attention", "vllm.engine.attention_backend")],
        "has_own_field": [("vllm.engine.seed", "random_seed")],
        "belongs_to": [("vllm.max_num_seqs", "vllm.engine.max_num_seqs")],
        "set_by_worker": [("vllm.engine.disable_log_stats",)],
        "one_engine_only": [("vllm.engine.data_parallel_size",)],
        "needs_lora": [("vllm.engine.max_lora_rank",)],
        "must_be_mapping": [("vllm.engine.compilation_config",)],
        "no_draft_model_at": [("/home/me/models/draft",)],
        "greedy_gives_one_text": [(2,)],
        "least_above_most": [(200, 128)],
        "beams_do_not_sample": [()],
        "beams_without_penalty": [()],
        "beams_never_stop_early": [("0.32.0",)],
        "beam_width_missing": [()],
        "not_as_asked": [("vllm.engine.attention.backend", "FLASH_ATTN", "CPU_ATTN")],
        "differs_from_exact": [("vllm.sampling.max_tokens", 64, 128)],
        "end_is_ignored": [("vllm.sampling.ignore_eos",)],
        "needs_gpu": [("vllm.engine.cpu_offload_gb",)],
        "part_untold": [()],
        "part_untold_on_cpu": [()],
        "part_unreadable": [("AttributeError: no attribute 'kv_caches'",)],
        "activations_not_profiled": [()],
        "no_graphs_on_cpu": [()],
        "pools_of_sleep_mode": [()],
        "shapes_of_text_only": [()],
        "preempted": [(1,), (7,)],
    },
    "llem_worker.engines.tensorrt.messages": {
        "release_too_old": [("0.21.0", "1.0")],
        "no_engine_files": [("1.3.0", "1.2", PYTHON)],
        "no_engine_at": [("/home/me/engine", "[Errno 2] No such file or directory")],
        "not_engine_files": [("/home/me/engine",)],
        "no_lora": [()],
        "no_gguf": [("model.gguf",)],
        "several_greedy_texts": [(3,)],
        "no_beam_width": [()],
        "set_twice": [("max_num_tokens",)],
        "has_own_field": [("passthrough_kwargs.dtype", "precision")],
        "set_by_worker": [("passthrough_kwargs.tokenizer",)],
        "setting_unknown": [
            ("tensorrt.max_num_token", "1.2.1", False, "max_num_tokens"),
            ("tensorrt.stream_interval", "1.2.1", True, None),
        ],
        "checkpoint_otherwise": [
            ("fp8", "FP8", "./model", None),
            ("int8_sq", "W8A8_SQ_PER_CHANNEL", "./model", "W4A16_AWQ"),
        ],
        "engine_otherwise": [
            ("fp8", "FP8", "/home/me/engine", None),
            ("int4_awq", "W4A16_AWQ", "/home/me/engine", "FP8"),
        ],
        "built_otherwise": [("precision: fp32", "dtype", "float16", "/home/me/engine")],
        "not_as_asked": [("tensorrt.max_num_tokens", 512, 64)],
        "blocks_reused": [(3, 2)],
        "other_prompt": [(3,)],
        "no_answer": [(3,)],
        "no_stamps": [()],
        "clock_differs": [(40.2,)],
        "phases_untold": [()],
        "beams_decide_at_their_end": [()],
        "remote_code_not_allowed": [("tokenizer", "./model")],
        "needs_remote_code": [("set the option trust_remote_code=True",)],
        "not_loadable": [("tokenizer", "./model", "OSError: no such file")],
        "shutdown_hangs": [(5.0,)],
        "memory_table": [
            (
                "The following component could not be created: KV cache\n"
                "Free GPU memory before component creation attempt (GiB): 0.35",
            ),
            ("no table",),
        ],
        "argument_refused": [("LLM got invalid argument: x",)],
        "argument_of_engines": [("The following arguments are specific to TensorRT backend: ['fast_build']",)],
        "too_few_gpus": [("Only 1 GPUs are available, but 2 are required",)],
        "prompt_above_tokens": [("The sum of prompt length (9000) should not exceed max_num_tokens (8192)",)],
        "prompt_above_length": [("The sum of prompt length (900) should not exceed max_seq_len (512)",)],
        "prompt_above_input": [("Prompt length (900) exceeds maximum input length (512)",)],
        "beams_above_limit": [("sampling_params.n (5) cannot exceed max_beam_width (4)",)],
        "greedy_choices": [("Greedy decoding in the LLM API does not allow multiple returns",)],
        "no_bfloat16": [("Pre SM 80 GPUs do not support bfloat16",)],
        "unknown_architecture": [("Unknown architecture for AutoModelForCausalLM: FooForCausalLM",)],
        "engine_of_other_release": [("The engine plan file is not compatible with this version of TensorRT",)],
        "no_mpi": [("libmpi.so.40: cannot open shared object file",)],
        "mpi_failed": [("MPI_Comm_spawn failed",)],
        "engine_process_failed": [("something new",), (None,)],
        "gpu_memory_full": [("CUDA runtime error in ::cudaMallocAsync(ptr, n): out of memory",)],
        "less_memory": [()],
        "other_backend": [()],
        "sizes_of_gpus": [()],
    },
    "llem_worker.engines.pytorch.messages": {
        "gpu_not_seen": [("0, 1",)],
        "device_map_without_gpu": [("cuda:0",)],
        "no_such_gpu": [("device_map", 3, 2)],
        "setting_needs_cuda": [("attn_implementation: flash_attention_2", "use sdpa or eager")],
        "attention_not_in_fp32": [("flash_attention_2",)],
        "needed_by": [("lora",)],
        "lookup_excludes": [("num_beams above 1",)],
        "lookup_needs_single_prompts": [()],
        "lookup_needs_cache": [()],
        "compile_needs_newer_torch": [()],
        "no_such_compile_backend": [("mine", "aot_eager, eager, inductor")],
        "compile_backend_without_mode": [("eager", "max-autotune")],
        "compile_needs_compiler": [()],
        "quantisation_given_twice": [()],
        "gguf_already_quantised": [()],
        "encoder_decoder": [("T5ForConditionalGeneration",)],
        "not_as_asked": [("pytorch.load_in_4bit", "LlamaForCausalLM", "is not quantised")],
        "set_twice": [("use_cache",)],
        "has_own_field": [("torch_dtype", "precision")],
        "set_by_worker": [("streamer",)],
        "generation_refused": [("`num_beams` must be at least 1",)],
        "max_memory_needs_strategy": [("auto, balanced", "cpu")],
        "max_memory_of_unknown_device": [("tpu",)],
        "model_not_in_memory": [(12, "model.layers.20")],
        "num_processes_ignored": [()],
        "needs_beams": [("length_penalty",)],
        "gpu_unused": [()],
        "parts_offloaded": [(12, 32, "cpu and disk")],
        "begins_with_token": [("<s>",)],
        "pads_with_first_token": [()],
        "remote_code_not_allowed": [("model", "owner/name")],
        "not_loadable": [("tokenizer", "owner/name", "OSError: no file named tokenizer.json")],
        "adapter_not_loadable": [("/home/me/adapter", "ValueError: no target modules")],
        "adapter_of_other_model": [("/home/me/adapter", "size mismatch for lora_A")],
        "computes_with": [("sdpa",)],
        "has_no_window": [()],
        "is_not_quantised": [()],
        "is_quantised_with": [("gptq",)],
        "was_loaded_as": [("float32",)],
        "torch_too_old_for": [("2.1.2", "5.24.0")],
        "weights_missing": [("owner/name", 2, "lm_head.weight")],
        "setting_unknown": [("no_such_setting",)],
        "no_language_model": [("owner/t5", "T5"), ("owner/name", None)],
        "invalid_probabilities": [()],
        "compile_failed": [("BackendCompilerFailed", "CppCompileError: exit code 1")],
        "gpu_memory_full": [("1", "20.00 GiB requested"), (None, "CUDA error: out of memory")],
        "gpu_memory_sizes": [({"requested": "20.00", "total": "79.10", "free": "0.50", "own": "73.20"},)],
        "torch_requested": [("8.00",)],
        "cuda_failed": [("CUDA error: device-side assert triggered", "see worker.log")],
        "cuda_remedy": [
            (kind,)
            for kind in (
                "exclusive",
                "busy",
                "invisible",
                "no_driver",
                "no_cuda",
                "old_driver",
                "other_gpu",
                "no_such_gpu",
                "assertion",
                "ecc",
                "locate",
                "driver",
                "log",
                "nccl",
            )
        ],
        "prompt_lookup": [(3,)],
    },
}


def message_files() -> list[str]:
    found = []
    for folder, _, names in os.walk(os.path.join(WORKER, "llem_worker")):
        if "messages.py" in names:
            found.append(os.path.relpath(os.path.join(folder, "messages.py"), ROOT))
    return sorted(found)


def main() -> None:
    texts: dict[str, dict[str, list[str]]] = {}
    missing = []
    for file in message_files():
        name = os.path.relpath(os.path.join(ROOT, file), WORKER)[: -len(".py")].replace(os.sep, ".")
        module = importlib.import_module(name)
        samples = SAMPLES.get(name, {})
        texts[file] = {}
        for function, value in inspect.getmembers(module, inspect.isfunction):
            if function.startswith("_") or value.__module__ != name:
                continue
            calls = samples.get(function, [])
            if not calls:
                missing.append(f"{file}: {function}")
            texts[file][function] = [value(*call) for call in calls]
    json.dump({"texts": texts, "missing": missing}, sys.stdout)


main()
