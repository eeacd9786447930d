"""Where the model is: what the runner found before the study, or what the configuration names."""

import os
from dataclasses import dataclass
from typing import Any

from .errors import WorkerError
from . import messages


@dataclass(frozen=True)
class ModelSource:
    """What from_pretrained loads."""

    name: str
    """A folder, or a repository of the hub."""
    kind: str
    """folder, file (GGUF) or hub."""
    path: str | None
    """Absolute; None for a repository that the library finds in its cache or on the hub."""
    hub_id: str | None
    revision: str | None
    gguf_file: str | None = None
    """Name of the GGUF file in the folder `name`."""

    def facts(self, asked: str) -> dict[str, Any]:
        """For the result: which model it is; `asked` is how the study names it."""
        return {
            "name": asked,
            "kind": self.kind,
            "path": self.path,
            "hub_id": self.hub_id,
            "revision": self.revision,
        }

    def arguments(self) -> dict[str, Any]:
        """For from_pretrained of the model and of its tokenizer, beside the name."""
        revision = {} if self.path is not None or self.revision is None else {"revision": self.revision}
        return {**revision, **({} if self.gguf_file is None else {"gguf_file": self.gguf_file})}


def find_model(assignment: dict[str, Any], revision: str | None) -> ModelSource:
    """The run's model; `revision` counts where none was pinned. Raises WorkerError where a file is gone."""
    found = (assignment.get("inputs") or {}).get("model")
    if found is None:
        return _named(assignment["config"]["model"], assignment["base_dir"], revision)
    path, hub_id = found.get("path"), found.get("hub_id")
    pinned = found.get("revision") or revision
    if path is None:
        return ModelSource(name=hub_id, kind="hub", path=None, hub_id=hub_id, revision=pinned)
    return _local(path, found["kind"], hub_id, pinned if hub_id else found.get("revision"))


def _named(model: str, base_dir: str, revision: str | None) -> ModelSource:
    path = os.path.normpath(os.path.join(base_dir, os.path.expanduser(model)))
    if os.path.exists(path):
        return _local(path, "folder" if os.path.isdir(path) else "file", None, None)
    if model.startswith((".", "/", "~")) or model.count("/") > 1:
        raise WorkerError("model_not_found", messages.no_model_at(path))
    return ModelSource(name=model, kind="hub", path=None, hub_id=model, revision=revision)


def _local(path: str, kind: str, hub_id: str | None, revision: str | None) -> ModelSource:
    if not os.path.exists(path):
        raise WorkerError("model_not_found", messages.model_gone(path))
    if kind != "file":
        return ModelSource(name=path, kind=kind, path=path, hub_id=hub_id, revision=revision)
    folder, name = os.path.split(path)
    if not name.lower().endswith(".gguf"):
        raise WorkerError("bad_model", messages.model_file_not_gguf(path))
    return ModelSource(name=folder, kind="file", path=path, hub_id=hub_id, revision=revision, gguf_file=name)
