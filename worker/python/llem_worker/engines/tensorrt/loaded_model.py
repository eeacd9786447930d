"""A loaded model as the run sees it."""

import sys
from collections.abc import Sequence
from typing import Any

from ...engine_clock import clock_facts, implausible_difference_ms
from ...finish_reasons import finish_reasons
from ...flops import Decoding
from ...frames import Reporter
from ...limited import within
from ...measure import Totals
from ...prompts import Prompt
from ...weights import Weights
from .devices import uses_gpus
from .generate import Generator
from .installed import Installed
from .memory import MemoryWatch
from .observed import cache_facts
from .settings import Settings
from .texts import Texts
from . import messages

# How long the engine may take to end. Then the process leaves without it, and its group is killed.
SHUTDOWN_SECONDS = 5.0


class LoadedModel:
    """What a run asks of a model that is ready to generate; see llem_worker/engine.py."""

    batch_size = None
    concurrent = None

    def __init__(
        self,
        *,
        llm: Any,
        settings: Settings,
        known: Installed,
        texts: Texts,
        context_length: int | None,
        facts: dict[str, Any],
        settings_facts: dict[str, Any],
        weights: Weights,
        memory: MemoryWatch,
        report: Reporter,
    ) -> None:
        self._llm = llm
        self._settings = settings
        self._memory = memory
        self._weights = weights
        self._report = report
        self._generator = Generator(llm, settings, known, texts.end_ids)
        self.on_gpus = uses_gpus()
        self.concurrent: int | None = getattr(llm.args, "max_batch_size", None)
        self.tokenizer = texts.tokenizer
        self.end_ids = texts.end_ids
        self.vocabulary: int | None = getattr(texts.model, "vocab_size", None)
        self.context_length = context_length
        self.facts = facts
        self.settings = {**settings_facts, "sampling": settings.sampling}

    def generator(self, prompts: Sequence[Prompt]) -> Generator:
        return self._generator

    def seed(self, seed: int) -> None:
        self._generator.seed(seed)

    def reset_peak_memory(self) -> None:
        self._memory.reset_peak()

    def memory(self) -> dict[str, Any]:
        return self._memory.read()

    def further_metrics(self, totals: Totals) -> dict[str, Any]:
        batches = totals.of_engine
        clocks = [batch.clock for batch in batches]
        difference_ms = implausible_difference_ms(clocks)
        if difference_ms is not None:
            self._report.note("warning", messages.clock_differs(difference_ms), "engine_clock")
        return {
            "flops": self._flops(totals),
            "phases_reason": messages.phases_untold(),
            "engine_clock": clock_facts(clocks),
            "prefix_cache": cache_facts(batches, self._settings.block_reuse),
            "finish_reasons": finish_reasons(batch.reasons for batch in batches),
        }

    def _flops(self, totals: Totals) -> dict[str, Any]:
        if any(batch.reused_blocks for batch in totals.of_engine):
            return {"total": None, "reason": messages.flops_with_reuse()}
        beams = self._settings.beam_width or 1
        # The context phase computes a prompt once; its beams begin with the first token.
        decoding = Decoding(
            beams=beams, shared_prompt=beams > 1, guesses=self.settings["speculative"] is not None
        )
        return self._weights.flops(totals, decoding)

    def close(self) -> None:
        """
        Ends the engine and its processes, which may hang: the result is out, so nobody waits for that for
        long.
        """
        if not within(SHUTDOWN_SECONDS, lambda: self._llm.shutdown()):
            print(messages.shutdown_hangs(SHUTDOWN_SECONDS), file=sys.stderr)
