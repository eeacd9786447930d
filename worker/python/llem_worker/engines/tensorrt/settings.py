"""Which part of TensorRT-LLM each setting of the configuration goes to."""

from dataclasses import dataclass
from typing import Any

from ...config import DTYPES, given, is_greedy
from ...errors import WorkerError
from .installed import Installed
from .names import Place, check_argument, check_name, check_nested
from . import messages

ITEM_BYTES = {"float32": 4, "float16": 2, "bfloat16": 2}
# What an experiment means that leaves it open, as its field says in the study file.
MAX_BATCH_SIZE = 8

# Fields of the section that are arguments of LLM, and their names there.
_ARGUMENTS = {
    "max_batch_size": "max_batch_size",
    "tp_size": "tensor_parallel_size",
    "pipeline_parallel_size": "pipeline_parallel_size",
    "trust_remote_code": "trust_remote_code",
    "max_num_tokens": "max_num_tokens",
    "max_seq_len": "max_seq_len",
    "max_input_len": "max_input_len",
    "max_beam_width": "max_beam_width",
    "load_format": "load_format",
    "kv_cache_config": "kv_cache_config",
    "cuda_graph_config": "cuda_graph_config",
    "disable_overlap_scheduler": "disable_overlap_scheduler",
    "enable_chunked_prefill": "enable_chunked_prefill",
    "stream_interval": "stream_interval",
    "attn_backend": "attn_backend",
    "speculative_config": "speculative_config",
    "orchestrator_type": "orchestrator_type",
}
# Fields of the section that the worker reads itself.
_OF_THE_WORKER = frozenset(
    {"python", "engine_path", "quantization", "cuda_graphs", "sampling", "beam_search"}
)
# Kept blocks of earlier prompts would spare work of later ones: repeats and warm-ups have the same prompts.
_NO_REUSE = {"enable_block_reuse": False, "enable_partial_reuse": False}


@dataclass(frozen=True)
class Settings:
    """The section `tensorrt` with the fields that all engines share, in TensorRT-LLM's names."""

    arguments: dict[str, Any]
    """Of LLM, beside the model; nested ones are still mappings."""
    asked: dict[str, Any]
    """Those that the study itself sets."""
    sampling: dict[str, Any]
    """Arguments of SamplingParams but for the numbers of tokens, special tokens and the seed."""
    ignore_eos: bool
    beam_width: int | None
    """None for sampling and greedy decoding."""
    quantization: str | None
    """As the study file names it."""
    block_reuse: bool
    """True where the study wants blocks of the KV cache reused."""


def check_supported(config: dict[str, Any]) -> None:
    """Raises WorkerError for what no release does here. Needs nothing of the package."""
    if config.get("lora") is not None:
        raise WorkerError("unsupported_setting", messages.no_lora())


def read_settings(config: dict[str, Any], known: Installed) -> Settings:
    """Raises WorkerError for what the installed release does not take."""
    section = given(config.get("tensorrt"))
    asked = {_ARGUMENTS[key]: value for key, value in section.items() if key in _ARGUMENTS}
    if "kv_cache_config" in asked:
        asked["kv_cache_config"] = given(asked["kv_cache_config"])
    for key in section:
        if key in _ARGUMENTS:
            check_argument(Place("tensorrt", known), key, _ARGUMENTS[key])
    further = _further(config, section, known)
    asked.update(further.arguments)
    chosen, beams = given(section.get("sampling")), given(section.get("beam_search"))
    ignore_eos = bool(chosen.pop("ignore_eos", False))
    for place, names in (("tensorrt.sampling", chosen), ("tensorrt.beam_search", _beam_names(beams))):
        for name in names:
            check_name(Place(place, known, sampling_only=True), name)
    width = _beam_width(section, beams)
    return Settings(
        arguments=_arguments(config, asked, width, known),
        asked=asked,
        sampling={**_decoding(config["decoder"], chosen, beams), **further.sampling},
        ignore_eos=ignore_eos,
        beam_width=width,
        quantization=section.get("quantization"),
        block_reuse=bool((asked.get("kv_cache_config") or {}).get("enable_block_reuse")),
    )


