"""Who does the work."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

from ...version import LLEM_VERSION
from .devices import device_names

PACKAGES = ("transformers", "accelerate", "tokenizers")


def hello(cuda: bool) -> dict[str, Any]:
    """The fields of the hello frame."""
    return {"backend": "pytorch", "versions": versions(), "pid": os.getpid(), "devices": device_names(cuda)}


def versions() -> dict[str, str]:
    """Of everything that has a say in the numbers; what is not there is left out."""
    cudnn = torch.backends.cudnn.version() if torch.version.cuda else None
    found: dict[str, Any] = {
        "llem": LLEM_VERSION,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        **{name: _installed(name) for name in PACKAGES},
        "cuda": torch.version.cuda,
        "hip": torch.version.hip,
        "cudnn": cudnn,
    }
    return {name: str(value) for name, value in found.items() if value is not None}


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
