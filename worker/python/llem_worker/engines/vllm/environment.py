"""Variables that vLLM reads when it is imported, and its processes when they start."""

import os
import tempfile
from typing import Any

from ...caches import keep_in_study
from ...shared_memory import name_shared_memory
from .processors import cpu_threads
from .releases import is_cpu_build

# Of all that vLLM compiles and looks up once.
CACHE = "VLLM_CACHE_ROOT"
# By which users tell OpenMP how long a thread spins before it sleeps.
WAITING = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")


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
    if alone and is_cpu_build():
        _set_threads()


def _set_threads() -> None:
    """
    For a run on CPUs inside this process, where vLLM leaves threads to OpenMP: as many as there are cores, and none that
    spins while it waits for the others. On a machine that others use too, a spinning thread uses up the time that the one
    it waits for needs. Whoever sets one of these variables is not overruled.
    """
    os.environ.setdefault("OMP_NUM_THREADS", str(cpu_threads()))
    if not any(name in os.environ for name in WAITING):
        os.environ["OMP_WAIT_POLICY"] = "passive"


def thread_facts() -> dict[str, Any]:
    """For the result's settings, once torch is imported: what a run on CPUs computes with; empty for any other."""
    import torch

    if not is_cpu_build():
        return {}
    policy = next((f"{name}={os.environ[name]}" for name in WAITING if name in os.environ), None)
    return {"threads": torch.get_num_threads(), "thread_waiting": policy}


def world_size(config: dict[str, Any]) -> int:
    """How many devices share the model."""
    engine = (config.get("vllm") or {}).get("engine") or {}
    return (engine.get("tensor_parallel_size") or 1) * (engine.get("pipeline_parallel_size") or 1)
