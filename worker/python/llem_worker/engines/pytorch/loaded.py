"""A model that is ready to generate."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Loaded:
    """What loading gives to everything after it."""

    model: Any
    """A transformers model in evaluation mode, with its adapter, quantised and compiled as the configuration says."""
    tokenizer: Any
    """Pads on the left; has a padding token."""
    device: Any
    """torch.device on which inputs are placed."""
    generation: Any
    """transformers.GenerationConfig with every setting but the lengths, which each batch sets on a copy."""
    facts: dict[str, Any]
    """About the model, for the result: name, revision, architecture, parameters, dtype, quantisation ..."""
    settings: dict[str, Any]
    """What the engine made of the configuration, for the result's settings: attention, cache, device map, compilation ..."""
