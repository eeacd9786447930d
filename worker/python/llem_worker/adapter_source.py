"""Where the adapter of a run is: what the runner found before the study, or what the configuration names."""

import os
from typing import Any

from .errors import WorkerError
from . import messages


def find_adapter(assignment: dict[str, Any]) -> str:
    """A folder, or a repository of the hub. Raises WorkerError `adapter_not_found` for a folder without an adapter."""
    lora = assignment["config"]["lora"]
    found = (assignment.get("inputs") or {}).get("adapter") or {}
    path: str | None = found.get("path")
    if path is None:
        if lora.get("adapter_path") is None:
            named: str = lora["adapter_id"]
            return named
        path = os.path.normpath(os.path.join(assignment["base_dir"], os.path.expanduser(lora["adapter_path"])))
    if not os.path.isfile(os.path.join(path, "adapter_config.json")):
        raise WorkerError("adapter_not_found", messages.no_adapter_at(path))
    return path
