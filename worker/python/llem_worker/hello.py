"""Who does the work."""

import os
import platform
from pathlib import Path
from typing import Any

from .version import LLEM_VERSION


def hello(backend: str, versions: dict[str, Any], devices: list[str]) -> dict[str, Any]:
    """The fields of the hello frame; `versions` are the engine's own, of which None is left out."""
    found = {"llem": LLEM_VERSION, "python": platform.python_version(), **versions}
    told = {name: str(version) for name, version in found.items() if version is not None}
    return {"backend": backend, "versions": told, "pid": os.getpid(), "devices": devices}


def processor_name() -> str:
    """The model of the machine's processor, for people."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return "unknown"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
