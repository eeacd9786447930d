"""What an exception says, whether it was raised here or written to a log by another process."""

import re
from dataclasses import dataclass

from ....failures import printed

_HEAD = "Traceback (most recent call last):"


@dataclass(frozen=True)
class Said:
    """An exception as text."""

    kind: str
    """Name of its class, without its module."""
    text: str
    traceback: str
    """As Python prints it, with what it was raised from before it."""


def said_by(error: BaseException) -> Said:
    """An exception that was raised in this process."""
    return Said(type(error).__name__, str(error), printed(error))


def printed_chain(text: str) -> list[Said]:
    """The exceptions of a traceback that was printed, the first cause first; empty where there is none."""
    _, *blocks = text.split(_HEAD)
    chain: list[Said] = []
    so_far = ""
    for block in blocks:
        so_far += _HEAD + block
        # Frames and their code are indented; the exception is what follows them.
        found = re.search(r"^([\w.]+)(?::[ \n](.*))?\Z", _after_frames(block), re.DOTALL)
        if found is not None:
            kind = found.group(1).rpartition(".")[2]
            chain.append(Said(kind, _without_link(found.group(2) or ""), so_far.strip()))
    return chain


def _after_frames(block: str) -> str:
    found = re.search(r"^[^\s].*", block, re.MULTILINE | re.DOTALL)
    return "" if found is None else found.group(0).strip()


def _without_link(text: str) -> str:
    """Without the sentence that leads to the next traceback."""
    return re.split(r"\n\n(?:The above exception was|During handling of the above)", text)[0].strip()
