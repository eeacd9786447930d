"""
Tells a worker that the engine's process is gone. vLLM's own client notices, and leaves whoever waits for the next step
waiting for ever where the process was killed before it could say a word.
"""

from multiprocessing.connection import wait
from threading import Thread
from typing import Any

_deaths: list[tuple[str, int | None]] = []


def watch_engine(llm: Any) -> None:
    """Once it is loaded. Does nothing for an engine inside this process."""
    client = llm.llm_engine.engine_core
    manager = getattr(getattr(client, "resources", None), "engine_manager", None)
    processes = list(getattr(manager, "processes", None) or [])
    steps = getattr(client, "outputs_queue", None)
    if processes and steps is not None:
        Thread(target=_watch, args=(processes, steps), name="death watch", daemon=True).start()


def first_death() -> tuple[str, int | None] | None:
    """Name and exit code (negative: a signal) of a process of the engine that has ended; None where none has."""
    return _deaths[0] if _deaths else None


def _watch(processes: list[Any], steps: Any) -> None:
    ended = wait([process.sentinel for process in processes])
    _deaths.extend((each.name, each.exitcode) for each in processes if each.sentinel in ended)
    # Raised by the next step, as an error of the engine itself is.
    from vllm.v1.engine.exceptions import EngineDeadError

    steps.put_nowait(EngineDeadError())
