"""One run with PyTorch."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ...frames import Reporter
from ...run import run_engine


def run(assignment: dict[str, Any], report: Reporter) -> None:
    """Sends every frame of a run, the result last but for the end of its closing. Raises what goes wrong."""
    run_engine(PyTorch(assignment), assignment, report)


class PyTorch:
    """The engine of a run, before its model is loaded."""

    backend = "pytorch"

    def __init__(self, assignment: dict[str, Any]) -> None:
        self._assignment = assignment

    def import_packages(self) -> None:
        """transformers imports what it is made of when it is asked for; this asks for what every run needs."""
        from .releases import check_releases

        check_releases()
        import torch  # noqa: F401
        from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel  # noqa: F401

    def versions(self) -> dict[str, Any]:
        from .versions import versions

        return versions()

    def devices(self) -> list[str]:
        import torch

        from ...gpus import device_names
        from .devices import wants_cuda

        return device_names(torch.cuda if wants_cuda(self._assignment["config"]) else None)

    def hold_devices(self) -> bool:
        from .devices import make_contexts, wants_cuda

        if not wants_cuda(self._assignment["config"]):
            return False
        make_contexts()
        return True

    def loader(self) -> Callable[[Reporter], Any]:
        from .loaded_model import load_model

        return partial(load_model, self._assignment)

    def clean_up(self) -> None:
        from .placement import remove_offloaded

        remove_offloaded(self._assignment["run_dir"])
