"""One run with vLLM."""

from collections.abc import Callable
from typing import Any

from ...caches import state_of
from ...frames import Reporter
from ...run import run_engine
from .environment import CACHE, set_environment, world_size
from .failures.engine_log import end_log, keep_failures
from .lengths import with_own_lengths
from .variables import check_logging_config, check_variables


def run(assignment: dict[str, Any], report: Reporter) -> None:
    """Sends every frame of a run, the result last but for the end of its closing. Raises what goes wrong."""
    own = with_own_lengths(assignment)
    run_engine(Vllm(own), own, report)


class Vllm:
    """The engine of a run, before its model is loaded."""

    backend = "vllm"

    def __init__(self, assignment: dict[str, Any]) -> None:
        self._assignment = assignment

    def import_packages(self) -> None:
        from .releases import check_releases

        check_releases()
        set_environment(self._assignment)
        self._cache = state_of(CACHE)
        check_logging_config()
        import vllm  # noqa: F401
        from vllm.envs import environment_variables

        check_variables(environment_variables)
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
        import torch

        from ...gpus import make_context
        from .devices import uses_gpus

        return make_context(torch.cuda if uses_gpus() else None, world_size(self._assignment["config"]))

    def loader(self) -> Callable[[Reporter], Any]:
        from .loaded_model import load_model

        def load(report: Reporter) -> Any:
            model = load_model(self._assignment, report)
            # The first run of a study compiles what later ones find.
            model.settings = {**model.settings, "cache": self._cache}
            return model

        return load

    def clean_up(self) -> None:
        """Processes that a failed start has left, and their log. What else it has written lies in folders that the runner removes."""
        from .end import kill_children

        kill_children()
        end_log()
