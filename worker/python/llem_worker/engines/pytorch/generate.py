"""One static batch of requests, generated to the end."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import torch
from transformers import StoppingCriteriaList

from ...clock import monotonic_ns
from ...generation import Generation, Request
from ...progress import Progress
from ...prompts import Prompt
from .devices import cuda_indices, synchronise
from .loaded import Loaded
from .step_clock import CudaStepClock, StepClock, Steps


class Generator:
    """A loaded model with the settings of a run."""

    def __init__(self, loaded: Loaded, prompts: Sequence[Prompt], timed: bool = True) -> None:
        """`timed` False leaves the clock out of the steps (to measure what it costs)."""
        self.model = loaded.model
        self._device = loaded.device
        self._pad = loaded.tokenizer.pad_token_id
        self.config = deepcopy(loaded.generation)
        """Every setting of generation, lengths included."""
        self.config.max_new_tokens = max(prompt.max_output for prompt in prompts)
        self.config.min_new_tokens = max(prompt.min_output for prompt in prompts) or None
        self._ends = end_ids(loaded)
        self._beams = self.config.num_beams or 1
        self._gpus = cuda_indices(loaded.model)
        on_gpu = loaded.device.type == "cuda"
        self._clock = CudaStepClock(loaded.device, self.config.max_new_tokens) if on_gpu else StepClock()
        self._criteria = StoppingCriteriaList([self._clock] if timed else [])

    def forget(self) -> None:
        """Nothing is kept between batches: every cache begins empty."""

    def synchronise(self) -> None:
        """Returns when the devices have nothing left to do."""
        synchronise(self._gpus)

    def run(self, prompts: Sequence[Prompt], progress: Progress | None = None) -> Generation:
        """Runs the prompts as one batch, padded on the left."""
        width = max(len(prompt.token_ids) for prompt in prompts)
        inputs = sum(len(prompt.token_ids) for prompt in prompts)
        ids, mask = (tensor.to(self._device) for tensor in self._padded(prompts, width))
        self.synchronise()
        begin_ns = self._clock.begin(progress, len(prompts), width, inputs)
        with torch.inference_mode():
            rows = self.model.generate(
                input_ids=ids,
                attention_mask=mask,
                generation_config=self.config,
                stopping_criteria=self._criteria,
            )
        self.synchronise()
        end_ns = monotonic_ns()
        steps = self._clock.steps()
        requests = self._requests(prompts, rows[:, width:].tolist(), steps, width, end_ns)
        places = len(prompts) * (rows.shape[1] - width)
        return Generation(
            requests,
            begin_ns,
            min(steps.times_ns[0] if steps.times_ns else end_ns, end_ns),
            end_ns,
            len(prompts) * width - inputs,
            places - sum(request.computed for request in requests),
        )

    def _padded(self, prompts: Sequence[Prompt], width: int) -> tuple[torch.Tensor, torch.Tensor]:
        gaps = [width - len(prompt.token_ids) for prompt in prompts]
        ids = [[self._pad] * gap + prompt.token_ids for gap, prompt in zip(gaps, prompts)]
        mask = [[0] * gap + [1] * (width - gap) for gap in gaps]
        return torch.tensor(ids), torch.tensor(mask)

    def _requests(
        self, prompts: Sequence[Prompt], rows: list[list[int]], steps: Steps, width: int, end_ns: int
    ) -> list[Request]:
        # Two clocks never agree to the last microsecond.
        times = [min(time_ns, end_ns) for time_ns in token_times(steps, width)]
        # Without a clock nothing is known but the end.
        times += [end_ns] * (max(map(len, rows)) - len(times))
        requests = []
        for prompt, row in zip(prompts, rows):
            tokens = self._until_end(row)
            computed = min(len(tokens) + 1, len(row))
            # Which beam is the text is known when the search is over.
            ended = end_ns if self._beams > 1 or computed == 0 else times[computed - 1]
            requests.append(Request(prompt, tokens, times[: len(tokens)], ended, computed))
        return requests

    def _until_end(self, row: list[int]) -> list[int]:
        return row[: next((at for at, id in enumerate(row) if id in self._ends), len(row))]


def end_ids(loaded: Loaded) -> frozenset[int]:
    """The tokens that end a text; empty where the model has none."""
    for config in (loaded.generation, loaded.model.generation_config):
        ids: Any = config.eos_token_id
        if ids is not None:
            return frozenset([ids] if isinstance(ids, int) else ids)
    return frozenset()


def token_times(steps: Steps, width: int) -> list[int]:
    """When each generated token of a row was there; tokens of one step share its time."""
    times: list[int] = []
    for length, time_ns in zip(steps.lengths, steps.times_ns):
        times.extend([time_ns] * (length - width - len(times)))
    return times
