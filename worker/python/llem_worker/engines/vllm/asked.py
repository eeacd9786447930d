"""What a study asks of the engine, for a comparison with the engine that runs."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Asked:
    """A setting of the study that reaches the engine."""

    path: str
    """As the study file has it."""
    place: str | None
    """The section of the engine's settings that it stands in; None: to be looked for."""
    name: str
    value: Any
