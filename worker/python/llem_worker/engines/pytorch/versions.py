"""Versions of everything of the engine that has a say in the numbers."""

from typing import Any

import torch

from ...releases import release_of

PACKAGES = ("transformers", "accelerate", "tokenizers")


def versions() -> dict[str, Any]:
    """For the hello frame; None where something is not there."""
    return {
        "torch": str(torch.__version__),
        **{name: release_of(name) for name in PACKAGES},
        "cuda": torch.version.cuda,
        "hip": torch.version.hip,
        "cudnn": torch.backends.cudnn.version() if torch.version.cuda else None,
    }
