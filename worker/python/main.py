"""The Python worker: runs one experiment in a fresh process. `llem run` starts it; there is nothing to start by hand.

worker/python/ owns what happens inside that process for engines that live in Python. It needs the standard library and
the engine's own packages, never measures energy, and outlives its runner by no more than an instant.

    main.py            takes one assignment from stdin and sends frames on stdout (protocol, version 1)
    main.py --probe    says as one line of JSON which packages this interpreter has; imports none of them
"""

import os

# Before anything else is imported: whatever prints to stdout from here on prints to stderr. Frames have a pipe of their own.
FRAMES_FD = os.dup(1)
os.dup2(2, 1)

import sys  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
if sys.path[:1] != [HERE]:  # PYTHONSAFEPATH leaves it out, and an image may put a folder of its own before it
    sys.path.insert(0, HERE)


def main() -> int:
    if "--probe" in sys.argv[1:]:
        from llem_worker.engines import packages
        from llem_worker.probe import LOOKED_FOR, probe

        LOOKED_FOR.update(packages())
        return probe(FRAMES_FD)
    from llem_worker.worker import run_worker

    return run_worker(FRAMES_FD)


if __name__ == "__mp_main__":
    # A process that an engine has started with multiprocessing, before it does anything of its own.
    from llem_worker.shared_memory import name_shared_memory

    name_shared_memory()

if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # The interpreter's own end would run the destructors of libraries, some of which crash or hang: nothing is left to do.
    os._exit(code)
