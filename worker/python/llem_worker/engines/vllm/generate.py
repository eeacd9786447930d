"""All requests of a batch, scheduled by the engine and read step by step."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from vllm import LLM, SamplingParams
from vllm.inputs import TokensPrompt
from vllm.sampling_params import RequestOutputKind

from ...clock import monotonic_ns
from ...generation import Generation, Request
from ...progress import Progress
from ...prompts import Prompt
from .settings import Settings


@dataclass
class _Running:
    """A request on its way."""

    prompt: Prompt
    begin_ns: int
    texts: list[list[int]] = field(default_factory=lambda: [[]])
    times_ns: list[int] = field(default_factory=list)
    end_ns: int = 0
    metrics: Any = None
    cached: int = 0


class Generator:
    """A loaded model with the settings of a run."""

    def __init__(self, llm: LLM, settings: Settings) -> None:
        self._llm = llm
        self._engine = llm.llm_engine
        self._settings = settings
        self._seed = 0
        self._given = 0

    def seed(self, seed: int) -> None:
        """Seeds the choice of tokens."""
        self._seed = seed

    def forget(self) -> None:
        """Empties the prefix cache."""
        self._llm.reset_prefix_cache()

    def synchronise(self) -> None:
        """A step returns when its tokens are there: between batches nothing is left to do."""

    def run(self, prompts: Sequence[Prompt], progress: Progress | None = None) -> Generation:
        """Queues all prompts, then steps until all have ended; tokens get the time at which their step returned."""
        params = [self._params(prompt) for prompt in prompts]
        begin_ns = monotonic_ns()
        running: dict[str, _Running] = {}
        for prompt, chosen in zip(prompts, params):
            self._given += 1
            name = str(self._given)
            running[name] = _Running(prompt, monotonic_ns())
            self._engine.add_request(name, TokensPrompt(prompt_token_ids=prompt.token_ids), chosen)
        done = 0
        while self._engine.has_unfinished_requests():
            outputs = self._engine.step()
            now_ns = monotonic_ns()
            for output in outputs:
                done += _take(running[output.request_id], output, now_ns)
            if progress is not None and now_ns >= progress.due_ns:
                progress.tell(done)
        end_ns = monotonic_ns()
        requests = [_ended(request) for request in running.values()]
        return Generation(requests, begin_ns, None, end_ns, 0, 0)

    def _params(self, prompt: Prompt) -> SamplingParams:
        exact = prompt.min_output == prompt.max_output
        return SamplingParams(
            max_tokens=prompt.max_output,
            min_tokens=prompt.min_output,
            ignore_eos=exact or self._settings.ignore_eos,
            n=self._settings.n,
            detokenize=False,
            output_kind=RequestOutputKind.DELTA,
            seed=self._seed,
            **self._settings.sampling,
        )


def _take(request: _Running, output: Any, now_ns: int) -> int:
    """Adds what a step gave; returns how many tokens that is."""
    count = 0
    for part in output.outputs:
        new = list(part.token_ids)
        request.texts[part.index].extend(new)
        if part.index == 0:
            request.times_ns.extend([now_ns] * len(new))
        count += len(new)
    request.metrics = output.metrics or request.metrics
    request.cached = max(request.cached, output.num_cached_tokens or 0)
    if output.finished:
        request.end_ns = now_ns
    return count


def _ended(request: _Running) -> Request:
    tokens, *further = request.texts
    return Request(
        request.prompt, tokens, request.times_ns, request.end_ns, len(tokens), request.begin_ns, further
    )
