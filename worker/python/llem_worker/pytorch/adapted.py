"""The transformers model inside a model with an adapter."""

from typing import Any


def without_adapter(model: Any) -> Any:
    """The model that peft wrapped; the model itself where nothing was."""
    return (
        model.get_base_model()
        if hasattr(model, "peft_config") and hasattr(model, "get_base_model")
        else model
    )
