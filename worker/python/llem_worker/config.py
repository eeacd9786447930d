"""Readings of a run's configuration that all engines share."""

from typing import Any

DTYPES = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16"}
"""By the values of `precision`: the number format as torch and the engines name it."""


def given(section: Any) -> dict[str, Any]:
    """The keys of a section that have a value; null is as good as absent, for the section too."""
    return {key: value for key, value in (section or {}).items() if value is not None}


def is_greedy(decoder: dict[str, Any]) -> bool:
    """True where the likeliest token is always taken."""
    return not decoder["do_sample"] or decoder["temperature"] == 0
