"""What the worker asks of this engine; see llem_worker/engine.py."""

from typing import Any

from ...frames import Reporter
from ...quiet import quiet_environment
from .failures import name_tensorrt_failure as name_failure

__all__ = ["name_failure", "prepare", "run"]


def prepare() -> None:
    """Before TensorRT-LLM is imported."""
    quiet_environment()


def run(assignment: dict[str, Any], report: Reporter) -> None:
    """Sends every frame of a run but for an error."""
    from .run import run as run_tensorrt

    run_tensorrt(assignment, report)
