"""A request on its way through the engine, and what it is when it has ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ...generation import Request, without_end
from ...prompts import Prompt


@dataclass
class Running:
    """What has come of one request so far. Times are ns on CLOCK_MONOTONIC."""

    prompt: Prompt
    begin_ns: int
    texts: list[list[int]] = field(default_factory=lambda: [[]])
    """The ids of every text that was asked for; most requests ask for one."""
    times_ns: list[int] = field(default_factory=list)
    """When each token of the first text was there."""
    end_ns: int = 0

    def add(self, index: int, tokens: Sequence[int], now_ns: int) -> int:
        """New tokens of the text of that index, all of which came now; returns how many."""
        while len(self.texts) <= index:
            self.texts.append([])
        self.texts[index].extend(tokens)
        if index == 0:
            self.times_ns.extend([now_ns] * len(tokens))
        return len(tokens)

    def add_up_to(self, index: int, tokens: Sequence[int], now_ns: int) -> int:
        """The same from all tokens of the text so far: the engine repeats what it told before."""
        known = len(self.texts[index]) if index < len(self.texts) else 0
        return self.add(index, tokens[known:], now_ns)

    def ended(self, end_ids: frozenset[int], stopped: Sequence[bool], of_engine: dict[str, object]) -> Request:
        """
        The request when it is done, without the tokens that ended its texts; `stopped` tells of each text whether such
        a token ended it, be it told or not.
        """
        texts = zip(self.texts, stopped)
        tokens, *further = [without_end(text, end_ids) if ended else text for text, ended in texts]
        return Request(
            prompt=self.prompt,
            tokens=tokens,
            times_ns=self.times_ns[: len(tokens)],
            end_ns=self.end_ns,
            computed=len(tokens) + 1 if stopped[0] else len(tokens),
            begin_ns=self.begin_ns,
            further=further,
            of_engine=of_engine,
        )
