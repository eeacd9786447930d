"""What the worker asks of an engine: engines/<name>/engine.py is a module of this form, with classes behind it."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from .errors import WorkerError
from .frames import Reporter
from .generation import Generator
from .measure import Totals
from .prompts import Prompt


class EngineModule(Protocol):
    """An engine as the worker's process sees it. Importing it imports none of the engine's own packages."""

    def prepare(self) -> None:
        """Sets what the engine's packages read when they are imported."""

    def run(self, assignment: dict[str, Any], report: Reporter) -> None:
        """Sends every frame of a run but for an error; raises what goes wrong. See run.run_engine()."""

    def name_failure(self, error: BaseException) -> WorkerError | None:
        """What its packages raise under a name of ours, with a remedy; None where it is not known."""


class Engine(Protocol):
    """An engine as one run sees it, before its model is loaded."""

    backend: str
    """As the study file names it."""

    def import_packages(self) -> None:
        """Imports what every run needs, and nothing is imported before. Raises WorkerError where a release is too old."""

    def versions(self) -> dict[str, Any]:
        """Of everything of the engine that has a say in the numbers; None where something is not there."""

    def devices(self) -> list[str]:
        """What the run computes on, for people."""

    def hold_devices(self) -> bool:
        """Takes of its GPUs what it needs beside a model (a context), for a baseline; False where it uses none."""

    def loader(self) -> "Callable[[Reporter], LoadedModel]":
        """
        What loads the model, whole into memory; it raises WorkerError, or what the packages raise. All that it takes
        is imported when this returns.
        """

    def clean_up(self) -> None:
        """Removes what loading has written beside the record; called once packages are imported, however a run ends."""


class LoadedModel(Protocol):
    """A model that is ready to generate."""

    tokenizer: Any
    """A tokenizer as transformers has them."""
    end_ids: frozenset[int]
    """The tokens that end a text; empty where the model has none."""
    vocabulary: int | None
    """The model knows the token ids below this; None where that is not told."""
    context_length: int | None
    """Tokens of prompt and output that the model was made for; None where that is not told."""
    on_gpus: bool
    batch_size: int | None
    """Prompts that are generated together; None: the engine is given all of them and schedules by itself."""
    concurrent: int | None
    """Requests that such an engine works on at once, at most: no warm-up needs more. None: all of them."""
    facts: dict[str, Any]
    """Which model it is and how it is held in memory, for the result."""
    settings: dict[str, Any]
    """What the engine made of the configuration, for the result's settings."""

    def generator(self, prompts: Sequence[Prompt]) -> Generator:
        """What runs these prompts, in batches."""

    def seed(self, seed: int) -> None:
        """Seeds the choice of tokens, so that the same run chooses the same ones again."""

    def reset_peak_memory(self) -> None:
        """What memory() tells later is the peak from now on."""

    def memory(self) -> dict[str, Any]:
        """For the result."""

    def further_metrics(self, totals: Totals) -> dict[str, Any]:
        """What the engine works out from the totals of the measurement, for the result's metrics."""

    def close(self) -> None:
        """Ends what outlives the run otherwise; the result is out by then."""