@dataclass(frozen=True)
class _Further:
    arguments: dict[str, Any]
    sampling: dict[str, Any]


def _further(config: dict[str, Any], section: dict[str, Any], known: Installed) -> _Further:
    """Keys that have no field of ours, by where the installed release takes them."""
    found = _Further({}, {})
    declared = _OF_THE_WORKER.union(_ARGUMENTS)
    own = {key: value for key, value in section.items() if key not in declared}
    passed = config.get("passthrough_kwargs") or {}
    for place, keys in (("tensorrt", own), ("passthrough_kwargs", passed)):
        for key, value in keys.items():
            if place == "passthrough_kwargs" and key in section:
                raise WorkerError("bad_setting", messages.set_twice(key))
            is_argument = check_name(Place(place, known), key)
            (found.arguments if is_argument else found.sampling)[key] = value
    return found


def _arguments(
    config: dict[str, Any], asked: dict[str, Any], beam_width: int | None, known: Installed
) -> dict[str, Any]:
    """With what the worker sets itself, as far as the release has it."""
    chosen = asked.get("kv_cache_config", {})
    # Where reuse is asked for, the engine's own defaults hold.
    cache = chosen if chosen.get("enable_block_reuse") else {**_NO_REUSE, **chosen}
    beams = {} if beam_width is None else {"max_beam_width": beam_width}
    ours = {
        "max_batch_size": MAX_BATCH_SIZE,
        "dtype": DTYPES[config["precision"]],
        **beams,
        "skip_tokenizer_init": True,
        "return_perf_metrics": True,
    }
    arguments = {
        **{name: value for name, value in ours.items() if name in known.arguments},
        **asked,
        "kv_cache_config": cache,
    }
    if config["tensorrt"] is not None and config["tensorrt"].get("cuda_graphs") is False:
        check_argument(Place("tensorrt", known), "cuda_graphs", "cuda_graph_config")
        arguments["cuda_graph_config"] = None  # what turns them off
    for name, value in arguments.items():
        if isinstance(value, dict):
            check_nested(known, name, value)
    return arguments


def _decoding(decoder: dict[str, Any], chosen: dict[str, Any], beams: dict[str, Any]) -> dict[str, Any]:
    """
    Arguments of SamplingParams. The engine takes the likeliest token where neither top_k nor top_p lets it
    choose.
    """
    penalty = decoder["repetition_penalty"]
    common = {} if penalty == 1 else {"repetition_penalty": penalty}
    if beams.get("beam_width") is not None:
        width = beams["beam_width"]
        stopping = {} if "early_stopping" not in beams else {"early_stopping": int(beams["early_stopping"])}
        extra = {key: value for key, value in beams.items() if key not in ("beam_width", "early_stopping")}
        return {**common, "use_beam_search": True, "n": 1, "best_of": width, **stopping, **extra}
    if is_greedy(decoder):
        if (chosen.get("n") or 1) > 1:
            raise WorkerError("bad_setting", messages.several_greedy_texts(chosen["n"]))
        return {**common, "top_k": 1, **chosen}
    limits = {} if decoder["top_k"] == 0 else {"top_k": decoder["top_k"]}
    least = {} if decoder["min_p"] is None else {"min_p": decoder["min_p"]}
    # Without a top_p of its own the engine takes 0, which is greedy.
    sampled = {"temperature": decoder["temperature"], "top_p": decoder["top_p"] or 1.0, **limits, **least}
    return {**common, **sampled, **chosen}


def _beam_width(section: dict[str, Any], beams: dict[str, Any]) -> int | None:
    """None without a beam search. Raises WorkerError where one is asked for whose width is not told."""
    if section.get("beam_search") is not None and "beam_width" not in beams:
        raise WorkerError("bad_setting", messages.no_beam_width())
    return beams.get("beam_width")


def _beam_names(beams: dict[str, Any]) -> list[str]:
    return [name for name in beams if name != "beam_width"]
