"""Loads a model as the configuration says, or fails saying why: nothing falls back in silence."""

from typing import Any

from ...frames import Reporter
from ...model_source import find_model
from ...quiet import quiet_environment
from .adapted import known_tokens, without_adapter
from .adapter import add_adapter
from .as_asked import check_as_asked
from .check import check_settings
from .compile import compile_model, compile_now
from .facts import model_facts, settings_facts
from .generation_config import generation_fields, make_generation_config
from .loaded import Loaded
from .notes import note_settings
from .placement import input_device
from .read_model import give_padding, note_beginning, read_model, read_tokenizer
from .settings import read_settings


def load(assignment: dict[str, Any], report: Reporter) -> Loaded:
    """The model and its tokenizer, ready to generate. Raises WorkerError, or what the libraries raise."""
    quiet_environment()
    _hide_progress_bars()
    config = assignment["config"]
    settings = read_settings(config, generation_fields())
    check_settings(assignment, settings)
    source = find_model(assignment, settings.section.get("revision"))
    tokenizer = read_tokenizer(source, settings)
    model = read_model(source, config, settings, assignment["run_dir"], report)
    give_padding(tokenizer, known_tokens(model), report)
    note_beginning(tokenizer, source, report)
    check_as_asked(model, config, settings, source)
    generation = make_generation_config(config, settings, model, tokenizer)
    model, adapter = add_adapter(model, assignment)
    model.eval()
    compiled = compile_model(model, settings)
    device = input_device(without_adapter(model))
    if compiled is not None:
        compile_now(model, generation, device, settings.section.get("batch_size", 1))
    note_settings(settings, model, report)
    return Loaded(
        model=model,
        tokenizer=tokenizer,
        device=device,
        generation=generation,
        facts=model_facts(model, source, config["model"], adapter),
        settings=settings_facts(model, tokenizer, config, generation, compiled),
    )


def _hide_progress_bars() -> None:
    from transformers.utils import logging

    logging.disable_progress_bar()
