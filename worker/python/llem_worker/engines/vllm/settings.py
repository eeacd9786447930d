"""Which part of vLLM each setting of the configuration goes to."""

from dataclasses import dataclass
from typing import Any

DTYPES = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16"}


@dataclass(frozen=True)
class Settings:
    """The section `vllm` with the fields that all engines share, in vLLM's names."""

    engine: dict[str, Any]
    """Arguments of LLM beside the model."""
    sampling: dict[str, Any]
    """Arguments of SamplingParams but for the numbers of tokens."""
    beams: dict[str, Any] | None
    """Arguments of BeamSearchParams but for the number of tokens; None for sampling."""


def read_settings(config: dict[str, Any]) -> Settings:
    """Raises WorkerError for what the installed release does not know."""
    section = config.get("vllm") or {}
    engine = {key: value for key, value in (section.get("engine") or {}).items() if value is not None}
    return Settings(
        engine={
            "dtype": DTYPES[config["precision"]],
            "seed": config["random_seed"] % 2**31,
            "enable_prefix_caching": False,
            "generation_config": "vllm",
            "disable_log_stats": False,
            **engine,
        },
        sampling={"temperature": 0.0},
        beams=None,
    )
