"""What an engine makes of a batch of prompts, and the interface by which the measurement has it made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .progress import Progress
from .prompts import Prompt


@dataclass(frozen=True)
class Request:
    """One request that is done."""

    prompt: Prompt
    tokens: list[int]
    """Generated ids. One that ends the text is not among them, nor is the padding after it."""
    times_ns: list[int]
    """When each of them was there."""
    end_ns: int
    """When it ended: its last token, or the one that ended it, was there."""
    computed: int
    """Tokens that were computed for it: those above, and the one that ended it."""


@dataclass(frozen=True)
class Generation:
    """A batch of requests that is done."""

    requests: list[Request]
    begin_ns: int
    prefill_end_ns: int
    """When the first step was done."""
    end_ns: int
    input_padding: int
    """Padding that was computed with the prompts, in tokens."""
    output_padding: int
    """Places of rows whose text had ended."""


class Generator(Protocol):
    """A loaded model with the settings of a run."""

    def synchronise(self) -> None:
        """Returns when the devices have nothing left to do."""

    def run(self, prompts: Sequence[Prompt], progress: Progress | None = None) -> Generation:
        """Runs the prompts as one batch."""
