"""Variables that vLLM reads when it is imported, and its processes when they start."""

import os
from typing import Any


def set_environment(assignment: dict[str, Any]) -> None:
    """
    Before the import. The engine runs inside the worker where one device is enough: then exceptions arrive whole and
    all requests are queued before the first step. Over several it has processes of its own.
    """
    alone = world_size(assignment["config"]) == 1
    os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0" if alone else "1"
    # A forked child would inherit the pipe that our frames go through.
    os.environ["VLLM_WORKER_MULTIPROC_METHOD"] = "spawn"
    for name, value in (("VLLM_NO_USAGE_STATS", "1"), ("VLLM_LOGGING_LEVEL", "WARNING")):
        os.environ.setdefault(name, value)


def world_size(config: dict[str, Any]) -> int:
    """How many devices share the model."""
    engine = (config.get("vllm") or {}).get("engine") or {}
    return (engine.get("tensor_parallel_size") or 1) * (engine.get("pipeline_parallel_size") or 1)
