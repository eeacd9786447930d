"""The gate before a measurement: where other runs are made beside this one, the runner says by a file when it is its turn."""

import os
from time import sleep
from typing import Any

from .frames import Reporter

# A look at the file takes some microseconds.
LOOK_S = 0.008


def pass_gate(assignment: dict[str, Any], report: Reporter) -> None:
    """Tells that this run is loaded, and returns when it may be measured; at once where the assignment names no gate."""
    gate = assignment.get("gate")
    if gate is None:
        return
    report.send("ready")
    # The runner makes the file whole, so that it is enough that it is there.
    while not os.path.exists(gate):
        sleep(LOOK_S)
