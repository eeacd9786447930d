"""
Whether an adapter was made for the model. vLLM copies what it is given into the corner of a larger matrix, and computes
with the rest as zeros, without a word.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ...weights_files import Weight
from . import messages

_PART = re.compile(r"^(?:base_model\.model\.)?(.+)\.lora_([AB])(?:\.default)?\.weight$")
Shapes = Mapping[str, Sequence[int]]


def misfit(shapes: Shapes, tensors: Mapping[str, Weight], settings: Mapping[str, Any]) -> str | None:
    """
    What does not fit, for people; None where all does, or where names do not tell. `shapes` are those of the adapter's
    tensors, `tensors` the model's, `settings` its adapter_config.json.
    """
    for module, (down, up) in _pairs(shapes).items():
        if not settings.get("rank_pattern") and down[0] != settings["r"]:
            return messages.adapter_of_other_rank(module, down[0], settings["r"])
        weight = tensors.get(f"{module}.weight")
        if weight is not None and weight.numbers != up[0] * down[1]:
            return messages.adapter_of_other_shape(module, up[0], down[1], weight.numbers)
        first = re.sub(r"\.layers\.\d+\.", ".layers.0.", module)
        if weight is None and f"{first}.weight" in tensors:
            return messages.adapter_of_other_depth(module)
    return None


def _pairs(shapes: Shapes) -> dict[str, tuple[Sequence[int], Sequence[int]]]:
    """By module of the model, the matrices [rank, inputs] and [outputs, rank]; those that come alone are left out."""
    parts: dict[str, dict[str, Sequence[int]]] = {}
    for name, shape in shapes.items():
        found = _PART.match(name)
        if found is not None and len(shape) == 2:
            parts.setdefault(found.group(1), {})[found.group(2)] = shape
    return {module: (pair["A"], pair["B"]) for module, pair in parts.items() if len(pair) == 2}
