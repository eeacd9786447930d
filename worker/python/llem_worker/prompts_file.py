"""The prompts that the runner wrote for all runs of a study, in order: one {"prompt": "..."} a line."""

import json
import re
from hashlib import sha256
from typing import Any

from .errors import WorkerError


def read_prompts(assignment: dict[str, Any]) -> list[str]:
    """The texts. Raises WorkerError `no_prompts` where the file is not there, changed or holds none."""
    prompts = (assignment.get("inputs") or {}).get("prompts")
    if prompts is None:
        dataset = json.dumps(assignment["config"]["dataset"])
        raise _no_prompts(f"The assignment names no file with the prompts of dataset {dataset}")
    path = prompts["path"]
    try:
        with open(path, "rb") as file:
            written = file.read()
        lines = written.decode().split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise _no_prompts(f"Cannot read the prompts from {path}: {error}") from error
    if sha256(written).hexdigest() != prompts["sha256"]:
        raise WorkerError(
            "no_prompts",
            f"{path} was changed after the study began: its runs would not be comparable. Start a new study.",
        )
    texts = [_text(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not texts:
        raise _no_prompts(f"{path} holds no prompt")
    return texts


def _no_prompts(problem: str) -> WorkerError:
    remedy = "`llem run` writes it before the first run; start the study with it."
    return WorkerError("no_prompts", f"{problem}. {remedy}")


def _text(line: str, place: str) -> str:
    try:
        text = json.loads(line)["prompt"]
    except (ValueError, TypeError, KeyError) as error:
        raise _no_prompts(f'{place} is not a line such as {{"prompt": "Hello"}}: {error!r}') from error
    if not isinstance(text, str):
        raise _no_prompts(f'{place}: "prompt" is no text')
    # Halves of characters, which JSON can hold: a tokenizer takes none. Other engines see the same.
    return re.sub("[\ud800-\udfff]", "\ufffd", text)
