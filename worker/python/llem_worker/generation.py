"""What an engine makes of a batch of prompts, and the interface by which the measurement has it made."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from .progress import Progress
from .prompts import Prompt


@dataclass(frozen=True)
class Request:
    """One request that is done."""

    prompt: Prompt
    tokens: list[int]
    """Generated ids. One that ends the text is not among them, nor is the padding after it."""
    times_ns: list[int]
    """When each of them was there: those of one step share its time. Empty where a search decides at its end."""
    end_ns: int
    """When it ended: its last token, or the one that ended it, was there."""
    computed: int
    """Tokens that were computed for it: those above, and the one that ended it."""
    begin_ns: int | None = None
    """When the engine was given it; None: with its batch."""
    further: list[list[int]] = field(default_factory=list)
    """What was generated for the same prompt beside `tokens`, where several texts were asked for."""
    of_engine: dict[str, Any] = field(default_factory=dict)
    """Further fields of its record that only this engine knows."""

    @property
    def output_tokens(self) -> int:
        """Of all its texts."""
        return len(self.tokens) + sum(map(len, self.further))

    def work(self) -> list[tuple[int, int]]:
        """Of each of its texts: tokens of the prompt, and tokens computed for it."""
        inputs, most = len(self.prompt.token_ids), self.prompt.max_output
        return [(inputs, self.computed), *((inputs, min(len(tokens) + 1, most)) for tokens in self.further)]


@dataclass(frozen=True)
class Generation:
    """A batch of requests that is done."""

    requests: list[Request]
    begin_ns: int
    prefill_end_ns: int | None
    """When the first step was done; None where prefill and decode are no phases, since steps had both in them."""
    end_ns: int
    input_padding: int
    """Padding that was computed with the prompts, in tokens."""
    output_padding: int
    """Places of rows whose text had ended."""
    of_engine: Any = None
    """What else the engine observed; handed back to it with the totals of the measurement."""


def without_end(tokens: list[int], end_ids: frozenset[int]) -> list[int]:
    """Releases of an engine differ in whether an end at the last place counts as a token; it never is text."""
    return tokens[:-1] if tokens and tokens[-1] in end_ids else tokens


class Generator(Protocol):
    """A loaded model with the settings of a run."""

    def forget(self) -> None:
        """Drops what is kept of earlier batches and would spare work of the next (a prefix cache)."""

    def synchronise(self) -> None:
        """Returns when the devices have nothing left to do."""

    def run(self, prompts: Sequence[Prompt], progress: Progress | None = None) -> Generation:
        """Runs the prompts as one batch."""
