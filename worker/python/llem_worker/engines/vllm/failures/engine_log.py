"""
Reads why a process of the engine failed. vLLM's engine and its workers tell the caller only that they failed; the
exception stands in their log. So what they log as an error goes to a file as well, which the worker reads back.
"""

import json
import os
import shutil
import tempfile
from copy import deepcopy
from typing import Any

_CONFIG_VARIABLE = "VLLM_LOGGING_CONFIG_PATH"
# Between records: no text has it.
_RECORD = "\x1e"
# The first failure is what counts; a traceback with all names of architectures has some 30 kB.
_MOST_CHARACTERS = 512 * 1024

_path: str | None = None
_records: list[str] = []


def keep_failures() -> None:
    """
    For processes that start from now on; call it when vLLM has been imported. Their logging stays as it is, also where
    the user has configured it. The file lies in the run's temporary folder, until end_log().
    """
    global _path
    if os.environ.get("VLLM_CONFIGURE_LOGGING", "1") == "0":
        return
    folder = tempfile.mkdtemp(prefix="llem-vllm-log-")
    _path = os.path.join(folder, "errors")
    config = _with_file(_configured(), _path)
    place = os.path.join(folder, "logging.json")
    with open(place, "w", encoding="utf-8") as file:
        json.dump(config, file)
    os.environ[_CONFIG_VARIABLE] = place


def end_log() -> None:
    """Reads what there is and removes the file; nothing is read before that."""
    global _path
    if _path is None:
        return
    try:
        with open(_path, encoding="utf-8", errors="replace") as file:
            _records.extend(file.read(_MOST_CHARACTERS).split(_RECORD)[1:])
    except FileNotFoundError:
        pass  # nothing failed
    shutil.rmtree(os.path.dirname(_path), ignore_errors=True)
    _path = None


def logged_errors() -> list[str]:
    """What processes of the engine have logged as errors, in order, each with the traceback it came with."""
    return _records


def _configured() -> dict[str, Any]:
    """The logging of vLLM's processes without us."""
    theirs = os.environ.get(_CONFIG_VARIABLE)
    if theirs:
        with open(theirs, encoding="utf-8") as file:
            return json.load(file)
    from vllm.logger import DEFAULT_LOGGING_CONFIG

    return deepcopy(DEFAULT_LOGGING_CONFIG)


def _with_file(config: dict[str, Any], path: str) -> dict[str, Any]:
    # Of the standard library: vLLM also starts processes that do not find the worker's own modules.
    handler = {
        "class": "logging.FileHandler",
        "filename": path,
        "encoding": "utf-8",
        "delay": True,
        "level": "ERROR",
        "formatter": "llem",
    }
    config.setdefault("formatters", {})["llem"] = {"format": f"{_RECORD}%(message)s"}
    config.setdefault("handlers", {})["llem"] = handler
    logger = config.setdefault("loggers", {}).setdefault("vllm", {})
    logger.setdefault("handlers", []).append("llem")
    return config
