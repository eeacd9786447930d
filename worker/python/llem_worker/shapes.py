"""What a token is multiplied with, by the model's files: modules of engines keep packed copies of some."""

import re
from collections.abc import Mapping
from typing import Any

from .flops import Multiplied, attention_width, expert_share
from .weights_files import Weight, is_embedding, is_head
from . import messages

# Tables by the place of a token.
_POSITIONS = re.compile(r"position|wpe\.|token_type")


def multiplied(weights: Mapping[str, Weight], config: Any) -> Multiplied:
    """Of a model with this transformers configuration. Raises ValueError where it sees or hears too."""
    text = config.get_text_config(decoder=True)
    if text is not config:
        raise ValueError(messages.shapes_of_text_only())
    share = expert_share(text)
    body = 0.0
    experts = False
    for name, weight in weights.items():
        if is_embedding(name) or is_head(name) or not _is_matrix(name, weight):
            continue
        if "experts" in name.split("."):
            experts = True
            body += weight.numbers * (share or 1)
        else:
            body += weight.numbers
    return Multiplied(
        body=round(body),
        head=_head(weights),
        # Logits are computed where a token is chosen.
        head_for_every_token=False,
        attention_width=attention_width(text),
        all_experts=experts and share is None,
    )


def _is_matrix(name: str, weight: Weight) -> bool:
    """Of three dimensions: experts in one block."""
    return weight.dimensions == 3 or (weight.dimensions == 2 and name.endswith(("weight", "weight_packed")))


def _head(weights: Mapping[str, Weight]) -> int:
    """A model without a head of its own takes the table of its tokens."""
    heads = [weight.numbers for name, weight in weights.items() if is_head(name)]
    tables = [
        weight.numbers
        for name, weight in weights.items()
        if is_embedding(name) and _POSITIONS.search(name) is None
    ]
    return heads[0] if heads else max(tables, default=0)
