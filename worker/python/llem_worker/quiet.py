"""Keeps the libraries quiet."""

import os


def quiet_environment() -> None:
    """No progress bars in the log, no word to the hub about who loads what, nothing converted beside the run.

    The libraries read this when they are imported.
    """
    for name in (
        "HF_HUB_DISABLE_TELEMETRY",
        "HF_HUB_DISABLE_PROGRESS_BARS",
        "TQDM_DISABLE",
        "DISABLE_SAFETENSORS_CONVERSION",
    ):
        os.environ.setdefault(name, "1")
