"""Runs SGLang's load generator in this process and says what the load cost: CPU time and the most memory held.

Usage: peer_client.py MODULE COST_FILE ARGUMENT...
"""

import importlib.util
import json
import resource
import sys


def main(module_path: str, cost_path: str, *arguments: str) -> int:
    # The module alone: its package would want torch.
    spec = importlib.util.spec_from_file_location("_bench", module_path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    status = 0
    before_s = cpu_s()
    try:
        module.run_argv(["sglang-bench", *arguments])
    except SystemExit as end:
        status = int(end.code or 0)
    cost = {"cpu_s": cpu_s() - before_s, "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6}
    with open(cost_path, "w", encoding="utf-8") as file:
        json.dump(cost, file)
    return status


def cpu_s() -> float:
    """Of all threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
