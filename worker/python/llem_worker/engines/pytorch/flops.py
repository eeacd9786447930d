"""What a token is multiplied with in a transformers model."""

from typing import Any

from ...flops import Multiplied, attention_width, expert_share


def multiplied(model: Any) -> Multiplied:
    """
    Looks through the modules of a transformers model, quantised or adapted ones too; of one that also sees or
    hears through those of its language model.
    """
    config = model.config.get_text_config(decoder=True)
    language = model if config is model.config else model.get_decoder()
    share = expert_share(config)
    head_module = model.get_output_embeddings()
    head = 0 if head_module is None else _weights(head_module)
    body = 0.0
    experts = False
    for name, module in language.named_modules():
        weights = 0 if module is head_module else _weights(module)
        if "experts" in name.split("."):
            experts = experts or weights > 0
            body += weights * (share or 1)
        else:
            body += weights
    keeps_last = getattr(model, "_supports_logits_to_keep", bool)()
    all_experts = experts and share is None
    return Multiplied(round(body), head, not keeps_last, attention_width(config), all_experts)


def _weights(module: Any) -> int:
    """Weights of a module's own matrix multiplication, packed ones as what they stand for; 0 without one."""
    kind = type(module).__name__
    if hasattr(module, "base_layer"):
        return 0  # an adapter around a layer: its parts are modules of their own
    for inputs, outputs in (("in_features", "out_features"), ("infeatures", "outfeatures")):
        shape = (getattr(module, inputs, None), getattr(module, outputs, None))
        if isinstance(shape[0], int) and isinstance(shape[1], int):
            return shape[0] * shape[1]
    own = list(module.parameters(recurse=False))
    if kind == "Conv1D" or "Router" in kind:
        return sum(parameter.numel() for parameter in own if parameter.dim() == 2)
    return sum(parameter.numel() for parameter in own if parameter.dim() == 3)  # experts in one block
