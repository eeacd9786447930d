"""Settings of a study against what the installed release has of them."""

from typing import Any

from ...did_you_mean import nearest
from ...errors import WorkerError
from .history import NESTED_LIVES, WORDS, Life
from .names import Names
from .unknown import unknown
from . import messages


def living(
    values: dict[str, Any],
    paths: dict[str, str],
    lives: dict[str, Life],
    known: frozenset[str],
    release: str,
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """
    What the release has of the settings, and notes of those that were left out since they ask for nothing. Raises
    WorkerError for any other that it does not have; `paths` has their places in the study file.
    """
    kept: dict[str, Any] = {}
    notes: list[tuple[str, str]] = []
    for key, value in values.items():
        if key in known:
            kept[key] = value
            continue
        life = lives.get(key)
        if life is None:
            raise unknown(paths[key], key, known, release)
        if value != life.harmless:
            raise _lacking(paths[key], life, release)
        notes.append((messages.left_out(paths[key], value, release), "setting_left_out"))
    return kept, notes


def check_nested(place: str, path: str, key: str, names: Names) -> None:
    """Raises WorkerError for a key that a mapping among the engine's arguments does not have."""
    known = names.nested.get(place)
    if known is None or key in known:
        return
    life = NESTED_LIVES[place].get(key)
    raise unknown(path, key, known, names.release) if life is None else _lacking(path, life, names.release)


def check_word(path: str, setting: str, word: Any, names: Names) -> None:
    """Raises WorkerError for a word that the setting does not take."""
    known = names.words.get(setting)
    if known is None or word in known or not isinstance(word, str):
        return
    life = WORDS.get(setting, {}).get(word)
    if life is not None:
        raise _lacking(f"{path}: {word}", life, names.release)
    text = messages.word_unknown(path, word, names.release, nearest(word, known), sorted(known))
    raise WorkerError("unsupported_setting", text)


def _lacking(what: str, life: Life, release: str) -> WorkerError:
    """A setting, or a word of one, that other releases have."""
    if life.until is None:
        text = messages.setting_too_new(what, release, life.since or "")
    else:
        remedy = None if life.instead is None else life.instead()
        text = messages.setting_gone(what, release, life.until, remedy)
    return WorkerError("unsupported_setting", text)
