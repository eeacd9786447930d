"""Speculative decoding: several names for one argument of the engine."""

import os
from typing import Any

from ...errors import WorkerError
from . import messages

# Short names, the older ones first; all of them are keys of `speculative_config` in every release.
_SHORT = {
    "speculative_model": "model",
    "num_speculative_tokens": "num_speculative_tokens",
    "spec_model": "model",
    "spec_tokens": "num_speculative_tokens",
    "spec_method": "method",
}
FORMS = ("speculative_config", *_SHORT)
"""Names under which it is asked for."""
# A word that releases before V1 took for a model.
_NGRAM = "[ngram]"


def speculation_asked(
    settings: dict[str, Any], paths: dict[str, str], base_dir: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """Speculative_config, empty where nothing is asked, and by its keys the places in the study file."""
    whole = settings.get("speculative_config") or {}
    if not isinstance(whole, dict):
        raise WorkerError("bad_setting", messages.must_be_mapping(paths["speculative_config"]))
    values = {key: value for key, value in whole.items() if value is not None}
    said = {key: f"{paths['speculative_config']}.{key}" for key in values}
    for short, key in _SHORT.items():
        if short not in settings:
            continue
        if key in values:
            raise WorkerError("bad_setting", messages.same_setting_twice(paths[short], said[key]))
        values[key], said[key] = settings[short], paths[short]
    if values.get("model") == _NGRAM:
        values |= {"method": values.get("method", "ngram")}
        said.setdefault("method", said["model"])
        del values["model"]
    elif "model" in values:
        values["model"] = _local(values["model"], base_dir)
    return values, said


def _local(model: str, base_dir: str) -> str:
    """A folder as seen from the study file; anything else is a name of the hub, or one that vLLM knows."""
    path = os.path.normpath(os.path.join(base_dir, os.path.expanduser(model)))
    if os.path.exists(path):
        return path
    if model.startswith((".", "/", "~")):
        raise WorkerError("model_not_found", messages.no_draft_model_at(path))
    return model
