"""Names of what Python keeps in /dev/shm, by which whoever cleans up after a killed run knows what is that run's."""

import os
import secrets
from multiprocessing import process, shared_memory

# Stands in the environment of the worker and of what it starts; the value is the attempt's alone.
TAG = "LLEM_ATTEMPT_ID"


def name_shared_memory() -> None:
    """Has shared memory and semaphores that this process makes from now on carry the attempt's tag in their names.

    Python's own names are random. A process that is killed with all others leaves them behind, and nothing tells then
    whose they were. Both places are Python's own, the same in 3.10 to 3.14; where a later one is without, names stay random.
    """
    tag = os.environ.get(TAG, "")
    if tag == "":
        return
    if hasattr(shared_memory, "_make_filename"):
        shared_memory._make_filename = lambda: f"/psm_{tag}_{secrets.token_hex(4)}"
    # Processes that are started from here get it from this one.
    process.current_process()._config["semprefix"] = f"/mp-{tag}"  # type: ignore[attr-defined]
