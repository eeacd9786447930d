"""
Floating-point operations of a run, counted from the model's shapes: two for each weight of a matrix
multiplication and each token that goes through it, and the products of attention. Embeddings are looked up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .clock import per_second
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


@dataclass(frozen=True)
class Decoding:
    """What of the way tokens are chosen has a say in how much is computed."""

    use_cache: bool = True
    beams: int = 1
    shared_prompt: bool = False
    """True where all beams of a request go on from one prompt that was computed once."""
    guesses: bool = False
    """True where tokens are guessed and then checked."""


def count_flops(shapes: Multiplied, work: Mapping[tuple[int, int], int], use_cache: bool, beams: int) -> int:
    """Of so many requests with tokens of a prompt and tokens computed for it; padding is not counted."""
    of = _with_cache if use_cache else _without_cache
    return beams * sum(times * of(shapes, *lengths) for lengths, times in work.items())


def flops_facts(
    shapes: Multiplied,
    work: Mapping[tuple[int, int], int],
    tokens: tuple[int, int],
    time_ns: int | None,
    decoding: Decoding,
) -> dict[str, Any]:
    """For the result; `tokens` are those of input and output, `time_ns` the time spent on them or None."""
    total = count_flops(shapes, work, decoding.use_cache, decoding.beams)
    if decoding.shared_prompt:
        total -= (decoding.beams - 1) * _of_prompts(shapes, work)
    inputs, outputs = tokens
    return {
        "total": total,
        "per_output_token": total / outputs if outputs else None,
        "per_input_token": total / inputs if inputs else None,
        "per_s": per_second(total, time_ns),
        "method": messages.flops_method(
            decoding.use_cache,
            decoding.beams,
            decoding.shared_prompt,
            decoding.guesses,
            shapes.attention_width != 0,
            shapes.all_experts,
        ),
        "parameters_counted": shapes.body + shapes.head,
    }


def expert_share(config: Any) -> float | None:
    """The part of the experts that a token takes; None where the configuration of a text model does not tell."""
    experts = next((value for name in EXPERTS if (value := getattr(config, name, None))), None)
    taken = next((value for name in EXPERTS_PER_TOKEN if (value := getattr(config, name, None))), None)
    return taken / experts if isinstance(experts, int) and isinstance(taken, int) else None


def attention_width(config: Any) -> int:
    """See Multiplied; of the configuration of a text model."""
    heads = getattr(config, "num_attention_heads", None)
    if not isinstance(heads, int):
        return 0  # a state-space model, or one whose layers differ
    width = getattr(config, "head_dim", None) or config.hidden_size // heads
    kinds = getattr(config, "layer_types", None)
    layers = config.num_hidden_layers
    if kinds:
        layers = sum("attention" in kind and "linear" not in kind for kind in kinds)
    return int(layers * heads * width)


def _of_prompts(shapes: Multiplied, work: Mapping[tuple[int, int], int]) -> int:
    """Of all prompts and their first tokens."""
    return sum(times * _with_cache(shapes, prompt, 1) for (prompt, _), times in work.items())


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
