"""What vLLM raises, under names of ours."""

from ...errors import WorkerError


def name_vllm_failure(error: BaseException) -> WorkerError | None:
    """None where it is not known."""
    return None
