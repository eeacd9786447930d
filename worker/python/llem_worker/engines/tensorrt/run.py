"""One run with TensorRT-LLM."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ...errors import WorkerError
from ...frames import Reporter
from ...run import run_engine
from .engine_files import engine_folder
from .environment import set_environment, world_size
from .settings import check_supported
from . import messages


def run(assignment: dict[str, Any], report: Reporter) -> None:
    """Sends every frame of a run, the result last but for the end of its closing. Raises what goes wrong."""
    run_engine(TensorRt(assignment), assignment, report)


class TensorRt:
    """The engine of a run, before its model is loaded."""

    backend = "tensorrt"

    def __init__(self, assignment: dict[str, Any]) -> None:
        self._assignment = assignment

    def import_packages(self) -> None:
        from .releases import check_releases

        check_supported(self._assignment["config"])
        set_environment(self._assignment)
        folder = engine_folder(self._assignment)
        check_releases(folder)
        try:
            import tensorrt_llm  # noqa: F401
        except ImportError as error:
            if "libmpi" in str(error):
                raise WorkerError("missing_library", messages.no_mpi(str(error))) from error
            raise
        from transformers import AutoTokenizer  # noqa: F401

        from .installed import llm_class

        llm_class(folder is not None)

    def versions(self) -> dict[str, Any]:
        from .versions import versions

        return versions()

    def devices(self) -> list[str]:
        from ...gpus import device_names
        from .devices import cuda_of_run

        return device_names(cuda_of_run())

    def hold_devices(self) -> bool:
        from ...gpus import make_context
        from .devices import cuda_of_run

        return make_context(cuda_of_run(), world_size(self._assignment))

    def loader(self) -> Callable[[Reporter], Any]:
        from .load import load_model

        return partial(load_model, self._assignment)

    def clean_up(self) -> None:
        """What the engine writes lies in the run's temporary folder, which the runner removes."""
