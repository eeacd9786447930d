"""Brings a model of the hub into its cache, before a study."""

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

PROGRESS_S = 1.0


def fetch(frames_fd: int) -> int:
    """Takes one line from stdin: hub_id, commit, revision, files ({name, bytes} each), endpoint, cache.

    Says on `frames_fd`, a line of JSON each: {"done", "total"} in bytes as it goes, at its end {"path"} or
    {"error"}.
    Returns the exit code. Ends at once when stdin ends: then nobody waits for the model any more.
    """
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    repository = Path(request["cache"]) / f"models--{request['hub_id'].replace('/', '--')}"
    stop = threading.Event()
    teller = threading.Thread(target=_tell, args=(frames_fd, request, repository, stop), daemon=True)
    teller.start()
    try:
        end, code = {"path": _download(request, repository)}, 0
    except Exception as error:
        end, code = {"error": _in_words(error)}, 1
    stop.set()
    teller.join()
    _say(frames_fd, end)
    return code


def _download(request: dict[str, Any], repository: Path) -> str:
    # Bars on stderr would be taken for what the download died of.
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    from huggingface_hub import snapshot_download

    path = snapshot_download(
        request["hub_id"],
        revision=request["commit"],
        cache_dir=request["cache"],
        endpoint=request["endpoint"],
        allow_patterns=[_literally(file["name"]) for file in request["files"]],
    )
    _remember(repository, request["revision"], request["commit"])
    return str(path)


def _remember(repository: Path, revision: str, commit: str) -> None:
    """Writes down which commit a branch or tag is; last, so that no broken-off download is found by it."""
    if revision == commit:
        return
    reference = repository / "refs" / revision
    reference.parent.mkdir(parents=True, exist_ok=True)
    temporary = reference.with_name(f"{reference.name}.{os.getpid()}")
    temporary.write_text(commit)
    temporary.replace(reference)


def _literally(name: str) -> str:
    """A pattern that nothing but this name matches."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in name)


def _tell(fd: int, request: dict[str, Any], repository: Path, stop: threading.Event) -> None:
    snapshot = repository / "snapshots" / request["commit"]
    missing = [file for file in request["files"] if not (snapshot / file["name"]).exists()]
    blobs = repository / "blobs"
    before = _size_of(blobs)
    # What a broken-off download left is gone on with.
    total = max(0, sum(file["bytes"] or 0 for file in missing) - _size_of(blobs, "*.incomplete"))
    while True:
        _say(fd, {"done": min(total, max(0, _size_of(blobs) - before)), "total": total})
        if stop.wait(PROGRESS_S):
            return


def _size_of(folder: Path, pattern: str = "*") -> int:
    size = 0
    for path in folder.glob(pattern):
        try:
            size += path.stat().st_size
        except OSError:
            # Renamed since: the next look finds it under its own name.
            pass
    return size


def _in_words(error: Exception) -> str:
    first = (str(error).strip().splitlines() or ["no reason given"])[0]
    return f"{type(error).__name__}: {first}"


def _say(fd: int, line: dict[str, Any]) -> None:
    os.write(fd, json.dumps(line).encode() + b"\n")


def _end_with_stdin() -> None:
    while os.read(0, 4096):
        pass
    # A group of its own, as llem starts it; by hand it shares that of a shell.
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
