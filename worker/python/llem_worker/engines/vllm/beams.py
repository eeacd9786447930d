"""Beam search: rounds of requests for one token each, of which the engine keeps the likeliest texts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from vllm import LLM
from vllm.inputs import TokensPrompt
from vllm.sampling_params import BeamSearchParams

from ...clock import monotonic_ns
from ...errors import WorkerError
from ...generation import Generation, Request
from ...progress import Progress
from ...prompts import Prompt
from .prefix_cache import PrefixCache
from .settings import Settings
from . import messages

# Beyond this the engine tells no candidates unless it is asked to when it is made.
USUAL_LOGPROBS = 20


class BeamSearch:
    """A loaded model with the settings of a run that searches with beams."""

    def __init__(self, llm: LLM, settings: Settings, end_ids: frozenset[int], adapter: Any = None) -> None:
        """`adapter` is a LoRARequest, or None."""
        self._llm = llm
        self._adapter = adapter
        self._cache = PrefixCache(llm.llm_engine)
        self._settings = dict(settings.beams or {})
        self._ignore_eos = bool(self._settings.pop("ignore_eos", settings.ignore_eos))
        self._ends = end_ids

    def seed(self, seed: int) -> None:
        """Nothing is chosen by chance."""

    def forget(self) -> None:
        """Empties the prefix cache."""
        self._cache.empty()

    def synchronise(self) -> None:
        """The search returns when it is over."""

    def run(self, prompts: Sequence[Prompt], progress: Progress | None = None) -> Generation:
        """All prompts are searched together. Raises WorkerError where texts have a least length of their own."""
        exact = _is_exact(prompts)
        goes_on = exact or self._ignore_eos
        params = BeamSearchParams(
            max_tokens=max(prompt.max_output for prompt in prompts), ignore_eos=goes_on, **self._settings
        )
        given: list[Any] = [TokensPrompt(prompt_token_ids=prompt.token_ids) for prompt in prompts]
        begin_ns = monotonic_ns()
        with _told(self._llm.llm_engine, progress, self._settings["beam_width"]):
            outputs = self._llm.beam_search(given, params, lora_request=self._adapter)
        end_ns = monotonic_ns()
        ends = frozenset[int]() if goes_on else self._ends
        requests = [_request(prompt, output, ends, end_ns) for prompt, output in zip(prompts, outputs)]
        return Generation(requests, begin_ns, None, end_ns, 0, 0)


def logprobs_of_beams(settings: Settings) -> dict[str, Any]:
    """Arguments of LLM that the search needs: every step asks for twice as many candidates as there are beams."""
    if settings.beams is None:
        return {}
    return {"max_logprobs": max(USUAL_LOGPROBS, 2 * settings.beams["beam_width"])}


def _is_exact(prompts: Sequence[Prompt]) -> bool:
    """The search knows no least length, but texts that go on after their end have all the same length."""
    exact = all(prompt.min_output == prompt.max_output for prompt in prompts)
    if not exact and any(prompt.min_output > 0 for prompt in prompts):
        raise WorkerError("unsupported_setting", messages.beams_without_least_length())
    return exact


def _request(prompt: Prompt, output: Any, ends: frozenset[int], end_ns: int) -> Request:
    """Of the likeliest text; the engine tells the prompt before it."""
    width = len(prompt.token_ids)
    tokens: list[int] = list(output.sequences[0].tokens)
    if tokens[:width] != prompt.token_ids:
        raise WorkerError("wrong_prompt", messages.other_prompt(prompt.index, width, width))
    text = tokens[width:]
    kept = text[: next((at for at, id in enumerate(text) if id in ends), len(text))]
    return Request(
        prompt=prompt,
        tokens=kept,
        times_ns=[],
        end_ns=end_ns,
        computed=min(len(kept) + 1, len(text)),
        of_engine={"itl_reason": messages.beams_decide_at_their_end()},
    )


@contextmanager
def _told(engine: Any, progress: Progress | None, width: int) -> Iterator[None]:
    """Tells the progress of a search: its loop is the engine's own, but every step of it is the engine's `step`."""
    step, done = engine.step, 0

    def step_and_tell() -> Any:
        nonlocal done
        outputs = step()
        done += len(outputs)
        if progress is not None and monotonic_ns() >= progress.due_ns:
            progress.tell(done // width)
        return outputs

    engine.step = step_and_tell
    try:
        yield
    finally:
        del engine.step
