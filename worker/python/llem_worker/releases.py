"""Releases of packages that are installed, without importing them."""

import re
import sys
from importlib import metadata

from .errors import WorkerError
from . import messages


def release_of(package: str) -> str | None:
    """None where there is no metadata."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def numbers(release: str, count: int = 2) -> list[int]:
    """Major and minor, or so many of its numbers: 4.56.0.dev0 is no older than 4.56."""
    return [int(number) for number in re.findall(r"\d+", release)[:count]]


def check_oldest(oldest: dict[str, str]) -> dict[str, str | None]:
    """
    What is installed of these packages. Raises WorkerError where one is older than that. Passes one that is absent:
    importing it says so.
    """
    found = {package: release_of(package) for package in oldest}
    for package, release in found.items():
        least = oldest[package]
        if release is not None and numbers(release) < numbers(least):
            raise too_old(messages.older_than(package, release, least), f"'{package}>={least}'")
    return found


def too_old(finding: str, wanted: str) -> WorkerError:
    """`wanted` is what pip is to install."""
    return WorkerError("old_package", messages.package_too_old(finding, wanted, sys.executable))
