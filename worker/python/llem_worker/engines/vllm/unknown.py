"""Settings that nobody knows, and what they may have been meant to be."""

from collections.abc import Iterable

from ...did_you_mean import nearest
from ...errors import WorkerError
from . import messages


def unknown(path: str, name: str, known: Iterable[str], release: str) -> WorkerError:
    """A setting that the release does not have; `path` is as the study has it."""
    return WorkerError("bad_setting", messages.setting_unknown(path, release, nearest(name, known)))
