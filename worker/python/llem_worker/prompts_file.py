"""The prompts that the runner wrote for all runs of a study, in order: one {"prompt": "..."} a line."""

import json
import re
from hashlib import sha256
from typing import Any

from .errors import WorkerError
from . import messages


def read_prompts(assignment: dict[str, Any]) -> list[str]:
    """The texts. Raises WorkerError `no_prompts` where the file is not there, changed or holds none."""
    prompts = (assignment.get("inputs") or {}).get("prompts")
    if prompts is None:
        dataset = json.dumps(assignment["config"]["dataset"])
        raise _no_prompts(messages.no_prompts_file(dataset))
    path = prompts["path"]
    try:
        with open(path, "rb") as file:
            written = file.read()
        lines = written.decode().split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise _no_prompts(messages.prompts_unreadable(path, str(error))) from error
    if sha256(written).hexdigest() != prompts["sha256"]:
        raise _no_prompts(messages.prompts_changed(path))
    texts = [_text(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not texts:
        raise _no_prompts(messages.prompts_empty(path))
    return texts


def _no_prompts(message: str) -> WorkerError:
    return WorkerError("no_prompts", message)


def _text(line: str, place: str) -> str:
    try:
        text = json.loads(line)["prompt"]
    except (ValueError, TypeError, KeyError) as error:
        raise _no_prompts(messages.prompt_line_invalid(place, repr(error))) from error
    if not isinstance(text, str):
        raise _no_prompts(messages.prompt_not_text(place))
    # Halves of characters, which JSON can hold: a tokenizer takes none. Other engines see the same.
    return re.sub("[\ud800-\udfff]", "\ufffd", text)
