"""The end of vLLM's own processes: they outlive a worker that leaves without a word (vllm-project/vllm#34643)."""

import os
import signal
from collections.abc import Callable
from inspect import signature
from multiprocessing import active_children
from threading import Thread
from typing import Any

from vllm import LLM

# The engine's processes get so long for their own end; by itself vLLM waits for five seconds.
GRACE_SECONDS = 1
# The whole shutdown gets so long: a thread of it, or a driver, may hang.
LIMIT_SECONDS = 5.0


def shut_down(llm: LLM) -> None:
    """Ends the engine with its processes, within a few seconds whatever it does."""
    within(LIMIT_SECONDS, lambda: _ask(llm.llm_engine.engine_core))
    kill_children()


def within(seconds: float, action: Callable[[], None]) -> bool:
    """True where it was done in time. It is not waited for longer, and what it raises is nobody's loss."""
    thread = Thread(target=lambda: _quietly(action), name="shutdown", daemon=True)
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()


def kill_children() -> None:
    """What multiprocessing has started and still lives. Its tracker of resources stays, and removes what these have left."""
    for child in active_children():
        if child.pid is not None:
            _quietly(lambda pid=child.pid: os.kill(pid, signal.SIGKILL))


def _ask(engine_core: Any) -> None:
    takes_limit = "timeout" in signature(engine_core.shutdown).parameters
    engine_core.shutdown(**{"timeout": GRACE_SECONDS} if takes_limit else {})


def _quietly(action: Callable[[], None]) -> None:
    try:
        action()
    except Exception:
        pass
