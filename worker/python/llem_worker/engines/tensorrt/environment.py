"""Variables that TensorRT-LLM reads when it is imported, and how many devices share the model."""

import os
from typing import Any

from ...caches import keep_in_study
from ...shared_memory import name_shared_memory
from .engine_files import engine_folder, read_engine_config


def set_environment(assignment: dict[str, Any]) -> None:
    """
    Before the import. The engine runs inside the worker where one device is enough: then exceptions arrive
    whole and there is no process beside the worker's. Over several it has processes of its own, which MPI
    starts.
    """
    alone = world_size(assignment) == 1
    os.environ["TLLM_WORKER_USE_SINGLE_PROCESS"] = "1" if alone else "0"
    os.environ.setdefault("TLLM_LOG_LEVEL", "WARNING")
    os.environ.setdefault("TRTLLM_NO_USAGE_STATS", "1")
    keep_in_study({"TORCHINDUCTOR_CACHE_DIR": "inductor", "TRITON_CACHE_DIR": "triton"})
    name_shared_memory()


def world_size(assignment: dict[str, Any]) -> int:
    """How many devices share the model, by the engine files or by what the study says."""
    folder = engine_folder(assignment)
    if folder is not None:
        return read_engine_config(folder).world_size
    section = assignment["config"].get("tensorrt") or {}
    return (section.get("tp_size") or 1) * (section.get("pipeline_parallel_size") or 1)
