"""What the engine is told of each request beside its prompt."""

from vllm import SamplingParams
from vllm.sampling_params import RequestOutputKind

from ...prompts import Prompt
from ...random import random_from
from .settings import Settings


class RequestParams:
    """Makes the SamplingParams of a run's requests."""

    def __init__(self, settings: Settings, end_ids: frozenset[int]) -> None:
        """`end_ids` are those of the model."""
        self._n = settings.n
        self._sampling = dict(settings.sampling)
        asked = frozenset(self._sampling.pop("stop_token_ids", ()))
        self.ends = asked if settings.ignore_eos else asked | end_ids
        """A text ends with one of them, but for those that are made to a length."""
        self._is_greedy = self._sampling.get("temperature") == 0

    def of(self, prompt: Prompt, seed: int) -> SamplingParams:
        """
        The ends of a text are those we tell, not the engine's: then texts of all engines end alike. Every request has
        a seed of its own, so what it says does not depend on those that run beside it.
        """
        exact = prompt.min_output == prompt.max_output
        return SamplingParams(
            n=self._n,
            max_tokens=prompt.max_output,
            min_tokens=prompt.min_output,
            ignore_eos=True,
            stop_token_ids=[] if exact else sorted(self.ends),
            detokenize=False,
            output_kind=RequestOutputKind.DELTA,
            seed=None if self._is_greedy else seed_of(seed, prompt.index),
            **self._sampling,
        )


def seed_of(seed: int, index: int) -> int:
    """Of the request with that index: equal in every pass and every process."""
    return random_from(seed, index)()
