"""
Floating-point operations of a run, counted from the model's shapes: two for each weight of a matrix
multiplication and each token that goes through it, and the products of attention. Embeddings are looked up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...clock import per_second
from . import messages

EXPERTS = ("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts")
EXPERTS_PER_TOKEN = ("num_experts_per_tok", "moe_top_k", "top_k_experts")


@dataclass(frozen=True)
class Multiplied:
    """What one token is multiplied with."""

    body: int
    """Weights that every token goes through."""
    head: int
    """Weights of the output head."""
    head_for_every_token: bool
    """False where a prompt goes through the head with its last token alone."""
    attention_width: int
    """Heads x head width, summed over the layers with attention; 0 where the configuration does not tell."""
    all_experts: bool
    """True where the configuration does not tell how many experts a token takes: all are counted."""


def multiplied(model: Any) -> Multiplied:
    """
    Looks through the modules of a transformers model, quantised or adapted ones too; of one that also sees or
    hears through those of its language model.
    """
    config = model.config.get_text_config(decoder=True)
    language = model if config is model.config else model.get_decoder()
    share = _expert_share(config)
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
    return Multiplied(round(body), head, not keeps_last, _attention_width(config), all_experts)


def count_flops(shapes: Multiplied, work: Mapping[tuple[int, int], int], use_cache: bool, beams: int) -> int:
    """Of so many requests with tokens of a prompt and tokens computed for it; padding is not counted."""
    of = _with_cache if use_cache else _without_cache
    return beams * sum(times * of(shapes, *lengths) for lengths, times in work.items())


def flops_facts(
    shapes: Multiplied,
    work: Mapping[tuple[int, int], int],
    tokens: tuple[int, int],
    time_ns: int,
    generation: Any,
) -> dict[str, Any]:
    """For the result; `tokens` are those of input and output, `time_ns` the time spent on them."""
    beams = generation.num_beams or 1
    use_cache = generation.use_cache is not False
    total = count_flops(shapes, work, use_cache, beams)
    inputs, outputs = tokens
    return {
        "total": total,
        "per_output_token": total / outputs if outputs else None,
        "per_input_token": total / inputs if inputs else None,
        "per_s": per_second(total, time_ns),
        "method": messages.flops_method(
            use_cache,
            beams,
            bool(generation.prompt_lookup_num_tokens),
            shapes.attention_width != 0,
            shapes.all_experts,
        ),
        "parameters_counted": shapes.body + shapes.head,
    }


def _with_cache(shapes: Multiplied, prompt: int, computed: int) -> int:
    """The prompt at once, each of its tokens against all of it; then one token after the other."""
    fed = computed - 1
    context = prompt * prompt + fed * prompt + fed * (fed + 1) // 2
    headed = prompt + fed if shapes.head_for_every_token else computed
    return _operations(shapes, prompt + fed, headed, context)


def _without_cache(shapes: Multiplied, prompt: int, computed: int) -> int:
    """Everything again for each token."""
    lengths = range(prompt, prompt + computed)
    tokens = sum(lengths)
    headed = tokens if shapes.head_for_every_token else computed
    return _operations(shapes, tokens, headed, sum(length * length for length in lengths))


def _operations(shapes: Multiplied, tokens: int, headed: int, context: int) -> int:
    return 2 * (shapes.body * tokens + shapes.head * headed) + 4 * shapes.attention_width * context


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


def _expert_share(config: Any) -> float | None:
    """The part of the experts that a token takes; None where the configuration does not tell."""
    experts = next((value for name in EXPERTS if (value := getattr(config, name, None))), None)
    taken = next((value for name in EXPERTS_PER_TOKEN if (value := getattr(config, name, None))), None)
    return taken / experts if isinstance(experts, int) and isinstance(taken, int) else None


def _attention_width(config: Any) -> int:
    heads = getattr(config, "num_attention_heads", None)
    if not isinstance(heads, int):
        return 0  # a state-space model, or one whose layers differ
    width = getattr(config, "head_dim", None) or config.hidden_size // heads
    kinds = getattr(config, "layer_types", None)
    layers = config.num_hidden_layers
    if kinds:
        layers = sum("attention" in kind and "linear" not in kind for kind in kinds)
    return layers * heads * width
