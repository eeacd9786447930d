"""Loads a model as the configuration says, or fails saying why: nothing falls back in silence."""

import os
import re
from typing import Any

from ..errors import WorkerError
from ..failures import describe
from ..frames import Reporter
from .adapted import without_adapter
from .adapter import add_adapter
from .check import check_settings
from .compile import compile_model, compile_now
from .facts import dtype_name, model_facts
from .generation_config import generation_fields, in_words, make_generation_config
from .loaded import Loaded
from .model_source import ModelSource, find_model
from .notes import note_settings
from .placement import check_placement, input_device, placement_arguments, told_placement
from .quantisation import quantisation_arguments
from .settings import Settings, read_settings

_DTYPES = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16"}


def load(assignment: dict[str, Any], report: Reporter) -> Loaded:
    """The model and its tokenizer, ready to generate. Raises WorkerError, or what the libraries raise."""
    _quiet()
    config = assignment["config"]
    settings = read_settings(config, generation_fields())
    check_settings(config, settings)
    source = find_model(assignment, settings.section.get("revision"))
    tokenizer = _load_tokenizer(source, settings, report)
    model = _load_model(source, config, settings, assignment["run_dir"])
    _check_as_asked(model, config, settings, source)
    generation = make_generation_config(config, settings, model, tokenizer)
    model, adapter = add_adapter(model, assignment)
    model.eval()
    compiled = compile_model(model, settings)
    device = input_device(without_adapter(model))
    if compiled is not None:
        compile_now(model, generation, device, settings.section.get("batch_size", 1))
    note_settings(config, settings, model, report)
    return Loaded(
        model=model,
        tokenizer=tokenizer,
        device=device,
        generation=generation,
        facts=model_facts(model, source, config["model"], adapter),
        settings=_facts_of_settings(model, tokenizer, config, generation, compiled),
    )


def _quiet() -> None:
    """No progress bars in the log, and no word to the hub about who loads what."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from transformers.utils import logging

    logging.disable_progress_bar()


def _load_tokenizer(source: ModelSource, settings: Settings, report: Reporter) -> Any:
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(source.name, **source.arguments(), **_trust(settings))
    except (OSError, ValueError) as error:
        raise _unreadable("tokenizer", source, error) from error
    # The last token of every prompt must be the last one of the row: what follows is generated.
    tokenizer.padding_side = "left"
    if tokenizer.pad_token_id is None:
        _borrow_padding(tokenizer, report)
    return tokenizer


def _borrow_padding(tokenizer: Any, report: Reporter) -> None:
    """A token to pad with; attention leaves it out, so any does."""
    if tokenizer.eos_token is not None:
        tokenizer.pad_token = tokenizer.eos_token
        return
    tokenizer.pad_token = tokenizer.convert_ids_to_tokens(0)
    report.note("info", "The tokenizer has no token for padding nor for the end: token 0 pads.", "padding")


def _load_model(source: ModelSource, config: dict[str, Any], settings: Settings, run_dir: str) -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    section = settings.section
    attention = (
        {"attn_implementation": section["attn_implementation"]} if "attn_implementation" in section else {}
    )
    arguments = {
        **source.arguments(),
        **_trust(settings),
        **attention,
        **placement_arguments(settings, run_dir),
        **(_unpacked() if source.gguf_file else quantisation_arguments(settings)),
        "dtype": getattr(torch, _DTYPES[config["precision"]]),
        **settings.loading,
    }
    try:
        return AutoModelForCausalLM.from_pretrained(source.name, **arguments)
    except TypeError as error:
        raise _untaken(error, settings) or error from error
    except (OSError, ValueError) as error:
        raise _unreadable("model", source, error) from error


def _unpacked() -> dict[str, Any]:
    """The weights of a GGUF file in the precision of the run, also where the library could compute with packed ones."""
    try:
        from transformers import GgufConfig
    except ImportError:
        return {}  # a release that always unpacks
    return {"quantization_config": GgufConfig(dequantize=True)}


def _trust(settings: Settings) -> dict[str, Any]:
    return {"trust_remote_code": settings.section.get("trust_remote_code", True)}


def _untaken(error: TypeError, settings: Settings) -> WorkerError | None:
    named = re.search(r"unexpected keyword argument '(\w+)'", str(error))
    if named is None or named.group(1) not in settings.loading:
        return None
    key = named.group(1)
    return WorkerError(
        "bad_setting",
        f"Neither llem nor transformers knows the setting {key} of the study: GenerationConfig and from_pretrained "
        "do not take it. Remove it from pytorch or passthrough_kwargs.",
    )


def _unreadable(what: str, source: ModelSource, error: Exception) -> WorkerError:
    return WorkerError("model_failed", f"The {what} of {source.name} cannot be loaded: {describe(error)}")


def _check_as_asked(model: Any, config: dict[str, Any], settings: Settings, source: ModelSource) -> None:
    """What the library replaces by something else where it cannot do as asked."""
    check_placement(model, settings)
    asked = settings.section.get("attn_implementation")
    attention = attention_of(model)
    if asked is not None and attention != asked:
        raise WorkerError(
            "unsupported_setting",
            f"pytorch.attn_implementation: {asked} was asked for, but {type(model).__name__} took {attention}.",
        )
    quantised = getattr(model.config, "quantization_config", None) is not None and source.gguf_file is None
    precision = _DTYPES[config["precision"]]
    if not quantised and dtype_name(model.dtype) != precision:
        raise WorkerError(
            "unsupported_setting",
            f"precision: {config['precision']} was asked for, but {type(model).__name__} was loaded as "
            f"{dtype_name(model.dtype)}.",
        )


def attention_of(model: Any) -> str | None:
    """The implementation of attention that the loaded model computes with."""
    return getattr(without_adapter(model).config.get_text_config(decoder=True), "_attn_implementation", None)


def _facts_of_settings(
    model: Any, tokenizer: Any, config: dict[str, Any], generation: Any, compiled: dict[str, Any] | None
) -> dict[str, Any]:
    import torch

    return {
        "attn_implementation": attention_of(model),
        "device_map": told_placement(without_adapter(model)),
        "compiled": compiled,
        "use_cache": generation.use_cache is not False,
        "cache_implementation": generation.cache_implementation or "dynamic",
        "num_beams": generation.num_beams or 1,
        "sampling": in_words(config, generation),
        "padding_side": tokenizer.padding_side,
        "padding_token": tokenizer.pad_token,
        "threads": torch.get_num_threads(),
    }
