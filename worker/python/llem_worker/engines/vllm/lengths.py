"""How long requests are: what the section `vllm` says of it, and the longest sequence that the engine must take."""

from typing import Any

from ...config import given
from ...errors import WorkerError
from . import messages


def with_own_lengths(assignment: dict[str, Any]) -> dict[str, Any]:
    """
    The assignment with the numbers of tokens of the section `vllm` in place of those that all engines share. Raises
    WorkerError where they contradict each other, or prompts that are made to a length.
    """
    config = assignment["config"]
    section = given(config.get("vllm"))
    place = "beam_search" if given(section.get("beam_search")) else "sampling"
    own = given(section.get(place))
    _check_exact(config["dataset"], own, f"vllm.{place}")
    _check_exact(config["dataset"], _stops(config), "passthrough_kwargs")
    most = own.get("max_tokens", config["max_output_tokens"])
    least = own.get("min_tokens", config["decoder"]["min_new_tokens"])
    if "min_tokens" in own and own["min_tokens"] > most:
        raise WorkerError("bad_setting", messages.least_above_most(own["min_tokens"], most))
    decoder = {**config["decoder"], "min_new_tokens": least}
    return {**assignment, "config": {**config, "max_output_tokens": most, "decoder": decoder}}


def _stops(config: dict[str, Any]) -> dict[str, Any]:
    """What is passed through to the engine and ends texts."""
    passed = given(config.get("passthrough_kwargs"))
    return {key: value for key, value in passed.items() if key == "stop_token_ids"}


def _check_exact(dataset: Any, own: dict[str, Any], path: str) -> None:
    """The answers to synthetic prompts have one length, whatever would end them."""
    if not isinstance(dataset, dict) or "n" not in dataset:
        return
    exact = dataset["output_len"]
    for key in ("max_tokens", "min_tokens"):
        if own.get(key, exact) > exact or (key == "max_tokens" and own.get(key, exact) < exact):
            raise WorkerError("bad_setting", messages.differs_from_exact(f"{path}.{key}", own[key], exact))
    if own.get("ignore_eos") is False:
        raise WorkerError("bad_setting", messages.end_is_ignored(f"{path}.ignore_eos"))
    if own.get("stop_token_ids"):
        raise WorkerError("bad_setting", messages.stops_are_ignored(f"{path}.stop_token_ids"))


def longest_sequence(config: dict[str, Any], speculated: int) -> int:
    """
    Tokens of the longest request that the workload can have, prompt and output. With drafts of `speculated` tokens so
    many more: the engine makes none where they would reach beyond its longest sequence.
    """
    dataset = config["dataset"]
    if isinstance(dataset, dict) and "n" in dataset:
        return dataset["input_len"] + dataset["output_len"] + speculated
    return config["max_input_tokens"] + config["max_output_tokens"] + speculated
