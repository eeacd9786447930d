"""The worker outlives its runner by no more than an instant."""

import ctypes
import fcntl
import os
import signal
import threading

PR_SET_PDEATHSIG = 1
# Not in Python's fcntl before 3.13: which signal tells of a file that became ready.
F_SETSIG = 10


def die_with_parent() -> None:
    """Asks the kernel to kill this process when its parent dies."""
    parent = os.getppid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL), 0, 0, 0) != 0:
        return  # the lifeline still holds
    # The parent may have died before the call took effect; then nobody is left to send the signal.
    if os.getppid() != parent:
        end_now()


def watch_lifeline(fd: int = 0) -> None:
    """Ends this process when stdin ends. The runner holds the other end open as long as it lives."""
    threading.Thread(target=_watch, args=(fd,), name="lifeline", daemon=True).start()
    _let_the_kernel_watch(fd)


def end_now() -> None:
    """Ends this process at once, with all that it started: SIGKILL to the group it leads.

    A worker started by hand shares the group of its shell, and ends alone.
    """
    try:
        os.kill(-os.getpid(), signal.SIGKILL)
    except OSError:
        pass  # it leads no group
    os.kill(os.getpid(), signal.SIGKILL)


def _watch(fd: int) -> None:
    try:
        while os.read(fd, 4096):
            pass
    except OSError:
        pass  # an unreadable stdin is a lost one
    end_now()


def _let_the_kernel_watch(fd: int) -> None:
    """Has the kernel send SIGKILL when something happens on stdin: no thread runs while a library holds the interpreter.

    After the assignment nothing more is said, so what happens is its end.
    """
    leads = os.getpgrp() == os.getpid()
    try:
        fcntl.fcntl(fd, fcntl.F_SETOWN, -os.getpid() if leads else os.getpid())
        fcntl.fcntl(fd, F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_ASYNC)
    except (OSError, AttributeError):
        return  # not every kernel and not every kind of file can; the thread still watches
