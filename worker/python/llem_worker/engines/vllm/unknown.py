"""Settings that nobody knows, and what they may have been meant to be."""

from collections.abc import Iterable
from typing import Any

from ...did_you_mean import nearest
from ...errors import WorkerError
from . import messages


def given(section: Any) -> dict[str, Any]:
    """The keys of a section that have a value; null is as good as absent."""
    return {key: value for key, value in (section or {}).items() if value is not None}


def unknown(path: str, name: str, known: Iterable[str], release: str) -> WorkerError:
    """A setting that the release does not have; `path` is as the study has it."""
    return WorkerError("bad_setting", messages.setting_unknown(path, release, nearest(name, known)))
