"""The memory of this process, as the kernel counts it."""

from pathlib import Path


def process_memory() -> dict[str, int | None]:
    """Of this process; None where /proc does not say."""
    return {"rss_bytes": rss_bytes(), "peak_rss_bytes": peak_rss_bytes()}


def rss_bytes() -> int | None:
    """What is resident now."""
    return _status("VmRSS")


def peak_rss_bytes() -> int | None:
    """The most that was resident since the process began, or since the last reset."""
    return _status("VmHWM")


def reset_peak_rss() -> bool:
    """The peak counts from now on; False where the kernel does not let us."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    return True


def memory_levels(model: int | None, peak: int | None) -> dict[str, int | None]:
    """For the result, in bytes: what the model holds, the most that was held, and what inference took of that."""
    inference = None if model is None or peak is None else max(0, peak - model)
    return {"model_bytes": model, "peak_bytes": peak, "inference_bytes": inference}


def _status(field: str) -> int | None:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    value = next((line.split()[1] for line in lines if line.startswith(f"{field}:")), None)
    return None if value is None else int(value) * 1024
