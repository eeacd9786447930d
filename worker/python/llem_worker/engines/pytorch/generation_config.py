"""How tokens are chosen, as the library takes it."""

from typing import Any

from ...config import is_greedy
from ...errors import WorkerError
from .settings import Settings
from . import messages

# Fields of the section that are the library's under the same name.
_OF_SECTION = (
    "use_cache",
    "cache_implementation",
    "num_beams",
    "early_stopping",
    "length_penalty",
    "no_repeat_ngram_size",
    "prompt_lookup_num_tokens",
)


def generation_fields() -> frozenset[str]:
    """The names of what GenerationConfig takes."""
    from transformers import GenerationConfig

    return frozenset(name for name in vars(GenerationConfig()) if not name.startswith("_"))


def make_generation_config(config: dict[str, Any], settings: Settings, model: Any, tokenizer: Any) -> Any:
    """The GenerationConfig of the run, but for the lengths. Of the model's own it keeps the special tokens.

    Takes what the model brought away from it: `generate` fills gaps with that, so its sampling would leak in.
    """
    from transformers import GenerationConfig

    tokens = _special_tokens(model, tokenizer)
    model.generation_config = GenerationConfig(**tokens)
    chosen = {key: settings.section[key] for key in _OF_SECTION if key in settings.section}
    fields = {**tokens, **_decoding(config["decoder"]), **chosen, **settings.generation}
    try:
        # Compiled is what torch_compile says, and nothing else: a static cache would turn it on.
        return GenerationConfig(**fields, disable_compile=True)
    except (ValueError, TypeError) as error:
        raise WorkerError("bad_setting", messages.generation_refused(str(error))) from error


def in_words(config: dict[str, Any], generation: Any) -> str:
    """How tokens are chosen, for people."""
    decoder = config["decoder"]
    beams = generation.num_beams or 1
    parts = [f"beam search, {beams} beams"] if beams > 1 else []
    if is_greedy(decoder):
        parts += [] if beams > 1 else ["greedy"]
    else:
        names = ("temperature", "top_k", "top_p", "min_p")
        given = [f"{name} {decoder[name]:g}" for name in names if _acts(name, decoder[name])]
        parts.append("sampling: " + ", ".join(given))
    if decoder["repetition_penalty"] != 1:
        parts.append(f"repetition penalty {decoder['repetition_penalty']:g}")
    if generation.prompt_lookup_num_tokens:
        parts.append(messages.prompt_lookup(generation.prompt_lookup_num_tokens))
    return ", ".join(parts)


def _decoding(decoder: dict[str, Any]) -> dict[str, Any]:
    penalty = {"repetition_penalty": decoder["repetition_penalty"]}
    if is_greedy(decoder):
        return {"do_sample": False, **penalty}
    names = ("temperature", "top_k", "top_p", "min_p")
    return {
        "do_sample": True,
        **{name: decoder[name] for name in names if decoder[name] is not None},
        **penalty,
    }


def _acts(name: str, value: Any) -> bool:
    """False where the value turns the setting off."""
    off = {"top_k": 0, "top_p": 1, "min_p": 0}
    return value is not None and (name == "temperature" or value != off[name])


def _special_tokens(model: Any, tokenizer: Any) -> dict[str, Any]:
    """The ids that end, begin and pad a text: the model's own, else its tokenizer's."""
    own = getattr(model, "generation_config", None)
    eos = getattr(own, "eos_token_id", None)
    bos = getattr(own, "bos_token_id", None)
    return {
        "eos_token_id": tokenizer.eos_token_id if eos is None else eos,
        "bos_token_id": tokenizer.bos_token_id if bos is None else bos,
        "pad_token_id": tokenizer.pad_token_id,
    }
