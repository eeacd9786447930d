"""The prompts that the runner wrote for all runs of a study, in order: one {"prompt": "..."} a line."""

import hashlib
import json
from typing import Any

from .errors import WorkerError


def read_prompts(assignment: dict[str, Any]) -> list[str]:
    """The texts. Raises WorkerError `no_prompts` where there is no file, it is unreadable or holds none."""
    prompts = (assignment.get("inputs") or {}).get("prompts")
    if prompts is None:
        dataset = json.dumps(assignment["config"]["dataset"])
        raise _no_prompts(f"The assignment names no file with the prompts of dataset {dataset}")
    path = prompts["path"]
    try:
        with open(path, "rb") as file:
            data = file.read()
        lines = data.decode("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise _no_prompts(f"Cannot read the prompts from {path}: {error}") from error
    if hashlib.sha256(data).hexdigest() != prompts["sha256"]:
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
    return text
