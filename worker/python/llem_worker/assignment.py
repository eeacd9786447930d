"""The one line of JSON that a worker reads from stdin before it begins."""

import json
import os
from typing import Any

from . import messages

PROTOCOL_VERSION = 1
MAX_LINE_BYTES = 64 * 1024 * 1024


class NoAssignment(Exception):
    """Nobody told this worker what to do; the message says why."""


def take_assignment(fd: int = 0) -> dict[str, Any]:
    """Waits for the line and reads it. Raises NoAssignment where it is none of this version."""
    if os.isatty(fd):
        raise NoAssignment(messages.stdin_is_terminal())
    return decode_assignment(_read_line(fd))


def decode_assignment(line: bytes) -> dict[str, Any]:
    """Raises NoAssignment where the line is no assignment of this version."""
    try:
        fields = json.loads(line.decode())
    except ValueError as error:
        raise NoAssignment(messages.line_not_json(str(error))) from error
    version = fields.get("v") if isinstance(fields, dict) else None
    if version != PROTOCOL_VERSION:
        raise NoAssignment(messages.other_protocol_version(version, PROTOCOL_VERSION))
    if not isinstance(fields.get("token"), str) or not isinstance(fields.get("config"), dict):
        raise NoAssignment(messages.token_or_config_missing())
    return fields


def _read_line(fd: int) -> bytes:
    """Bytes up to the first line feed, read without a buffer: what follows belongs to the lifeline."""
    parts: list[bytes] = []
    size = 0
    while size <= MAX_LINE_BYTES:
        try:
            chunk = os.read(fd, 65536)
        except OSError as error:
            raise NoAssignment(messages.stdin_unreadable(str(error))) from error
        if not chunk:
            raise NoAssignment(messages.stdin_ended_early())
        line, feed, _ = chunk.partition(b"\n")
        parts.append(line)
        size += len(line)
        if feed:
            return b"".join(parts)
    raise NoAssignment(messages.line_too_long(MAX_LINE_BYTES))
