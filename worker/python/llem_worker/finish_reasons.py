"""Why the texts of a run ended."""

from collections import Counter
from collections.abc import Iterable


def finish_reasons(batches: Iterable[Counter[str]]) -> dict[str, int]:
    """How many texts ended for which reason over all batches, in the engine's words."""
    return dict(sum(batches, Counter[str]()))
