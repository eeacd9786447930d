"""What transformers warned of last."""

import logging
import re
from types import TracebackType


class LastWarning(logging.Handler):
    """Listens while it is entered: some errors of the library only point to a warning before them."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.text = ""
        """In one piece, without colours."""
        self._library = logging.getLogger("transformers")

    def emit(self, record: logging.LogRecord) -> None:
        self.text = re.sub("\x1b\\[[0-9;]*m", "", record.getMessage())

    def __enter__(self) -> "LastWarning":
        self._library.addHandler(self)
        return self

    def __exit__(
        self, type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._library.removeHandler(self)
