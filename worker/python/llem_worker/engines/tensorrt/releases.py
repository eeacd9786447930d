"""Which releases of TensorRT-LLM this worker runs with: the place that knows."""

import os
import sys
from importlib.util import find_spec

from ...errors import WorkerError
from ...releases import numbers, release_of, too_old
from . import messages

# The first whose LLM is the PyTorch backend. lib/engines/tensorrt/needs.ts has the same.
OLDEST = "1.0"
# The last that can run engine files: later ones have no tensorrt_llm._tensorrt_engine.
LAST_WITH_ENGINES = "1.2"
DISTRIBUTION = "tensorrt_llm"


def installed_release() -> str:
    """What the metadata says; `unknown` where there is none."""
    return release_of(DISTRIBUTION) or "unknown"


def check_releases(engine_path: str | None) -> None:
    """
    Raises WorkerError where the release is too old, or has nothing that runs engine files and one is named.
    Passes an absent package: importing it says so.
    """
    found = release_of(DISTRIBUTION)
    if found is None:
        return
    if numbers(found) < numbers(OLDEST):
        raise too_old(messages.release_too_old(found, OLDEST), f"'{DISTRIBUTION}>={OLDEST}'")
    if engine_path is not None and not runs_engines():
        message = messages.no_engine_files(found, LAST_WITH_ENGINES, sys.executable)
        raise WorkerError("unsupported_setting", message)


def runs_engines() -> bool:
    """
    True where the installed release has the class for engine files. Looks at files and imports nothing: what the
    import runs into has names of its own.
    """
    spec = find_spec("tensorrt_llm")
    places = [] if spec is None else spec.submodule_search_locations or []
    return any(
        os.path.exists(os.path.join(place, name))
        for place in places
        for name in ("_tensorrt_engine", "_tensorrt_engine.py")
    )
