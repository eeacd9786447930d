"""Loads the model of a run, or its engine files."""

from typing import Any

from ...config import DTYPES
from ...errors import WorkerError
from ...frames import Reporter
from ...model_source import ModelSource, find_model
from ...weights import count_weights
from .as_asked import check_engine_files, check_resolved
from .engine_files import EngineConfig, engine_folder, read_engine_config
from .environment import world_size
from .facts import model_facts, settings_facts
from .installed import installed, llm_class, nested_class, speculative_config
from .loaded_model import LoadedModel
from .memory import MemoryWatch, used_bytes
from .quantisation import check_checkpoint
from .settings import ITEM_BYTES, Settings, read_settings
from .texts import read_texts
from . import messages


def load_model(assignment: dict[str, Any], report: Reporter) -> LoadedModel:
    """Its weights and its KV cache are in memory when this returns."""
    config = assignment["config"]
    folder = engine_folder(assignment)
    known = installed(folder is not None)
    settings = read_settings(config, known)
    source = find_model(assignment, None)
    if source.gguf_file is not None:
        raise WorkerError("unsupported_model", messages.no_gguf(source.gguf_file))
    engine = None if folder is None else read_engine_config(folder)
    quantisation = _checked_quantisation(engine, folder, source, config, settings)
    texts = read_texts(source, settings.arguments.get("trust_remote_code") is True)
    used_before = used_bytes()
    llm = llm_class(engine is not None)(**_arguments(source, folder, settings))
    check_resolved(llm.args, settings, engine is not None)
    alone = world_size(assignment) == 1
    dtype = DTYPES[config["precision"]]
    weights = count_weights(source, texts.config, None if quantisation is not None else ITEM_BYTES[dtype])
    return LoadedModel(
        llm=llm,
        settings=settings,
        known=known,
        texts=texts,
        context_length=_context_length(texts.model, llm.args, engine),
        facts=model_facts(texts.model, source, config["model"], quantisation, dtype, weights),
        weights=weights,
        settings_facts=settings_facts(llm.args, engine, alone),
        memory=MemoryWatch(used_before),
        report=report,
    )


def _checked_quantisation(
    engine: EngineConfig | None, folder: str | None, source: ModelSource, config: dict[str, Any], settings:
    Settings
) -> str | None:
    """The algorithm of the weights, None for none, after a look that all is as the study says."""
    if engine is None or folder is None:
        return check_checkpoint(settings.quantization, source.path, config["model"])
    check_engine_files(engine, folder, config, settings)
    return engine.quantization


def _arguments(source: ModelSource, folder: str | None, settings: Settings) -> dict[str, Any]:
    """Of LLM, with nested ones as the classes that it takes."""
    arguments = dict(settings.arguments)
    for name in ("kv_cache_config", "cuda_graph_config"):
        make = nested_class(name)
        if make is not None and isinstance(arguments.get(name), dict):
            arguments[name] = make(**arguments[name])
    if isinstance(arguments.get("speculative_config"), dict):
        arguments["speculative_config"] = speculative_config(arguments["speculative_config"])
    revision = {} if folder is not None else source.arguments()
    return {"model": folder or source.name, **revision, **arguments}


def _context_length(model: Any, args: Any, engine: EngineConfig | None) -> int | None:
    """The longest sequence that it takes: of the engine files, as the study set it, else the model's own."""
    built = None if engine is None else engine.limits.get("max_seq_len")
    set_by_study = getattr(args, "max_seq_len", None)
    return built or set_by_study or getattr(model, "max_position_embeddings", None)
