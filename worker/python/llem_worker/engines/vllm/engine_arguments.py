"""Arguments of vLLM's engine, for the release that is installed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ...config import DTYPES
from ...errors import WorkerError
from .asked import Asked
from .attention import FORMS as ATTENTION
from .attention import attention_asked
from .history import INERT, SETTINGS
from .living import check_nested, check_word, living
from .names import Names
from .speculation import FORMS as SPECULATION
from .speculation import speculation_asked
from . import messages

# Names of vLLM for what has a field of its own elsewhere in the study file.
_OTHER_FIELDS = {
    "model": "model",
    "dtype": "precision",
    "seed": "random_seed",
    "enable_lora": "lora",
    "override_generation_config": "decoder",
}
# What the measurement depends on: counts, times, the processes of a run and where they write.
_OF_THE_WORKER = frozenset(
    {
        "aggregate_engine_logging",
        "collect_detailed_traces",
        "convert",
        "disable_log_stats",
        "enable_log_requests",
        "generation_config",
        "hf_token",
        "log_config_file",
        "log_level",
        "logging_config",
        "pooler_config",
        "runner",
        "scheduler_cls",
        "served_model_name",
        "shutdown_timeout",
        "skip_tokenizer_init",
        "task",
        "tokens_only",
        "worker_cls",
        "worker_extension_cls",
    }
)
# One engine of one machine is what a run measures.
_SEVERAL_ENGINES = frozenset(
    {"data_parallel_size", "enable_elastic_ep", "master_addr", "master_port", "nnodes", "node_rank"}
)
# llem gives a run its GPUs by these.
_COUNTED = frozenset({"pipeline_parallel_size", "tensor_parallel_size"})
_LORA = frozenset({"fully_sharded_loras", "lora_dtype", "max_cpu_loras", "max_lora_rank", "max_loras"})
# On a CPU some of them fail, and some are accepted without effect.
_OFF_THE_GPU = frozenset(
    {
        "cpu_offload_gb",
        "cpu_offload_params",
        "kv_offloading_size",
        "offload_group_size",
        "offload_params",
    }
)
_SETS = frozenset({"cpu_offload_params", "offload_params"})
_MAPPINGS = frozenset({*ATTENTION, *SPECULATION, "compilation_config"})


@dataclass(frozen=True)
class EngineArguments:
    arguments: dict[str, Any]
    """Of LLM beside the model."""
    variables: dict[str, str]
    """Of the environment, for older releases."""
    asked: tuple[Asked, ...]
    notes: tuple[tuple[str, str], ...]
    """For people: a text and its code."""


def engine_arguments(
    config: dict[str, Any], section: dict[str, Any], passed: dict[str, Any], names: Names, base_dir: str
) -> EngineArguments:
    """
    `section` is vllm.engine, `passed` what else was handed on; both without nulls. Raises WorkerError for what the
    release does not have, what the worker sets itself, and what is set twice.
    """
    for key in passed:
        if key in section:
            raise _bad(messages.set_twice(key))
        if key in _COUNTED:
            raise _bad(messages.has_own_field(f"passthrough_kwargs.{key}", f"vllm.engine.{key}"))
    settings = {**section, **passed}
    paths = {key: f"{'vllm.engine' if key in section else 'passthrough_kwargs'}.{key}" for key in settings}
    for key, value in settings.items():
        _refuse_foreign(key, value, paths[key], config)
    plain = {key: value for key, value in settings.items() if key not in _MAPPINGS and key not in INERT}
    kept, notes = living(plain, paths, SETTINGS, names.engine, names.release)
    notes += [
        (messages.left_out(paths[key], settings[key], names.release), "setting_left_out")
        for key in INERT
        if key in settings
    ]
    for key in ("quantization", "kv_cache_dtype"):
        if key in kept:
            check_word(paths[key], key, kept[key], names)
    mappings, asked = _mappings(settings, paths, names, base_dir)
    attention = attention_asked(settings, paths, names)
    return EngineArguments(
        arguments={
            "dtype": DTYPES[config["precision"]],
            "seed": config["random_seed"] % 2**31,
            "enable_prefix_caching": False,
            "generation_config": "vllm",
            "disable_log_stats": False,
            **{key: set(value) if key in _SETS else value for key, value in kept.items()},
            **mappings,
            **attention.arguments,
        },
        variables=attention.variables,
        asked=(
            Asked("precision", "model_config", "dtype", DTYPES[config["precision"]]),
            *(Asked(paths[key], None, key, value) for key, value in kept.items()),
            *asked,
            *attention.asked,
        ),
        notes=(*notes, *attention.notes),
    )


def refuse_on_cpu(asked: Iterable[Asked]) -> None:
    """Raises WorkerError for what only a GPU has."""
    for one in asked:
        if one.name in _OFF_THE_GPU and one.value:
            raise WorkerError("unsupported_setting", messages.needs_gpu(one.path))
        # It loads, and fails at the first request (0.32).
        if one.name == "pipeline_parallel_size" and one.value > 1:
            raise WorkerError("unsupported_setting", messages.no_stages_on_cpu(one.path))


def _refuse_foreign(key: str, value: Any, path: str, config: dict[str, Any]) -> None:
    if key in _OTHER_FIELDS:
        raise _bad(messages.has_own_field(path, _OTHER_FIELDS[key]))
    if key in _OF_THE_WORKER:
        raise _bad(messages.set_by_worker(path))
    if key in _SEVERAL_ENGINES and value not in (0, 1, False):
        raise WorkerError("unsupported_setting", messages.one_engine_only(path))
    if key in INERT and value != INERT[key]:
        raise WorkerError("unsupported_setting", messages.without_swap_space(path))
    if key in _LORA and config.get("lora") is None:
        raise _bad(messages.needs_lora(path))


def _mappings(
    settings: dict[str, Any], paths: dict[str, str], names: Names, base_dir: str
) -> tuple[dict[str, Any], list[Asked]]:
    """Speculation and compilation: mappings with keys of their own."""
    speculation, said = speculation_asked(settings, paths, base_dir)
    compilation = settings.get("compilation_config", {})
    if not isinstance(compilation, dict):
        raise _bad(messages.must_be_mapping(paths["compilation_config"]))
    said |= {key: f"{paths['compilation_config']}.{key}" for key in compilation}
    arguments: dict[str, Any] = {}
    asked: list[Asked] = []
    for place, values in (("speculative_config", speculation), ("compilation_config", compilation)):
        for key, value in values.items():
            check_nested(place, said[key], key, names)
            asked.append(Asked(said[key], place, key, value))
        if values:
            arguments[place] = values
    return arguments, asked


def _bad(message: str) -> WorkerError:
    return WorkerError("bad_setting", message)
