"""Work at the end of a run that may hang: nobody waits for it longer than a limit."""

from collections.abc import Callable
from threading import Thread


def within(seconds: float, action: Callable[[], None]) -> bool:
    """True where it was done in time. It is not waited for longer, and what it raises is nobody's loss."""
    thread = Thread(target=lambda: quietly(action), name="shutdown", daemon=True)
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()


def quietly(action: Callable[[], None]) -> None:
    """Does it, whatever comes of it."""
    try:
        action()
    except Exception:
        pass
