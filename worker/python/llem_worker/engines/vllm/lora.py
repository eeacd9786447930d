"""A low-rank adapter that vLLM computes beside the weights."""

import json
import os
from dataclasses import dataclass
from math import prod
from typing import Any

from safetensors import SafetensorError
from vllm import LLM
from vllm.lora.request import LoRARequest

from ...adapter_source import find_adapter
from ...errors import WorkerError
from ...failures import describe
from ...weights import Weights
from .adapter_fit import misfit
from .failures import name_vllm_failure
from . import messages

# Ranks for which every release has kernels; an adapter is computed with the next one.
RANKS = (8, 16, 32, 64, 128, 256, 320, 512)


@dataclass(frozen=True)
class Adapter:
    """The adapter of a run."""

    request: Any
    """A LoRARequest; every request of the run has it."""
    rank: int
    facts: dict[str, Any]
    """For the result, with the names of other engines."""
    shapes: dict[str, list[int]]
    """Of its tensors; empty where they are not in a file whose header tells."""
    settings: dict[str, Any]
    """Its adapter_config.json."""

    def arguments(self) -> dict[str, Any]:
        """Of LLM."""
        rank = next((rank for rank in RANKS if rank >= self.rank), self.rank)
        return {"enable_lora": True, "max_loras": 1, "max_lora_rank": rank}

    def load(self, llm: LLM) -> None:
        """Now, instead of with the first request. Raises WorkerError where it does not fit the model."""
        try:
            llm.llm_engine.add_lora(self.request)
        except (ValueError, RuntimeError, OSError, KeyError, SafetensorError) as error:
            known = name_vllm_failure(error)
            # A damaged file is that of the adapter, not of the model.
            if known is not None and known.error_type != "model_failed":
                raise known from error
            message = messages.adapter_not_loadable(self.request.lora_path, describe(error)[:500])
            raise WorkerError("adapter_failed", message) from error

    def check(self, weights: Weights) -> None:
        """Raises WorkerError where it was made for another model."""
        problem = misfit(self.shapes, weights.tensors, self.settings)
        if problem is not None:
            message = messages.adapter_not_loadable(self.request.lora_path, problem)
            raise WorkerError("adapter_failed", message)


def read_adapter(assignment: dict[str, Any]) -> Adapter | None:
    """None where the run has none. Raises WorkerError where it is not there or is to be merged."""
    lora = assignment["config"].get("lora")
    if lora is None:
        return None
    if lora["merge_weights"]:
        raise WorkerError("unsupported_setting", messages.adapter_not_merged())
    source = find_adapter(assignment)
    folder = source if os.path.isdir(source) else _fetched(source)
    try:
        with open(os.path.join(folder, "adapter_config.json"), encoding="utf-8") as file:
            settings = json.load(file)
        rank = int(settings["r"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkerError("adapter_failed", messages.adapter_not_loadable(source, describe(error))) from error
    shapes = _shapes(folder)
    found = (assignment.get("inputs") or {}).get("adapter") or {}
    facts = {
        "name": lora.get("adapter_id") or source,
        "revision": found.get("revision"),
        "type": settings.get("peft_type"),
        "rank": rank,
        "parameters": sum(map(prod, shapes.values())) if shapes else None,
        "merged": False,
    }
    return Adapter(LoRARequest("adapter", 1, folder), rank, facts, shapes, settings)


def _fetched(repository: str) -> str:
    from huggingface_hub import snapshot_download

    return snapshot_download(repository)


def _shapes(folder: str) -> dict[str, list[int]]:
    from safetensors import safe_open

    try:
        with safe_open(os.path.join(folder, "adapter_model.safetensors"), "pt") as file:
            return {name: file.get_slice(name).get_shape() for name in file.keys()}
    except Exception:  # adapters come in other files too, which vLLM may know
        return {}
