"""What an interpreter has, without importing any of it: milliseconds, where importing torch takes seconds.

This file is also run alone, as text, by interpreters that may be too old for the rest of the worker: it
imports nothing of it, and keeps to what Python 3.8 understands. So does every packages.py of an engine.
"""

import json
import os
import platform
import re
import sys
import sysconfig
from importlib import metadata, util

# By module: the distributions that bring it. Every engine's packages.py adds its own.
LOOKED_FOR: "dict[str, tuple]" = {}


def probe(frames_fd: int) -> int:
    """Writes one line of JSON about this interpreter; lib/python/python_facts.ts says what it means."""
    answer = {
        "schema": "llem.python/1",
        "executable": sys.executable,
        "version": platform.python_version(),
        "packages": {module: _version(module, names) for module, names in LOOKED_FOR.items()},
        "torch_build": _torch_build(),
        "pip": _has("pip"),
        "externally_managed": _externally_managed(),
    }
    # On a line of its own, whatever a module printed at start-up left unended.
    os.write(frames_fd, b"\n" + json.dumps(answer).encode() + b"\n")
    return 0


def _has(module: str) -> bool:
    try:
        return util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _version(module, distributions):
    """Null where the module is not there; a module without metadata is there, in an unknown version."""
    if not _has(module):
        return None
    for name in distributions:
        try:
            return metadata.version(name) or "unknown"
        except metadata.PackageNotFoundError:
            continue
    return "unknown"


def _torch_build():
    """The CUDA and ROCm versions torch was built for, by its version.py; null where that cannot be read."""
    try:
        spec = util.find_spec("torch")
        folder = list(spec.submodule_search_locations)[0]
        with open(os.path.join(folder, "version.py"), encoding="utf-8") as file:
            text = file.read()
    except (AttributeError, ImportError, IndexError, OSError, TypeError, ValueError):
        return None

    def built_for(name):
        found = re.search(r"^%s\b[^=\n]*=\s*['\"]([^'\"]+)['\"]" % name, text, re.MULTILINE)
        return found.group(1) if found else None

    return {"cuda": built_for("cuda"), "hip": built_for("hip")}


def _externally_managed() -> bool:
    """True where pip refuses to install because a distribution owns this interpreter (PEP 668)."""
    if sys.prefix != sys.base_prefix:
        return False
    return os.path.exists(os.path.join(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED"))
