"""Versions of everything of the engine that has a say in the numbers."""

from typing import Any

import torch
import vllm

from ...releases import release_of

PACKAGES = ("transformers", "tokenizers")


def versions() -> dict[str, Any]:
    """For the hello frame; None where something is not there."""
    return {
        "vllm": str(vllm.__version__),
        "torch": str(torch.__version__),
        **{name: release_of(name) for name in PACKAGES},
        "cuda": torch.version.cuda,
        "hip": torch.version.hip,
    }
