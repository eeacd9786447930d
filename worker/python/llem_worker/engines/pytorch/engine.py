"""What the worker asks of this engine; see llem_worker/engine.py."""

from typing import Any

from ...caches import keep_in_study
from ...frames import Reporter
from ...quiet import quiet_environment
from .failures import name_torch_failure as name_failure

__all__ = ["name_failure", "prepare", "run"]


def prepare() -> None:
    """Before torch or transformers are imported."""
    quiet_environment()
    # Without it, below the temporary folder, which goes with the run.
    keep_in_study({"TORCHINDUCTOR_CACHE_DIR": "inductor"})


def run(assignment: dict[str, Any], report: Reporter) -> None:
    """Sends every frame of a run but for an error."""
    from .run import run as run_pytorch

    run_pytorch(assignment, report)
