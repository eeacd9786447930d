"""
Quantisation of the weights: what the study asks for against what the checkpoint or the engine files say.
"""

import json
import os
from typing import Any

from ...errors import WorkerError
from . import messages

# The study file's names, and those of QuantAlgo.
ALGORITHMS = {"int8_sq": "W8A8_SQ_PER_CHANNEL", "int4_awq": "W4A16_AWQ", "fp8": "FP8"}
# The methods of config.json that are not ModelOpt's, and what QuantAlgo calls them.
_METHODS = {"awq": "W4A16_AWQ", "gptq": "W4A16_GPTQ", "mxfp4": "W4A16_MXFP4"}


def check_checkpoint(asked: str | None, folder: str | None, model: str) -> str | None:
    """
    The algorithm of a checkpoint, None for an unquantised one. The PyTorch backend computes with what the
    checkpoint is, so WorkerError where the study asks for another; a repository without a folder is not
    looked into.
    """
    found = None if folder is None else checkpoint_algorithm(folder)
    if asked is not None and folder is not None and found != ALGORITHMS[asked]:
        message = messages.checkpoint_otherwise(asked, ALGORITHMS[asked], model, found)
        raise WorkerError("unsupported_setting", message)
    return found


def check_engine(asked: str | None, found: str | None, folder: str) -> None:
    """Raises WorkerError where engine files were built with another algorithm than the study asks for."""
    if asked is not None and found != ALGORITHMS[asked]:
        message = messages.engine_otherwise(asked, ALGORITHMS[asked], folder, found)
        raise WorkerError("unsupported_setting", message)


def checkpoint_algorithm(folder: str) -> str | None:
    """
    As QuantAlgo names it: of ModelOpt's hf_quant_config.json, else of the quantization_config of config.json.
    """
    own = _read(folder, "hf_quant_config.json").get("quantization") or {}
    if own.get("quant_algo") is not None:
        return str(own["quant_algo"]).upper()
    config = _read(folder, "config.json").get("quantization_config") or {}
    if config.get("quant_algo") is not None:
        return str(config["quant_algo"]).upper()
    method = str(config.get("quant_method") or "").lower()
    if method == "fp8":
        return "FP8_BLOCK_SCALES" if config.get("weight_block_size") else "FP8"
    return _METHODS.get(method, method.upper() or None)


def _read(folder: str, name: str) -> dict[str, Any]:
    """Empty where there is no such file, or it is none; loading says why then."""
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            said = json.load(file)
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
