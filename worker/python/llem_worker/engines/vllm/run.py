"""One run with vLLM."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ...frames import Reporter
from ...run import run_engine
from .environment import set_environment, world_size
from .failures.engine_log import keep_failures


def run(assignment: dict[str, Any], report: Reporter) -> None:
    """Sends every frame of a run, the result last but for the end of its closing. Raises what goes wrong."""
    run_engine(Vllm(assignment), assignment, report)


class Vllm:
    """The engine of a run, before its model is loaded."""

    backend = "vllm"

    def __init__(self, assignment: dict[str, Any]) -> None:
        self._assignment = assignment

    def import_packages(self) -> None:
        from .releases import check_releases

        check_releases()
        set_environment(self._assignment)
        import vllm  # noqa: F401
        from vllm import LLM, SamplingParams  # noqa: F401

        if world_size(self._assignment["config"]) > 1:
            keep_failures()

    def versions(self) -> dict[str, Any]:
        from .versions import versions

        return versions()

    def devices(self) -> list[str]:
        from .devices import device_names

        return device_names()

    def hold_devices(self) -> bool:
        from .devices import make_contexts

        return make_contexts(self._assignment["config"])

    def loader(self) -> Callable[[Reporter], Any]:
        from .loaded_model import load_model

        return partial(load_model, self._assignment)

    def clean_up(self) -> None:
        """What the engine writes lies in the run's temporary folder, which the runner removes."""
