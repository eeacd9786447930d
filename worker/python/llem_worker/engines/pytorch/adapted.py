"""What is asked of a model whether it has an adapter or not."""

from typing import Any


def without_adapter(model: Any) -> Any:
    """The model that peft wrapped; the model itself where nothing was."""
    return (
        model.get_base_model()
        if hasattr(model, "peft_config") and hasattr(model, "get_base_model")
        else model
    )


def known_tokens(model: Any) -> int | None:
    """The model knows the token ids below this; None where its embeddings do not tell."""
    return getattr(without_adapter(model).get_input_embeddings(), "num_embeddings", None)
