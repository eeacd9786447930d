"""Names of settings against those that the installed release takes."""

from dataclasses import dataclass
from typing import Any

from ...did_you_mean import nearest
from ...errors import WorkerError
from .installed import NESTED, Installed
from . import messages

# Names of TensorRT-LLM for what has a field of its own elsewhere in the configuration.
_OTHER_FIELDS = {
    "model": "model",
    "dtype": "precision",
    "tensor_parallel_size": "tensorrt.tp_size",
    "max_tokens": "max_output_tokens",
    "min_tokens": "decoder.min_new_tokens",
    "temperature": "decoder.temperature",
    "top_k": "decoder.top_k",
    "top_p": "decoder.top_p",
    "min_p": "decoder.min_p",
    "repetition_penalty": "decoder.repetition_penalty",
    "seed": "random_seed",
    "quant_config": "tensorrt.quantization",
    "use_beam_search": "tensorrt.beam_search",
    "best_of": "tensorrt.beam_search.beam_width",
    "enable_lora": "lora",
    "lora_config": "lora",
}
# What the worker itself depends on; another value would break its counts or its times.
_OF_THE_WORKER = frozenset(
    {
        "backend",
        "tokenizer",
        "tokenizer_mode",
        "tokenizer_revision",
        "skip_tokenizer_init",
        "revision",
        "return_perf_metrics",
        "perf_metrics_max_requests",
        "end_id",
        "pad_id",
        "stop",
        "stop_token_ids",
        "detokenize",
        "truncate_prompt_tokens",
        "num_postprocess_workers",
        "mpi_session",
        "encode_only",
        "mm_encoder_only",
    }
)


@dataclass(frozen=True)
class Place:
    """Where in the configuration a name stands."""

    path: str
    """Dotted."""
    known: Installed
    sampling_only: bool = False
    """True where it can be an argument of SamplingParams alone."""


def check_argument(place: Place, key: str, argument: str) -> None:
    """
    Raises WorkerError `bad_setting` where the argument of LLM that a field of ours stands for is not there.
    """
    if argument not in place.known.arguments:
        raise _unknown(f"{place.path}.{key}", argument, place.known.arguments, place.known)


def check_name(place: Place, name: str) -> bool:
    """
    True for an argument of LLM, False for one of SamplingParams. Raises WorkerError `bad_setting` for any
    other.
    """
    known = place.known
    key = f"{place.path}.{name}"
    if name in _OTHER_FIELDS:
        raise WorkerError("bad_setting", messages.has_own_field(key, _OTHER_FIELDS[name]))
    if name in _OF_THE_WORKER:
        raise WorkerError("bad_setting", messages.set_by_worker(key))
    if name in known.arguments and not place.sampling_only:
        return True
    if name in known.sampling:
        return False
    names = known.sampling if place.sampling_only else known.arguments | known.sampling
    raise _unknown(key, name, names, known)


def check_nested(known: Installed, argument: str, value: dict[str, Any]) -> None:
    """Raises WorkerError where a mapping has a key that its class does not know."""
    names = known.nested.get(argument) if argument in NESTED else None
    for name in value if names is not None else ():
        if name not in names:
            raise _unknown(f"tensorrt.{argument}.{name}", name, names, known)


def _unknown(key: str, name: str, names: frozenset[str], known: Installed) -> WorkerError:
    meant = nearest(name, names - _OF_THE_WORKER)
    if meant is not None and meant in _OTHER_FIELDS:
        meant = _OTHER_FIELDS[meant]
    return WorkerError("bad_setting", messages.setting_unknown(key, known.release, known.engine_files, meant))
