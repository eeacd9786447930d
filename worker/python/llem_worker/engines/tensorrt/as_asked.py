"""Compares a loaded engine with what was asked for: the library replaces some of it where it cannot do so."""

from typing import Any

from ...config import DTYPES
from ...errors import WorkerError
from .engine_files import EngineConfig
from .quantisation import check_engine
from .settings import Settings
from . import messages


def check_engine_files(engine: EngineConfig, folder: str, config: dict[str, Any], settings: Settings) -> None:
    """
    Raises WorkerError where engine files were built for something else than the study says. Before they are
    loaded.
    """
    check_engine(settings.quantization, engine.quantization, folder)
    dtype = DTYPES[config["precision"]]
    if engine.dtype is not None and engine.dtype != dtype:
        raise _built_otherwise(f"precision: {config['precision']}", "dtype", engine.dtype, folder)
    sizes = {
        "tensor_parallel_size": engine.tensor_parallel,
        "pipeline_parallel_size": engine.pipeline_parallel,
    }
    for name, built in {**engine.limits, **sizes}.items():
        asked = settings.arguments.get(name) if name == "max_beam_width" else settings.asked.get(name)
        too_much = asked is not None and (asked != built if name in sizes else asked > built)
        if too_much:
            raise _built_otherwise(f"tensorrt.{name}: {asked}", name, built, folder)


def check_resolved(args: Any, settings: Settings, is_engine: bool) -> None:
    """Raises WorkerError where the loaded engine has another value of an argument than the study set."""
    for name, asked in settings.asked.items():
        found = resolved(args, name)
        if isinstance(asked, dict):
            for key, value in asked.items():
                inner = None if found is None else getattr(found, key, value)
                _check(f"{name}.{key}", value, value if inner is None else inner)
        elif not (name == "cuda_graph_config" or found is None):
            # Engine files bring their own limits, which are no lower: that was looked at before.
            _check(name, asked, asked if is_engine and isinstance(found, int) and found > asked else found)


def resolved(args: Any, name: str) -> Any:
    """What became of an argument; None where the engine does not tell."""
    return getattr(args, name, None)


def _check(name: str, asked: Any, found: Any) -> None:
    if plain(found) != plain(asked):
        message = messages.not_as_asked(f"tensorrt.{name}", asked, plain(found))
        raise WorkerError("unsupported_setting", message)


def plain(value: Any) -> Any:
    """As JSON has it: members of enumerations by their names, texts without regard to case."""
    name = getattr(value, "name", None)
    if isinstance(name, str):
        value = name
    if isinstance(value, str):
        return value.lower()
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value


def _built_otherwise(setting: str, name: str, built: Any, folder: str) -> WorkerError:
    return WorkerError("unsupported_setting", messages.built_otherwise(setting, name, built, folder))
