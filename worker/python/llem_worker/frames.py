"""Frames of the worker protocol, version 1: 0x1E, a JSON object, 0x0A."""

import json
import math
import os
import threading
import time
from typing import Any


class Reporter:
    """Sends frames to the runner, each whole and with the assignment's token. Any thread may send."""

    def __init__(self, fd: int, token: str) -> None:
        self._fd = fd
        self._token = token
        self._lock = threading.Lock()

    def send(self, type: str, **fields: Any) -> None:
        """Writes one frame. Raises OSError where nobody reads."""
        self._write(encode({"type": type, "token": self._token, **fields}))

    def send_all(self, frames: list[dict[str, Any]]) -> None:
        """Writes many frames with as few writes as possible; each holds its own `type`."""
        parts = [encode({"token": self._token, **frame}) for frame in frames]
        if parts:
            self._write(b"".join(parts))

    def phase(self, name: str, edge: str, t_ns: int | None = None) -> None:
        """An edge of a phase, now unless said otherwise (ns on CLOCK_MONOTONIC)."""
        self.send(**phase(name, edge, time.monotonic_ns() if t_ns is None else t_ns))

    def progress(self, done: float, total: float, unit: str, note: str | None = None) -> None:
        self.send("progress", done=done, total=total, unit=unit, **({} if note is None else {"note": note}))

    def note(self, level: str, text: str, code: str) -> None:
        """A remark for the record; `level` is info or warning."""
        self.send("note", level=level, text=text, code=code)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        with self._lock:
            while view:
                view = view[os.write(self._fd, view) :]


def encode(frame: dict[str, Any]) -> bytes:
    """A frame as it is written. What JSON does not know must not cost the rest: NaN is null."""
    try:
        text = json.dumps(frame, allow_nan=False)
    except (TypeError, ValueError):
        text = json.dumps(_known(frame), allow_nan=False)
    return b"\x1e" + text.encode() + b"\n"


def _known(value: Any) -> Any:
    """The same in what JSON knows: NaN and infinity as null, objects as their text."""
    if isinstance(value, dict):
        return {str(key): _known(part) for key, part in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_known(part) for part in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def phase(name: str, edge: str, t_ns: int) -> dict[str, Any]:
    """The frame of an edge, for sending later."""
    return {"type": "phase", "name": name, "edge": edge, "t_ns": exact_integer(t_ns)}


def exact_integer(value: int) -> int | str:
    """As JSON holds it: numbers above 2^53 lose digits in some readers."""
    return value if value < 2**53 else str(value)
