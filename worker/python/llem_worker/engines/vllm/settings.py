"""Which part of vLLM each setting of the configuration goes to."""

from dataclasses import dataclass
from typing import Any

from ...config import given, is_greedy
from ...errors import WorkerError
from .asked import Asked
from .engine_arguments import EngineArguments, engine_arguments
from .names import Names
from .sampling import beam_arguments, sampling_arguments
from .unknown import unknown
from . import messages

_SECTIONS = frozenset({"engine", "sampling", "beam_search"})
_OTHER_KEYS = frozenset({"python"})


@dataclass(frozen=True)
class Settings:
    """The section `vllm` with the fields that all engines share, in vLLM's names."""

    engine: dict[str, Any]
    """Arguments of LLM beside the model."""
    revision: str | None
    """Branch, tag or commit of a model of the hub, where none was pinned before the study."""
    variables: dict[str, str]
    """Variables of the environment that stand for settings of older releases."""
    sampling: dict[str, Any]
    """Arguments of SamplingParams but for n, the seed and what has to do with lengths."""
    beams: dict[str, Any] | None
    """Arguments of BeamSearchParams but for the number of tokens; None for sampling."""
    n: int
    """Texts for each prompt."""
    ignore_eos: bool
    """Texts go on after their end token, also those of prompts that are not made to a length."""
    asked: tuple[Asked, ...]
    """What the study asks of the engine, to be compared with the engine that runs."""
    notes: tuple[tuple[str, str], ...]
    """For people: a text and the code it is told under."""


def read_settings(config: dict[str, Any], names: Names, base_dir: str) -> Settings:
    """
    Raises WorkerError for what the release does not know or the worker sets itself; `base_dir` is where relative
    paths start.
    """
    section = given(config.get("vllm"))
    _check_sections(section, names)
    passed = given(config.get("passthrough_kwargs"))
    _check_passed(passed, names)
    to_engine = {key: value for key, value in passed.items() if key in names.engine}
    to_sampling = {key: value for key, value in passed.items() if key not in names.engine}
    of_engine = given(section.get("engine"))
    revision = of_engine.pop("revision", to_engine.pop("revision", None))
    engine = engine_arguments(config, of_engine, to_engine, names, base_dir)
    asked = given(section.get("sampling"))
    beams = beam_arguments(config, section.get("beam_search"), to_sampling, names)
    n = int(asked.get("n", 1))
    if n > 1 and is_greedy(config["decoder"]):
        raise WorkerError("bad_setting", messages.greedy_gives_one_text(n))
    return Settings(
        engine=engine.arguments,
        revision=revision,
        variables=engine.variables,
        sampling={} if beams is not None else sampling_arguments(config, asked, to_sampling, names),
        beams=beams,
        n=n,
        ignore_eos=bool(asked.get("ignore_eos", False)),
        asked=engine.asked,
        notes=_notes(engine, beams, config["decoder"]),
    )


def _notes(
    engine: EngineArguments, beams: dict[str, Any] | None, decoder: dict[str, Any]
) -> tuple[tuple[str, str], ...]:
    if beams is None or is_greedy(decoder):
        return engine.notes
    return (*engine.notes, (messages.beams_do_not_sample(), "beams_do_not_sample"))


def _check_sections(section: dict[str, Any], names: Names) -> None:
    for key in section:
        if key in _SECTIONS | _OTHER_KEYS:
            continue
        place = "engine" if key in names.engine else "sampling" if key in names.sampling else None
        if place is not None:
            raise WorkerError("bad_setting", messages.belongs_to(f"vllm.{key}", f"vllm.{place}.{key}"))
        raise unknown(f"vllm.{key}", key, _SECTIONS | names.engine, names.release)


def _check_passed(passed: dict[str, Any], names: Names) -> None:
    for key in passed:
        if key not in names.engine | names.sampling:
            raise unknown(f"passthrough_kwargs.{key}", key, names.engine | names.sampling, names.release)
