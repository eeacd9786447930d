"""How tokens are chosen, in the names of vLLM."""

from typing import Any

from ...config import given, is_greedy
from ...errors import WorkerError
from .names import Names
from .unknown import unknown
from . import messages

# Fields of the section with a place of their own in Settings, or in the lengths of the workload.
_OWN = frozenset({"n", "max_tokens", "min_tokens", "ignore_eos"})
_OTHER_FIELDS = {
    "temperature": "decoder.temperature",
    "top_k": "decoder.top_k",
    "top_p": "decoder.top_p",
    "min_p": "decoder.min_p",
    "repetition_penalty": "decoder.repetition_penalty",
    "seed": "random_seed",
}
# Tokens are counted as they come, and no text is made of them.
_OF_THE_WORKER = frozenset({"detokenize", "output_kind", "stop", "skip_clone", "stream_interval"})
# What vLLM always does.
_BEAMS_WITHOUT_EFFECT = {"early_stopping": False}


def sampling_arguments(
    config: dict[str, Any], asked: dict[str, Any], passed: dict[str, Any], names: Names
) -> dict[str, Any]:
    """Every field of the decoder written out: what the model's folder says of sampling has no part in it."""
    further = {key: value for key, value in asked.items() if key not in _OWN}
    for path, keys in (("vllm.sampling", further), ("passthrough_kwargs", passed)):
        _check(path, keys, names.sampling, names.release)
    for key in passed:
        if key in asked or key in _OWN:
            raise WorkerError("bad_setting", messages.has_own_field(key, f"vllm.sampling.{key}"))
    return {**_decoding(config["decoder"]), **further, **passed}


def beam_arguments(
    config: dict[str, Any], section: Any, passed: dict[str, Any], names: Names
) -> dict[str, Any] | None:
    """None where no beam search is asked for. The likeliest texts are searched: nothing is sampled."""
    if section is None:
        return None
    if config["decoder"]["repetition_penalty"] != 1:
        raise WorkerError("unsupported_setting", messages.beams_without_penalty())
    asked = given(section)
    for key, usual in _BEAMS_WITHOUT_EFFECT.items():
        if key not in names.beams and asked.get(key) == usual:
            del asked[key]
    if "early_stopping" in asked and "early_stopping" not in names.beams:
        raise WorkerError("unsupported_setting", messages.beams_never_stop_early(names.release))
    further = {key: value for key, value in asked.items() if key != "max_tokens"}
    for path, keys in (("vllm.beam_search", further), ("passthrough_kwargs", passed)):
        _check(path, keys, names.beams, names.release)
    for key in passed:
        if key in asked:
            raise WorkerError("bad_setting", messages.has_own_field(key, f"vllm.beam_search.{key}"))
    if "beam_width" not in further:
        raise WorkerError("bad_setting", messages.beam_width_missing())
    return {"temperature": 0.0, **further, **passed}


def _check(path: str, keys: dict[str, Any], known: frozenset[str], release: str) -> None:
    for key in keys:
        if key in _OTHER_FIELDS:
            raise WorkerError("bad_setting", messages.has_own_field(f"{path}.{key}", _OTHER_FIELDS[key]))
        if key in _OF_THE_WORKER:
            raise WorkerError("bad_setting", messages.set_by_worker(f"{path}.{key}"))
        if key not in known:
            raise unknown(f"{path}.{key}", key, known - _OF_THE_WORKER - set(_OTHER_FIELDS), release)


def _decoding(decoder: dict[str, Any]) -> dict[str, Any]:
    penalty = {"repetition_penalty": decoder["repetition_penalty"]}
    if is_greedy(decoder):
        return {"temperature": 0.0, "top_p": 1.0, "top_k": 0, "min_p": 0.0, **penalty}
    return {
        "temperature": decoder["temperature"],
        "top_p": decoder["top_p"],
        "top_k": decoder["top_k"],
        "min_p": decoder["min_p"] or 0.0,
        **penalty,
    }
