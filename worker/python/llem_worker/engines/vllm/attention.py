"""Attention: an argument of the engine, or variables of the environment for older releases."""

from dataclasses import dataclass, field
from typing import Any

from ...errors import WorkerError
from .asked import Asked
from .history import ATTENTION_CONFIG_SINCE, NESTED_LIVES, VARIABLES
from .living import check_word, living
from .names import Names
from . import messages

PLACE = "attention_config"
FORMS = ("attention", PLACE, "attention_backend")
"""Names under which it is asked for: of the study file, and two of vLLM."""


@dataclass(frozen=True)
class Attention:
    arguments: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    asked: tuple[Asked, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()


def attention_asked(settings: dict[str, Any], paths: dict[str, str], names: Names) -> Attention:
    """Raises WorkerError for what the release does not have."""
    values, said = _values(settings, paths)
    has_section = PLACE in names.engine
    if has_section:
        known = names.nested.get(PLACE, frozenset(values))
    else:
        known = frozenset(VARIABLES)
        _refuse_without_variable(values, said, names.release)
    kept, notes = living(values, said, NESTED_LIVES[PLACE], known, names.release)
    if "backend" in kept:
        kept["backend"] = str(kept["backend"]).upper()
        if kept["backend"] != "AUTO":
            check_word(said["backend"], "attention_backend", kept["backend"], names)
    asked = [Asked(said[key], PLACE, key, value) for key, value in kept.items()]
    if has_section:
        return Attention({PLACE: kept} if kept else {}, {}, tuple(asked), tuple(notes))
    # What the engine makes of a variable is seen of the implementation alone.
    seen = tuple(one for one in asked if one.name == "backend")
    return Attention({}, {VARIABLES[key]: _text(value) for key, value in kept.items()}, seen, tuple(notes))


def _values(settings: dict[str, Any], paths: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What is asked by the keys of the section, and where the study file says it."""
    forms = [form for form in FORMS if form in settings]
    if not forms:
        return {}, {}
    if len(forms) > 1:
        raise WorkerError("bad_setting", messages.same_setting_twice(paths[forms[0]], paths[forms[1]]))
    (form,) = forms
    if form == "attention_backend":
        return {"backend": settings[form]}, {"backend": paths[form]}
    if not isinstance(settings[form], dict):
        raise WorkerError("bad_setting", messages.must_be_mapping(paths[form]))
    values = {key: value for key, value in settings[form].items() if value is not None}
    return values, {key: f"{paths[form]}.{key}" for key in values}


def _refuse_without_variable(values: dict[str, Any], said: dict[str, str], release: str) -> None:
    for key in values:
        if key not in VARIABLES and key not in NESTED_LIVES[PLACE]:
            text = messages.setting_too_new(said[key], release, ATTENTION_CONFIG_SINCE)
            raise WorkerError("unsupported_setting", text)


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
