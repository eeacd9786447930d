"""A low-rank adapter on top of the model."""

from typing import Any

from ...adapter_source import find_adapter
from ...errors import WorkerError
from ...failures import describe
from .placement import input_device
from . import messages


def add_adapter(model: Any, assignment: dict[str, Any]) -> tuple[Any, dict[str, Any] | None]:
    """The model with its adapter, folded into the weights if asked for, and what to record."""
    lora = assignment["config"].get("lora")
    if lora is None:
        return model, None
    from peft import PeftModel

    source = find_adapter(assignment)
    try:
        # The adapter computes in the precision of the model, not in one of its own.
        # Left to itself the library takes it to a GPU first, also where the model is on the CPU.
        adapted = PeftModel.from_pretrained(
            model, source, autocast_adapter_dtype=False, torch_device=str(input_device(model))
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkerError("adapter_failed", messages.adapter_not_loadable(source, describe(error))) from error
    except RuntimeError as error:
        if "size mismatch" not in str(error):
            raise
        problem = messages.adapter_of_other_model(source, describe(error)[:500])
        raise WorkerError("adapter_failed", problem) from error
    facts = _facts(adapted, lora, source, (assignment.get("inputs") or {}).get("adapter"))
    return (adapted.merge_and_unload() if lora["merge_weights"] else adapted), facts


def _facts(adapted: Any, lora: dict[str, Any], source: str, found: dict[str, Any] | None) -> dict[str, Any]:
    settings = adapted.peft_config[adapted.active_adapter]
    weights = [weight for name, weight in adapted.named_parameters() if "lora_" in name]
    return {
        "name": lora.get("adapter_id") or source,
        "revision": (found or {}).get("revision"),
        "type": str(getattr(settings.peft_type, "value", settings.peft_type)),
        "rank": getattr(settings, "r", None),
        "parameters": sum(weight.numel() for weight in weights),
        "merged": lora["merge_weights"],
    }
