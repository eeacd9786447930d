"""Failures that have no words of their own (a shape, an assertion, a key) and are known by where they were raised."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ....errors import WorkerError
from ....failures import describe_text
from . import messages
from .said import Said

_WORDLESS = frozenset(
    ("AssertionError", "AttributeError", "KeyError", "RuntimeError", "TypeError", "ValueError", "ZeroDivisionError")
)
# A file that is not what its name says, or is not there.
_NO_SUCH_CONTENT = frozenset(("FileNotFoundError", "JSONDecodeError", "UnicodeDecodeError", "UnpicklingError"))


@dataclass(frozen=True)
class _Place:
    pattern: str
    """Searched in the traceback."""
    kinds: frozenset[str]
    """Classes of exceptions that tell of the model there."""
    error_type: str
    message: Callable[[str], str]


def name_by_place(said: Said) -> WorkerError | None:
    """None where it was raised elsewhere, or is of a kind that does not tell of the model."""
    for place in _PLACES:
        if said.kind in place.kinds and re.search(place.pattern, said.traceback):
            return WorkerError(place.error_type, place.message(describe_text(said.kind, _brief(said.text))))
    return None


def _brief(text: str) -> str:
    """Without pages of names, or advice to load a damaged file without checks."""
    return re.split(r"\s*(?:The available parameters belonging|In PyTorch 2\.6, we changed)", text)[0].rstrip(".")


# The innermost first: the model is built, and then its weights are loaded, far below where its config was read.
_PLACES = (
    _Place(
        r"transformers_modules\S+\.py\", line \d+|dynamic_module_utils\.py\", line \d+",
        _WORDLESS | {"NameError", "OSError"},
        "model_failed",
        messages.remote_code_failed,
    ),
    _Place(
        r"model_loader\S+weight_utils\.py\", line \d+",
        _NO_SUCH_CONTENT,
        "model_failed",
        messages.weights_damaged,
    ),
    _Place(
        r"model_loader\S+\.py\", line \d+, in load_weights", _WORDLESS, "model_failed", messages.weights_do_not_fit
    ),
    _Place(
        r"transformers/(?:models/auto/)?tokenization_\w+\.py\", line \d+",
        _WORDLESS | _NO_SUCH_CONTENT,
        "model_failed",
        messages.tokenizer_unreadable,
    ),
    _Place(
        r"model_loader\S+\.py\", line \d+, in initialize_model", _WORDLESS, "model_failed", messages.model_not_built
    ),
    _Place(
        r"(?:transformers/configuration_utils|transformers/models/\S+/configuration_\w+"
        r"|vllm/transformers_utils/config)\.py\", line \d+",
        _WORDLESS | {"StrictDataclassFieldValidationError", "StrictDataclassClassValidationError"},
        "model_failed",
        messages.config_not_accepted,
    ),
)
