"""All requests of a batch, scheduled by the engine; tokens are read as it streams them."""

import asyncio
from collections.abc import Sequence
from typing import Any

from tensorrt_llm import SamplingParams

from ...clock import monotonic_ns
from ...errors import WorkerError
from ...generation import Generation, Request
from ...progress import Progress
from ...prompts import Prompt
from .installed import Installed
from .observed import Observed
from .perf_metrics import metrics_of, record_of, reused_blocks, stamps_of
from .running import Running
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

    def seed(self, seed: int) -> None:
        """Seeds the choice of tokens."""
        self._seed = seed

    def forget(self) -> None:
        """
        Blocks are reused only where the study wants that; nothing of the engine drops them between requests.
        """

    def synchronise(self) -> None:
        """A request ends when its last token is there: between batches nothing is left to do."""

    def run(self, prompts: Sequence[Prompt], progress: Progress | None = None) -> Generation:
        """Hands all prompts over, then takes tokens as they come; each gets the time at which it came."""
        params = [self._params(prompt) for prompt in prompts]
        begin_ns = monotonic_ns()
        batch = _Batch(self, progress)
        requests = self._loop.run_until_complete(batch.run(prompts, params))
        return Generation(
            requests=requests,
            begin_ns=begin_ns,
            prefill_end_ns=None,
            end_ns=monotonic_ns(),
            input_padding=0,
            output_padding=0,
            of_engine=batch.observed,
        )

    def submit(self, prompt: Prompt, params: SamplingParams) -> Any:
        """An iterable of what comes of a prompt. A beam search decides at its end."""
        streaming = self._settings.beam_width is None
        return self._llm.generate_async(prompt.token_ids, sampling_params=params, streaming=streaming)

    def finish(self, running: Running, output: Any, observed: Observed) -> Request:
        """
        The request when its last output is there. Raises WorkerError where work was spared that it must do.
        """
        prompt, metrics, reason = running.prompt, metrics_of(output), output.outputs[0].finish_reason
        if list(output.prompt_token_ids) != prompt.token_ids:
            raise WorkerError("wrong_prompt", messages.other_prompt(prompt.index))
        reused = reused_blocks(metrics)
        if reused and not self._settings.block_reuse:
            raise WorkerError("prefix_cached", messages.blocks_reused(prompt.index, reused))
        stamps = stamps_of(metrics)
        if self._settings.beam_width is not None:
            running.times_ns = []  # all tokens came with the answer
        observed.add(running, stamps, reused or 0, [part.finish_reason for part in output.outputs])
        of_engine: dict[str, object] = {"finish_reason": reason, "reused_blocks": reused, **record_of(stamps)}
        if self._settings.beam_width is not None:
            of_engine["itl_reason"] = messages.beams_decide_at_their_end()
        stopped = [part.finish_reason == "stop" for part in output.outputs]
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
        self.observed = Observed()

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
        return self._generator.finish(running, output, self.observed)
