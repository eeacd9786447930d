"""Versions of everything of the engine that has a say in the numbers."""

from typing import Any

import tensorrt_llm
import torch

from ...releases import release_of

PACKAGES = ("tensorrt", "transformers", "tokenizers", "mpi4py")


def versions() -> dict[str, Any]:
    """For the hello frame; None where something is not there."""
    return {
        "tensorrt_llm": str(tensorrt_llm.__version__),
        "torch": str(torch.__version__),
        **{name: release_of(name) for name in PACKAGES},
        "cuda": torch.version.cuda,
    }
