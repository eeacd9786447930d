"""The processors that a run on CPUs may use."""

import os
import re
from collections.abc import Iterable, Iterator
from math import ceil


def cpu_threads(cpus: Iterable[int] | None = None, root: str = "") -> int:
    """
    One for each core that this process may run on (`cpus`: by its affinity), as vLLM counts them where it binds threads
    itself, and no more than its control group grants: threads that wait for one another in turns of a scheduler cost an
    order of magnitude. `root` stands before /proc and /sys.
    """
    allowed = os.sched_getaffinity(0) if cpus is None else cpus
    cores = {_core(cpu, root) for cpu in allowed}
    granted = [ceil(limit) for limit in _limits(root)]
    return max(1, min([len(cores), *granted]))


def memory_nodes(root: str = "") -> int:
    """How many memory nodes (NUMA) this process may use; 1 where that is not told. `root` stands before /proc."""
    told = re.search(r"^Mems_allowed_list:\s*([\d,-]+)$", _read(f"{root}/proc/self/status"), re.MULTILINE)
    if told is None:
        return 1
    ranges = (part.split("-") for part in told.group(1).split(","))
    return sum(int(ends[-1]) - int(ends[0]) + 1 for ends in ranges)


def _core(cpu: int, root: str) -> str:
    """A name of the core that a processor belongs to; that of the processor where it is not told."""
    return _read(f"{root}/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list") or str(cpu)


def _limits(root: str) -> Iterator[float]:
    """In processors, of every control group above this process that has a limit; both versions of control groups."""
    groups = f"{root}/sys/fs/cgroup"
    for line in _read(f"{root}/proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers == "":
            for folder in _upwards(groups, path):
                quota, _, period = _read(f"{folder}/cpu.max").partition(" ")
                yield from _ratio(quota, period)
        elif "cpu" in controllers.split(","):
            for folder in _upwards(f"{groups}/{controllers}", path):
                quota, period = (_read(f"{folder}/cpu.cfs_{name}_us") for name in ("quota", "period"))
                yield from _ratio(quota, period)


def _upwards(root: str, path: str) -> Iterator[str]:
    """The folder of a group and those of the groups above it."""
    parts = [part for part in path.split("/") if part not in ("", "..")]
    for count in range(len(parts), -1, -1):
        yield "/".join([root, *parts[:count]])


def _ratio(quota: str, period: str) -> Iterator[float]:
    """Nothing where there is no limit: `max`, or -1."""
    if quota.isdigit() and period.isdigit() and int(quota) > 0 and int(period) > 0:
        yield int(quota) / int(period)


def _read(path: str) -> str:
    """Empty where it cannot be read."""
    try:
        with open(path, encoding="ascii") as file:
            return file.read().strip()
    except (OSError, ValueError):
        return ""
