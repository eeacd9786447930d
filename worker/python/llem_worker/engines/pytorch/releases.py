"""Which releases of torch and transformers this worker runs with: the place that knows."""

from ...releases import check_oldest, numbers, release_of, too_old
from . import messages

# lib/engines/pytorch/needs.ts has the same, for before a study. transformers 4.56 brought the argument `dtype`,
# and does as if an older torch than this were not there.
OLDEST = {"torch": "2.1", "transformers": "4.56"}


def check_releases() -> None:
    """Raises WorkerError where one is too old. Passes one that is absent: importing it says so."""
    found = check_oldest(OLDEST)
    if None not in found.values() and not _takes_torch():
        finding = messages.torch_too_old_for(str(found["torch"]), str(found["transformers"]))
        raise too_old(finding, "--upgrade torch")


def begins_gguf_texts() -> bool:
    """True where the beginning token is put before every text, whatever a GGUF file says of that."""
    return numbers(release_of("transformers") or "5") < [5]


def _takes_torch() -> bool:
    """False where transformers does as if there were no torch: newer ones ask for more of it."""
    from transformers.utils import is_torch_available

    return bool(is_torch_available())
