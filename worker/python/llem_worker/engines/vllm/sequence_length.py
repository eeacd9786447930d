"""The longest sequence that the engine takes: it decides how long outputs can be, and what the KV cache must hold."""

from typing import Any

from .lengths import longest_sequence

# Arguments of the engine that decide how it reads a model's own length.
_OF_MODEL = (
    "allowed_local_media_path",
    "config_format",
    "disable_sliding_window",
    "dtype",
    "hf_config_path",
    "hf_overrides",
    "model_impl",
    "quantization",
    "quantization_config",
    "revision",
    "tokenizer",
    "tokenizer_mode",
    "trust_remote_code",
)


def with_sequence_length(arguments: dict[str, Any], model: str, config: dict[str, Any]) -> dict[str, Any]:
    """
    The arguments of LLM with max_model_len: that of the study, else what the workload needs, but no more than the
    model was made for. The engine would cut longer requests in silence.
    """
    if arguments.get("max_model_len") is not None:
        return arguments
    speculation = arguments.get("speculative_config") or {}
    needed = longest_sequence(config, speculation.get("num_speculative_tokens") or 0)
    return {**arguments, "max_model_len": min(needed, _most_of_model(arguments, model))}


def _most_of_model(arguments: dict[str, Any], model: str) -> int:
    from vllm.engine.arg_utils import EngineArgs

    own = {name: arguments[name] for name in _OF_MODEL if name in arguments}
    return int(EngineArgs(model=model, **own).create_model_config().max_model_len)
