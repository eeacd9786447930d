"""The seed of sampling."""


def seed(seed_of_run: int) -> None:
    """Seeds the generators of every device, so that the same run chooses the same tokens again."""
    import torch

    torch.manual_seed(seed_of_run)  # those of all GPUs too
