"""Variables that vLLM reads when it is imported, and its processes when they start."""

import os
import tempfile
from typing import Any

from ...caches import keep_in_study
from ...shared_memory import name_shared_memory

# Of all that vLLM compiles and looks up once.
CACHE = "VLLM_CACHE_ROOT"


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
    # Its sockets go with the run's temporary folder.
    os.environ["VLLM_RPC_BASE_PATH"] = tempfile.gettempdir()
    keep_in_study({CACHE: "vllm", "TORCHINDUCTOR_CACHE_DIR": "inductor", "TRITON_CACHE_DIR": "triton"})
    name_shared_memory()


def world_size(config: dict[str, Any]) -> int:
    """How many devices share the model."""
    engine = (config.get("vllm") or {}).get("engine") or {}
    return (engine.get("tensor_parallel_size") or 1) * (engine.get("pipeline_parallel_size") or 1)
