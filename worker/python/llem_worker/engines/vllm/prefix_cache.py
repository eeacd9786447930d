"""The engine's cache of prompts that it has computed."""

from time import monotonic, sleep
from typing import Any

from ...errors import WorkerError
from . import messages

# Blocks of requests that have just ended are free a step later in some modes.
WAIT_SECONDS = 5.0


class PrefixCache:
    """Emptied before every pass: else the engine would compute the first pass only."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self.enabled = bool(engine.vllm_config.cache_config.enable_prefix_caching)

    def empty(self) -> None:
        """Raises WorkerError where the engine keeps it."""
        if not self.enabled:
            return
        deadline = monotonic() + WAIT_SECONDS
        while not self._engine.reset_prefix_cache():
            if monotonic() > deadline:
                raise WorkerError("prefix_cache_kept", messages.prefix_cache_kept(WAIT_SECONDS))
            sleep(0.01)
