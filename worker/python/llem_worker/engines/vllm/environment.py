"""Variables that vLLM reads when it is imported, and its processes when they start."""

import os
import tempfile
from typing import Any

from ...caches import keep_in_study
from ...shared_memory import name_shared_memory
from .processors import cpu_threads, memory_nodes
from .releases import is_cpu_build

# Of all that vLLM compiles and looks up once.
CACHE = "VLLM_CACHE_ROOT"
# By which users tell OpenMP how long a thread spins before it sleeps.
WAITING = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")
_BINDING = "VLLM_CPU_OMP_THREADS_BIND"
# By which vLLM splits one node into several.
_SIMULATED_NODES = "VLLM_CPU_SIM_MULTI_NUMA"


def set_environment(assignment: dict[str, Any]) -> None:
    """
    Before the import. The engine runs inside the worker where one device is enough: then exceptions arrive whole and
    all requests are queued before the first step. Over several it has processes of its own.
    """
    parts = world_size(assignment["config"])
    os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0" if parts == 1 else "1"
    # A forked child would inherit the pipe that our frames go through.
    os.environ["VLLM_WORKER_MULTIPROC_METHOD"] = "spawn"
    for name, value in (("VLLM_NO_USAGE_STATS", "1"), ("VLLM_LOGGING_LEVEL", "WARNING")):
        os.environ.setdefault(name, value)
    # Its sockets go with the run's temporary folder.
    os.environ["VLLM_RPC_BASE_PATH"] = tempfile.gettempdir()
    keep_in_study({CACHE: "vllm", "TORCHINDUCTOR_CACHE_DIR": "inductor", "TRITON_CACHE_DIR": "triton"})
    name_shared_memory()
    if is_cpu_build():
        set_threads(parts, memory_nodes())


def set_threads(parts: int, nodes: int) -> None:
    """
    For a run on CPUs whose threads vLLM leaves to OpenMP: as many as there are cores for each of these parts of the
    model, and none that spins while it waits for the others. On a machine that others use too, a spinning thread uses up
    the time that the one it waits for needs. Whoever sets one of these variables is not overruled.

    vLLM binds the threads of several parts itself, each to a memory node (NUMA), and fails where there are too few
    `nodes`: there nothing is bound.
    """
    if parts > 1:
        if nodes < parts and _SIMULATED_NODES not in os.environ:
            os.environ.setdefault(_BINDING, "nobind")
        if os.environ.get(_BINDING) != "nobind":
            return
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, cpu_threads() // parts)))
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
