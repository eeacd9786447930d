"""All requests of a batch, scheduled by the engine and read step by step."""

from collections.abc import Iterable, Sequence
from typing import Any

from vllm import LLM, SamplingParams
from vllm.inputs import TokensPrompt

from ...clock import monotonic_ns
from ...generation import Generation
from ...progress import Progress
from ...prompts import Prompt
from .observed import observe
from .params import RequestParams
from .prefix_cache import PrefixCache
from .running import Rules, Running, Text, ended
from .settings import Settings


class Generator:
    """A loaded model with the settings of a run."""

    def __init__(self, llm: LLM, settings: Settings, end_ids: frozenset[int], adapter: Any = None) -> None:
        """`adapter` is a LoRARequest, or None."""
        self._engine = llm.llm_engine
        self._adapter = adapter
        self._texts = settings.n
        self._params = RequestParams(settings, end_ids)
        self._cache = PrefixCache(self._engine)
        self._alone = not has_processes(self._engine)
        self._rules = Rules(
            end_ids=self._params.ends,
            max_model_len=self._engine.vllm_config.model_config.max_model_len,
            cached=self._cache.enabled,
        )
        self._seed = 0
        self._count = 0

    def seed(self, seed: int) -> None:
        """Seeds the choice of tokens."""
        self._seed = seed

    def forget(self) -> None:
        """Empties the prefix cache."""
        self._cache.empty()

    def synchronise(self) -> None:
        """A step returns when its tokens are there: between batches nothing is left to do."""

    def run(self, prompts: Sequence[Prompt], progress: Progress | None = None) -> Generation:
        """Queues all prompts, then steps until all have ended; tokens get the time at which their step returned."""
        given = [self._given_as(prompt) for prompt in prompts]
        engine = self._engine
        begin_ns = monotonic_ns()
        running: dict[str, Running] = {}
        for prompt, (tokens, params) in zip(prompts, given):
            self._count += 1
            name = str(self._count)
            running[name] = Running(prompt, monotonic_ns(), [Text() for _ in range(self._texts)])
            engine.add_request(name, tokens, params, lora_request=self._adapter)
        if self._alone:  # nothing is computed before the first step
            begin_ns = monotonic_ns()
        while engine.has_unfinished_requests():
            outputs = engine.step()
            now_ns = monotonic_ns()
            for output in outputs:
                texts = running[output.request_id].texts
                for part in output.outputs:
                    text = texts[part.index]
                    new = part.token_ids
                    text.tokens.extend(new)
                    text.times_ns.extend([now_ns] * len(new))
                    if part.finish_reason is not None:
                        text.end_ns, text.reason, text.output = now_ns, part.finish_reason, output
            if progress is not None and now_ns >= progress.due_ns:
                progress.tell(_done(running.values()))
        end_ns = monotonic_ns()
        observed = observe(list(running.values()))
        return Generation(
            requests=[ended(request, self._rules) for request in running.values()],
            begin_ns=begin_ns,
            prefill_end_ns=observed.prefill_end_ns if self._alone else None,
            end_ns=end_ns,
            input_padding=0,
            output_padding=0,
            of_engine=observed,
        )

    def _given_as(self, prompt: Prompt) -> tuple[TokensPrompt, SamplingParams]:
        return TokensPrompt(prompt_token_ids=prompt.token_ids), self._params.of(prompt, self._seed)


def has_processes(engine: Any) -> bool:
    """Whether the engine runs in processes of its own."""
    return not hasattr(engine, "model_executor")


def _done(running: Iterable[Running]) -> int:
    """Tokens taken in and given out; of several texts of a request one stands for all."""
    return sum(
        len(request.prompt.token_ids) + len(request.texts[0].tokens)
        for request in running
        if request.texts[0].tokens
    )
