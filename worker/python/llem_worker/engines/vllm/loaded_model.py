"""A loaded model as the run sees it."""

from collections.abc import Sequence
from typing import Any

from vllm import LLM

from ...frames import Reporter
from ...measure import Totals
from ...model_source import find_model
from ...prompts import Prompt
from .counters import Counters
from .devices import uses_gpus
from .facts import model_facts, settings_facts
from .generate import Generator
from .memory import MemoryWatch
from .settings import Settings, read_settings
from .weights import Weights, count_weights
from .worker_extension import NAME as WORKER_EXTENSION
from . import messages


def load_model(assignment: dict[str, Any], report: Reporter) -> "LoadedModel":
    """Loads the model of a run; its weights and its KV cache are in memory when this returns."""
    config = assignment["config"]
    settings = read_settings(config)
    source = find_model(assignment, None)
    llm = LLM(model=source.name, **{"worker_extension_cls": WORKER_EXTENSION, **settings.engine})
    weights = count_weights(llm, source)
    return LoadedModel(llm, settings, weights, model_facts(llm, source, config["model"], weights), report)


class LoadedModel:
    """What a run asks of a model that is ready to generate; see llem_worker/engine.py."""

    batch_size = None

    def __init__(
        self, llm: LLM, settings: Settings, weights: Weights, facts: dict[str, Any], report: Reporter
    ) -> None:
        self._llm = llm
        self._weights = weights
        self._report = report
        self._settings = settings
        self._seed = 0
        config = llm.llm_engine.vllm_config.model_config
        self._memory = MemoryWatch(llm, weights.bytes)
        self._counters = Counters(llm)
        self.on_gpus = uses_gpus()
        self.tokenizer = llm.get_tokenizer()
        self.end_ids = _end_ids(self.tokenizer, config)
        self.vocabulary = config.get_vocab_size()
        self.context_length = config.max_model_len
        self.facts = {**facts, "bytes": self._memory.weights_bytes}
        self.settings = settings_facts(llm, settings)

    def generator(self, prompts: Sequence[Prompt]) -> Generator:
        self._generator = Generator(self._llm, self._settings)
        return self._generator

    def seed(self, seed: int) -> None:
        self._generator.seed(seed)

    def reset_peak_memory(self) -> None:
        """What is counted counts from now on, too."""
        self._memory.reset_peak()
        self._counters.begin()

    def memory(self) -> dict[str, Any]:
        return self._memory.read()

    def further_metrics(self, totals: Totals) -> dict[str, Any]:
        counters = self._counters.read()
        if counters["preemptions"]:
            self._report.note("warning", messages.preempted(counters["preemptions"]), "preemptions")
        guesses = counters["speculation"] is not None
        return {"flops": self._weights.flops(totals, guesses), "counters": counters}

    def close(self) -> None:
        """Its processes would outlive a worker that leaves without a word (vllm-project/vllm#34643)."""
        self._llm.llm_engine.engine_core.shutdown(timeout=1)


def _end_ids(tokenizer: Any, config: Any) -> frozenset[int]:
    """The tokens that end a text: of the tokenizer, and of the model's own generation settings."""
    ids = (config.try_get_generation_config() or {}).get("eos_token_id")
    found = [ids] if isinstance(ids, int) else list(ids or [])
    return frozenset(found + [tokenizer.eos_token_id] if tokenizer.eos_token_id is not None else found)
