"""
The tokenizer and the configuration of a model, which are not the engine's: prompts are token ids when it
gets them.
"""

from dataclasses import dataclass
from typing import Any

from transformers import AutoConfig, AutoTokenizer, GenerationConfig

from ...errors import WorkerError
from ...failures import describe
from ...model_source import ModelSource
from . import messages


@dataclass(frozen=True)
class Texts:
    """What prompts are made with, and what ends an answer."""

    tokenizer: Any
    config: Any
    """config.json as transformers has it."""
    model: Any
    """The part of config.json that is about text."""
    end_ids: frozenset[int]


def read_texts(source: ModelSource, trust_remote_code: bool) -> Texts:
    """Raises WorkerError where the model has none that can be read."""
    options = {**source.arguments(), "trust_remote_code": trust_remote_code}
    config = _read("configuration", AutoConfig, source, options)
    tokenizer = _read("tokenizer", AutoTokenizer, source, options)
    return Texts(tokenizer, config, config.get_text_config(decoder=True), _end_ids(tokenizer, source))


def _read(what: str, reader: Any, source: ModelSource, options: dict[str, Any]) -> Any:
    try:
        return reader.from_pretrained(source.name, **options)
    except (OSError, ValueError, KeyError) as error:
        if "trust_remote_code" in str(error):
            raise WorkerError("remote_code", messages.remote_code_not_allowed(what, source.name)) from error
        message = messages.not_loadable(what, source.name, describe(error))
        raise WorkerError("bad_model", message) from error


def _end_ids(tokenizer: Any, source: ModelSource) -> frozenset[int]:
    """The tokens that end a text: of the tokenizer, and of the model's own generation settings."""
    try:
        ids = GenerationConfig.from_pretrained(source.name, **source.arguments()).eos_token_id
    except (OSError, ValueError):  # many models have none
        ids = None
    found = [ids] if isinstance(ids, int) else list(ids or [])
    return frozenset(found + [tokenizer.eos_token_id] if tokenizer.eos_token_id is not None else found)
