"""Which part of the library each setting of the configuration goes to."""

from dataclasses import dataclass
from typing import Any

from ...errors import WorkerError
from . import messages

# The fields of the section `pytorch`; other keys are handed on as they are.
SECTION_FIELDS = frozenset(
    {
        "python",
        "batch_size",
        "attn_implementation",
        "torch_compile",
        "torch_compile_mode",
        "torch_compile_backend",
        "load_in_4bit",
        "load_in_8bit",
        "bnb_4bit_compute_dtype",
        "bnb_4bit_quant_type",
        "bnb_4bit_use_double_quant",
        "use_cache",
        "cache_implementation",
        "num_beams",
        "early_stopping",
        "length_penalty",
        "no_repeat_ngram_size",
        "prompt_lookup_num_tokens",
        "device_map",
        "max_memory",
        "revision",
        "trust_remote_code",
        "num_processes",
    }
)

# Names of the library for what has a field of its own elsewhere in the configuration.
_OTHER_FIELDS = {
    "dtype": "precision",
    "torch_dtype": "precision",
    "max_new_tokens": "max_output_tokens",
    "max_length": "max_output_tokens",
    "min_length": "decoder.min_new_tokens",
    "min_new_tokens": "decoder.min_new_tokens",
    "do_sample": "decoder.do_sample",
    "temperature": "decoder.temperature",
    "top_k": "decoder.top_k",
    "top_p": "decoder.top_p",
    "min_p": "decoder.min_p",
    "repetition_penalty": "decoder.repetition_penalty",
    "seed": "random_seed",
}

# What the worker itself depends on; another value would break its counts.
_OF_THE_WORKER = frozenset(
    {
        "num_return_sequences",
        "return_dict_in_generate",
        "generation_config",
        "gguf_file",
        "streamer",
        "output_attentions",
        "output_hidden_states",
        "output_scores",
        "output_logits",
        "output_loading_info",
        "compile_config",
        "disable_compile",
        "config",
        "state_dict",
        "torchscript",
    }
)


@dataclass(frozen=True)
class Settings:
    """The section `pytorch` with what was handed on beside it."""

    section: dict[str, Any]
    """The section's own fields that have a value."""
    generation: dict[str, Any]
    """Further fields of GenerationConfig."""
    loading: dict[str, Any]
    """Further arguments of from_pretrained."""


def read_settings(config: dict[str, Any], generation_fields: frozenset[str]) -> Settings:
    """Sorts the settings. Raises WorkerError for a name that is set twice or belongs elsewhere."""
    section = {key: value for key, value in (config.get("pytorch") or {}).items() if value is not None}
    further = {key: section.pop(key) for key in list(section) if key not in SECTION_FIELDS}
    for key, value in (config.get("passthrough_kwargs") or {}).items():
        if key in {**section, **further}:
            raise _bad(messages.set_twice(key))
        (section if key in SECTION_FIELDS else further)[key] = value
    for key in further:
        _refuse_foreign(key)
    return Settings(
        section=section,
        generation={key: value for key, value in further.items() if key in generation_fields},
        loading={key: value for key, value in further.items() if key not in generation_fields},
    )


def _refuse_foreign(key: str) -> None:
    if key in _OTHER_FIELDS:
        raise _bad(messages.has_own_field(key, _OTHER_FIELDS[key]))
    if key in _OF_THE_WORKER:
        raise _bad(messages.set_by_worker(key))


def _bad(message: str) -> WorkerError:
    return WorkerError("bad_setting", message)
