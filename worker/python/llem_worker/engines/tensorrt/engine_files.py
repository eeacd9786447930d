"""Engine files: a folder that trtllm-build has written, with a config.json that says how."""

import json
import os
from dataclasses import dataclass
from typing import Any

from ...errors import WorkerError
from . import messages


@dataclass(frozen=True)
class EngineConfig:
    """What config.json says of an engine; None where it does not."""

    release: str | None
    """Of TensorRT-LLM that built it: engines run with that one alone."""
    dtype: str | None
    quantization: str | None
    """As QuantAlgo names it."""
    tensor_parallel: int
    pipeline_parallel: int
    limits: dict[str, Any]
    """What the engine was built for, by the names of BuildConfig: max_batch_size, max_seq_len and so on."""

    @property
    def world_size(self) -> int:
        return self.tensor_parallel * self.pipeline_parallel


LIMITS = ("max_batch_size", "max_input_len", "max_seq_len", "max_num_tokens", "max_beam_width")


def engine_folder(assignment: dict[str, Any]) -> str | None:
    """Absolute path of the engine files that the study names; None where it names none."""
    path = (assignment["config"].get("tensorrt") or {}).get("engine_path")
    if path is None:
        return None
    return os.path.normpath(os.path.join(assignment["base_dir"], os.path.expanduser(path)))


def read_engine_config(folder: str) -> EngineConfig:
    """Raises WorkerError where the folder holds no engine."""
    try:
        with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
            said = json.load(file)
    except (OSError, ValueError) as error:
        raise WorkerError("engine_not_found", messages.no_engine_at(folder, str(error))) from error
    model = said.get("pretrained_config") if isinstance(said, dict) else None
    built = said.get("build_config") if isinstance(said, dict) else None
    if not isinstance(model, dict) or not isinstance(built, dict):
        raise WorkerError("engine_not_found", messages.not_engine_files(folder))
    mapping = model.get("mapping") or {}
    return EngineConfig(
        release=said.get("version"),
        dtype=model.get("dtype"),
        quantization=(model.get("quantization") or {}).get("quant_algo"),
        tensor_parallel=mapping.get("tp_size") or 1,
        pipeline_parallel=mapping.get("pp_size") or 1,
        limits={name: built[name] for name in LIMITS if name in built},
    )
