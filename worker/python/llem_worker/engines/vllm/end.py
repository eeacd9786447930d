"""The end of vLLM's own processes: they outlive a worker that leaves without a word (vllm-project/vllm#34643)."""

import os
import signal
from inspect import signature
from typing import Any

from ...limited import quietly, within

# The engine's processes get so long for their own end; by itself vLLM waits for five seconds.
GRACE_SECONDS = 1
# The whole shutdown gets so long: a thread of it, or a driver, may hang.
LIMIT_SECONDS = 5.0


def shut_down(llm: Any) -> None:
    """Ends the engine with its processes, within a few seconds whatever it does."""
    within(LIMIT_SECONDS, lambda: _ask(llm.llm_engine.engine_core))
    kill_children()


def kill_children() -> None:
    """What the engine has started and still lives. Python's tracker of resources stays: it removes what these have left."""
    leader = os.getpid()
    if os.getpgrp() != leader:
        return  # the group is not the worker's own
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        if pid != leader and _group_of(pid) == leader and not _is_tracker(pid):
            quietly(lambda pid=pid: os.kill(pid, signal.SIGKILL))


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except OSError:
        return None


def _is_tracker(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return b"resource_tracker" in file.read()
    except OSError:
        return False


def _ask(engine_core: Any) -> None:
    takes_limit = "timeout" in signature(engine_core.shutdown).parameters
    engine_core.shutdown(**{"timeout": GRACE_SECONDS} if takes_limit else {})
