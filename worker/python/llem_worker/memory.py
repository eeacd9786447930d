"""The memory of this process and of those that it has started, as the kernel counts it."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
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


def reset_peak_rss(pid: int | None = None) -> bool:
    """The peak of a process, else of this one, counts from now on; False where the kernel does not let us."""
    try:
        Path(f"/proc/{pid or 'self'}/clear_refs").write_text("5")
    except OSError:
        return False
    return True


@dataclass(frozen=True)
class Resident:
    """Of this process and those that it has started: pages that they share count in each."""

    rss_bytes: int | None
    peak_rss_bytes: int | None
    """The sum of their peaks, which need not have been at one time."""
    processes: int


def resident_of_tree() -> Resident:
    """What this process and its descendants hold; None where /proc does not say."""
    pids = [os.getpid(), *_descendants(os.getpid())]
    return Resident(
        _sum(_status("VmRSS", pid) for pid in pids), _sum(_status("VmHWM", pid) for pid in pids), len(pids)
    )


def reset_peak_rss_of_tree() -> bool:
    """The peaks of all of them count from now on; False where the kernel does not let us."""
    return all([reset_peak_rss(pid) for pid in [os.getpid(), *_descendants(os.getpid())]])


def _descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else []:
        if not entry.isdigit():
            continue
        try:
            parent = int(Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue  # it has ended
        children.setdefault(parent, []).append(int(entry))
    found = list(children.get(pid, []))
    for child in found:
        found.extend(children.get(child, []))
    return found


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def memory_levels(model: int | None, peak: int | None) -> dict[str, int | None]:
    """For the result, in bytes: what the model holds, the most that was held, and what inference took of that."""
    inference = None if model is None or peak is None else max(0, peak - model)
    return {"model_bytes": model, "peak_bytes": peak, "inference_bytes": inference}


def _status(field: str, pid: int | None = None) -> int | None:
    try:
        lines = Path(f"/proc/{pid or 'self'}/status").read_text().splitlines()
    except OSError:
        return None
    value = next((line.split()[1] for line in lines if line.startswith(f"{field}:")), None)
    return None if value is None else int(value) * 1024
