"""Which releases of torch and transformers this worker runs with: the place that knows."""

import re
import sys
from importlib import metadata

from ...errors import WorkerError

# lib/python/requirements.ts has the same, for before a study. transformers 4.56 brought the argument `dtype`,
# and does as if an older torch than this were not there.
OLDEST = {"torch": "2.1", "transformers": "4.56"}


def check_releases() -> None:
    """Raises WorkerError where one is too old. Passes one that is absent: importing it says so."""
    found = {package: _release(package) for package in OLDEST}
    for package, release in found.items():
        oldest = OLDEST[package]
        if release is not None and _numbers(release) < _numbers(oldest):
            raise _too_old(f"{package} {release} is older than {oldest}", f"'{package}>={oldest}'")
    if None not in found.values() and not _takes_torch():
        pair = f"torch {found['torch']} is too old for transformers {found['transformers']}"
        raise _too_old(pair, "--upgrade torch")


def begins_gguf_texts() -> bool:
    """True where the beginning token is put before every text, whatever a GGUF file says of that."""
    return _numbers(_release("transformers") or "5") < [5]


def _takes_torch() -> bool:
    """False where transformers does as if there were no torch: newer ones ask for more of it."""
    from transformers.utils import is_torch_available

    return bool(is_torch_available())


def _too_old(finding: str, wanted: str) -> WorkerError:
    return WorkerError("old_package", f"{finding}. Upgrade it: {sys.executable} -m pip install {wanted}")


def _release(package: str) -> str | None:
    """None where there is no metadata."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _numbers(release: str) -> list[int]:
    """Major and minor: 4.56.0.dev0 is no older than 4.56."""
    return [int(number) for number in re.findall(r"\d+", release)[:2]]
