"""
The weights of the model, counted from its files: what engines hold in memory is packed, fused and split.
"""

from dataclasses import dataclass, replace
from typing import Any

from .failures import describe
from .flops import Decoding, flops_facts
from .measure import Totals
from .model_source import ModelSource
from .shapes import multiplied
from .weights_files import Weight, read_weights, stored_dtypes
from . import messages


@dataclass(frozen=True)
class Weights:
    """Of the model of a run; empty, with a reason, where its files do not tell."""

    tensors: dict[str, Weight]
    reason: str | None
    bytes: int | None
    """In the format in which they are computed; None for quantised ones."""
    config: Any
    """As transformers has it."""

    def facts(self) -> dict[str, Any]:
        """For the result."""
        if self.reason is not None:
            return {"parameters": None, "parameters_reason": self.reason, "bytes": None, "file_dtypes": None}
        tensors = self.tensors.values()
        return {
            "parameters": sum(tensor.numbers for tensor in tensors),
            "bytes": self.bytes,
            "file_dtypes": stored_dtypes(tensors),
        }

    def flops(self, totals: Totals, decoding: Decoding, adapter: int = 0) -> dict[str, Any]:
        """
        For the result's metrics, with so many weights of an adapter beside the model's. A model whose shapes
        cannot be read must not cost the measurement.
        """
        try:
            if self.reason is not None:
                return {"total": None, "reason": messages.flops_unknown(self.reason)}
            phases = (totals.prefill_ns, totals.decode_ns)
            time_ns = None if None in phases else sum(part for part in phases if part is not None)
            tokens = (totals.input_tokens, totals.output_tokens)
            shapes = multiplied(self.tensors, self.config)
            shapes = replace(shapes, body=shapes.body + adapter)
            return flops_facts(shapes, totals.work, tokens, time_ns, decoding)
        except Exception as error:
            return {"total": None, "reason": messages.flops_unknown(describe(error))}


def count_weights(source: ModelSource, config: Any, item_bytes: int | None) -> Weights:
    """
    Reads the headers of the model's files; `config` is as transformers has it, `item_bytes` the size of a
    weight as it is computed, None where they are quantised.
    """
    try:
        tensors = read_weights(_folder(source), config)
    except Exception as error:
        return Weights({}, describe(error), None, config)
    numbers = sum(tensor.numbers for tensor in tensors.values())
    return Weights(tensors, None, None if item_bytes is None else numbers * item_bytes, config)


def _folder(source: ModelSource) -> str:
    if source.path is not None:
        return source.path
    # In the cache: the engine has just loaded it from there.
    from huggingface_hub import snapshot_download

    folder = snapshot_download(
        source.name,
        revision=source.revision,
        local_files_only=True,
        allow_patterns=["*.safetensors", "*.safetensors.index.json"],
    )
    return str(folder)
