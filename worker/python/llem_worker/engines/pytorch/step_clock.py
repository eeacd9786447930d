"""
When each token of a batch was there, without a wait for it: transformers calls its stopping criteria once a
step in every mode of generation. These never stop anything.
"""

from dataclasses import dataclass
from typing import Any

import torch

from ...clock import monotonic_ns
from ...progress import Progress


@dataclass(frozen=True)
class Steps:
    """The steps of a batch."""

    begin_ns: int
    lengths: list[int]
    """Tokens of a row after each step, prompt and padding included; a step may give several."""
    times_ns: list[int]


class StepClock:
    """Notes the host's clock: right where a step has been computed when the call comes, as on a CPU."""

    def __init__(self) -> None:
        self._begin_ns = 0
        self._times_ns: list[int] = []
        self._lengths: list[int] = []
        self._never: dict[int, torch.Tensor] = {}
        self._progress: Progress | None = None
        self._rows = self._width = self._input_tokens = 0

    def begin(self, progress: Progress | None, rows: int, width: int, input_tokens: int) -> int:
        """Starts a batch of `rows` prompts padded to `width` tokens; returns the time (ns)."""
        self._times_ns, self._lengths, self._progress = [], [], progress
        self._rows, self._width, self._input_tokens = rows, width, input_tokens
        self._begin_ns = self._mark_begin()
        return self._begin_ns

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        """A step is done: `input_ids` holds what there is so far."""
        now = monotonic_ns()
        self._mark_step(now)
        rows, length = input_ids.shape
        self._lengths.append(length)
        if self._progress is not None and now >= self._progress.due_ns:
            self._progress.tell(self._input_tokens + self._rows * (length - self._width))
        never = self._never.get(rows)
        if never is None:
            never = self._never[rows] = torch.zeros(rows, dtype=torch.bool, device=input_ids.device)
        return never

    def steps(self) -> Steps:
        """What was noted; the batch must be done."""
        return Steps(self._begin_ns, self._lengths, self._resolve())

    def _mark_begin(self) -> int:
        return monotonic_ns()

    def _mark_step(self, now_ns: int) -> None:
        self._times_ns.append(now_ns)

    def _resolve(self) -> list[int]:
        return self._times_ns


class CudaStepClock(StepClock):
    """Notes a CUDA event instead: the GPU says when it came by, so nobody waits for it."""

    def __init__(self, device: Any, most_steps: int) -> None:
        super().__init__()
        self._stream = torch.cuda.current_stream(device)
        self._reference = torch.cuda.Event(enable_timing=True)
        self._events = [torch.cuda.Event(enable_timing=True) for _ in range(most_steps)]
        self._used = 0

    def _mark_begin(self) -> int:
        """The GPU is idle here, so it comes by the reference between two looks at the host's clock."""
        self._used = 0
        before_ns = monotonic_ns()
        self._reference.record(self._stream)
        self._reference.synchronize()
        return (before_ns + monotonic_ns()) // 2

    def _mark_step(self, now_ns: int) -> None:
        if self._used == len(self._events):
            self._events.append(torch.cuda.Event(enable_timing=True))
        self._events[self._used].record(self._stream)
        self._used += 1

    def _resolve(self) -> list[int]:
        elapsed_ms = [self._reference.elapsed_time(event) for event in self._events[: self._used]]
        return [self._begin_ns + round(ms * 1e6) for ms in elapsed_ms]
