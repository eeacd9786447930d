"""Failures that the worker can name."""


class WorkerError(Exception):
    """
    A failure with a name of ours. `message` says what, where and the remedy in one or two sentences; `traceback` is that
    of another process where it failed there.
    """

    def __init__(
        self, error_type: str, message: str, retryable: bool = False, traceback: str | None = None
    ) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.retryable = retryable
        self.traceback = traceback
