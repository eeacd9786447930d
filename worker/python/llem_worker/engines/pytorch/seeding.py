"""The seed of sampling."""

from typing import Any


def seed(assignment: dict[str, Any]) -> None:
    """Seeds the generators of every device, so that the same run chooses the same tokens again."""
    import torch

    torch.manual_seed(assignment["config"]["random_seed"])  # those of all GPUs too
