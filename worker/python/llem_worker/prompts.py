"""The prompts of a run as token ids, made before any window opens. Knows no engine but its tokenizer."""

from dataclasses import dataclass
from typing import Any

from .errors import WorkerError
from .prompts_file import read_prompts
from .random import random_from
from . import messages


@dataclass(frozen=True)
class Prompt:
    """A prompt ready to run."""

    index: int
    token_ids: list[int]
    max_output: int
    """Tokens to generate at most."""
    min_output: int
    """At least: until then no token may end the text. Equal to max_output: exactly so many."""


@dataclass(frozen=True)
class Workload:
    prompts: list[Prompt]
    cut: int
    """How many prompts were longer than max_input_tokens."""


def make_workload(
    assignment: dict[str, Any], tokenizer: Any, end_ids: frozenset[int], vocabulary: int | None
) -> Workload:
    """
    Every prompt of the assignment; the model knows the tokens below `vocabulary` (None: not told). Raises
    WorkerError `no_prompts`, `bad_dataset` or `bad_model`.
    """
    config = assignment["config"]
    dataset = config["dataset"]
    if isinstance(dataset, dict) and "n" in dataset:
        return Workload(_synthetic_prompts(dataset, tokenizer, end_ids, vocabulary), 0)
    most = config["max_input_tokens"]
    lists = _tokenize(read_prompts(assignment), tokenizer)
    source = assignment["inputs"]["prompts"].get("source")
    for number, ids in enumerate(lists, 1):
        _check_prompt(messages.prompt_of(number, source), ids, vocabulary)
    max_output = config["max_output_tokens"]
    min_output = min(config["decoder"]["min_new_tokens"] or 0, max_output)
    prompts = [Prompt(index, ids[:most], max_output, min_output) for index, ids in enumerate(lists)]
    return Workload(prompts, sum(len(ids) > most for ids in lists))


def _tokenize(texts: list[str], tokenizer: Any) -> list[list[int]]:
    """With the special tokens that the model wants around a text."""
    options = {"padding": False, "truncation": False, "return_attention_mask": False, "verbose": False}
    lists: list[list[int]] = tokenizer(texts, **options)["input_ids"]
    return lists


def _check_prompt(name: str, ids: list[int], vocabulary: int | None) -> None:
    if not ids:
        raise WorkerError("bad_dataset", messages.prompt_without_tokens(name))
    # A GPU would say no more than that an assertion failed, and do nothing any more.
    if vocabulary is not None and max(ids) >= vocabulary:
        raise WorkerError(
            "bad_model",
            messages.token_unknown_to_model(name, max(ids), vocabulary),
        )


def _synthetic_prompts(
    dataset: dict[str, Any], tokenizer: Any, end_ids: frozenset[int], vocabulary: int | None
) -> list[Prompt]:
    text_ids = [id for id in text_tokens(tokenizer, end_ids) if vocabulary is None or id < vocabulary]
    bos = beginning(tokenizer)
    length, output, seed = dataset["input_len"], dataset["output_len"], dataset["seed"]
    lists = (synthetic_ids(text_ids, bos, length, seed, index) for index in range(dataset["n"]))
    return [Prompt(index, ids, output, output) for index, ids in enumerate(lists)]


def synthetic_ids(text_ids: list[int], bos: int | None, length: int, seed: int, index: int) -> list[int]:
    """
    Exactly `length` tokens: the beginning token where there is one, then tokens of text drawn by the seed and
    the prompt's index. Engines do the same work for any text, so speed needs no sense.
    """
    draw = random_from(seed, seed // 2**32, index)
    ids = [text_ids[draw() % len(text_ids)] for _ in range(length)]
    if bos is not None:
        ids[0] = bos
    return ids


def text_tokens(tokenizer: Any, end_ids: frozenset[int]) -> list[int]:
    """The ids that stand for text, in order: no special token and none that ends a text."""
    try:
        special = {id for id, token in tokenizer.added_tokens_decoder.items() if token.special}
    except NotImplementedError:  # those of mistral-common have no more than the next line knows
        special = set()
    special.update(tokenizer.all_special_ids, end_ids)
    return sorted(set(tokenizer.get_vocab().values()) - special)


def beginning(tokenizer: Any) -> int | None:
    """The token that the tokenizer puts in front of every text, or None."""
    bos: int | None = tokenizer.bos_token_id
    ids = tokenizer("a")["input_ids"]
    return bos if bos is not None and ids and ids[0] == bos else None
