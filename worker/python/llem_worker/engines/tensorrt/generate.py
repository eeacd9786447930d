"""All requests of a batch, scheduled by the engine; tokens are read as it streams them."""

import asyncio
from collections.abc import Sequence
from statistics import median
from typing import Any

from tensorrt_llm import SamplingParams

from ...clock import milliseconds, monotonic_ns
from ...errors import WorkerError
from ...generation import Generation, Request
from ...progress import Progress
from ...prompts import Prompt
from ...running import Running
from .installed import Installed
from .perf_metrics import metrics_of, reused_blocks, stamps_of
from .settings import Settings
from . import messages


class Generator:
    """A loaded model with the settings of a run."""

    def __init__(self, llm: Any, settings: Settings, known: Installed, end_ids: frozenset[int]) -> None:
        self._llm = llm
        self._settings = settings
        self._known = known
        self._end_ids = end_ids
        self._seed = 0
        # One for all batches: the engine keeps the loop that was there when it was asked first.
        self._loop = asyncio.new_event_loop()
        self._late_ms: list[float] = []

    def seed(self, seed: int) -> None:
        """Seeds the choice of tokens. What follows is measured, and nothing before it."""
        self._seed = seed
        self._late_ms = []

    def forget(self) -> None:
        """Blocks are reused only where the study wants that; nothing of the engine drops them between requests."""

    def synchronise(self) -> None:
        """A request ends when its last token is there: between batches nothing is left to do."""

    def run(self, prompts: Sequence[Prompt], progress: Progress | None = None) -> Generation:
        """Hands all prompts over, then takes tokens as they come; each gets the time at which it came."""
        params = [self._params(prompt) for prompt in prompts]
        begin_ns = monotonic_ns()
        requests = self._loop.run_until_complete(_Batch(self, progress).run(prompts, params))
        return Generation(requests, begin_ns, None, monotonic_ns(), 0, 0)

    def stamp_facts(self) -> dict[str, Any]:
        """How much later than the engine this process saw first tokens; empty where the engine tells no times."""
        late = self._late_ms
        if not late:
            return {}
        return {"engine_stamps": {"requests": len(late), "first_token_seen_later_ms": median(late)}}

    def submit(self, prompt: Prompt, params: SamplingParams) -> Any:
        """An iterable of what comes of a prompt. A beam search decides at its end."""
        streaming = self._settings.beam_width is None
        return self._llm.generate_async(prompt.token_ids, sampling_params=params, streaming=streaming)

    def finish(self, running: Running, output: Any) -> Request:
        """The request when its last output is there. Raises WorkerError where work was spared that it must do."""
        metrics = metrics_of(output)
        reused = reused_blocks(metrics)
        if reused and not self._settings.block_reuse:
            raise WorkerError("prefix_reused", messages.blocks_reused(running.prompt.index, reused))
        of_engine: dict[str, object] = {} if reused is None else {"reused_blocks": reused}
        stamps = stamps_of(metrics)
        if stamps is not None:
            of_engine["queue_ms"] = milliseconds(stamps.arrival_ns, stamps.scheduled_ns)
            of_engine["engine_ttft_ms"] = milliseconds(stamps.arrival_ns, stamps.first_token_ns)
            of_engine["engine_e2e_ms"] = milliseconds(stamps.arrival_ns, stamps.last_token_ns)
            on_our_clock = running.begin_ns <= stamps.arrival_ns and stamps.last_token_ns <= running.end_ns
            if on_our_clock and running.times_ns:
                self._late_ms.append(milliseconds(stamps.first_token_ns, running.times_ns[0]))
        if self._settings.beam_width is not None:
            running.times_ns = []
        stopped = output.outputs[0].finish_reason == "stop"
        return running.ended(self._end_ids, stopped, of_engine)

    def _params(self, prompt: Prompt) -> SamplingParams:
        exact = prompt.min_output == prompt.max_output
        end, *others = sorted(self._end_ids) or [-1]
        wanted = {"seed": self._seed % 2**63, "return_perf_metrics": True, "detokenize": False}
        return SamplingParams(
            max_tokens=prompt.max_output,
            min_tokens=max(1, prompt.min_output),
            ignore_eos=exact or self._settings.ignore_eos,
            end_id=end,
            pad_id=max(0, end),
            **({"stop_token_ids": others} if others and not exact and not self._settings.ignore_eos else {}),
            **{name: value for name, value in wanted.items() if name in self._known.sampling},
            **self._settings.sampling,
        )


class _Batch:
    """The requests of one call, each followed by a task of its own."""

    def __init__(self, generator: Generator, progress: Progress | None) -> None:
        self._generator = generator
        self._progress = progress
        self._done = 0

    async def run(self, prompts: Sequence[Prompt], params: Sequence[SamplingParams]) -> list[Request]:
        tasks: list[asyncio.Task[Request]] = []
        try:
            for prompt, chosen in zip(prompts, params):
                begin_ns = monotonic_ns()
                stream = self._generator.submit(prompt, chosen)
                tasks.append(asyncio.create_task(self._follow(Running(prompt, begin_ns), stream)))
                await asyncio.sleep(0)  # tokens of the first come while the last are handed over
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()

    async def _follow(self, running: Running, stream: Any) -> Request:
        output = None
        async for output in stream:
            now_ns = monotonic_ns()
            for index, part in enumerate(output.outputs):
                self._done += running.add_up_to(index, part.token_ids, now_ns)
            running.end_ns = now_ns
            if self._progress is not None and now_ns >= self._progress.due_ns:
                self._progress.tell(self._done)
        if output is None:
            raise WorkerError("engine_error", messages.no_answer(running.prompt.index))
        return self._generator.finish(running, output)
