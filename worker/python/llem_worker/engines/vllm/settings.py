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
    n: int
    """Texts for each prompt."""
    ignore_eos: bool
    """Texts go on after their end token, also those of prompts that are not made to a length."""


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
        sampling={"temperature": config["decoder"]["temperature"] if config["decoder"]["do_sample"] else 0.0},
        beams=_beams(section.get("beam_search")),
        n=(section.get("sampling") or {}).get("n") or 1,
        ignore_eos=bool((section.get("sampling") or {}).get("ignore_eos")),
    )


def _beams(asked: dict[str, Any] | None) -> dict[str, Any] | None:
    if asked is None:
        return None
    return {key: value for key, value in asked.items() if value is not None and key != "max_tokens"}
