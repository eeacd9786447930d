"""A loaded model as the run sees it."""

import os
from collections.abc import Sequence
from typing import Any

from vllm import LLM

from ...errors import WorkerError
from ...engine_clock import clock_facts, implausible_difference_ms
from ...flops import Decoding
from ...finish_reasons import finish_reasons
from ...frames import Reporter
from ...measure import Totals
from ...model_source import find_model
from ...prompts import Prompt
from ...weights import Weights, count_weights
from .beams import BeamSearch, logprobs_of_beams
from .counters import Counters
from .cpu_cache import with_cache_size
from .devices import uses_gpus
from .end import shut_down
from .engine_arguments import refuse_on_cpu
from .failures.death_watch import watch_engine
from .facts import model_facts, settings_facts
from .generate import Generator, has_processes
from .lora import Adapter, read_adapter
from .memory import MemoryWatch
from .names import installed_names
from .observed import cache_facts
from .resolved import attention_of, check_as_asked
from .sequence_length import with_sequence_length
from .settings import Settings, read_settings
from .tokenizer import end_ids, tokenizer_of
from .worker_extension import NAME as WORKER_EXTENSION
from . import messages


def load_model(assignment: dict[str, Any], report: Reporter) -> "LoadedModel":
    """Loads the model of a run; its weights and its KV cache are in memory when this returns."""
    config = assignment["config"]
    settings = read_settings(config, installed_names(), assignment["base_dir"])
    for text, code in settings.notes:
        report.note("warning", text, code)
    on_cpus = not uses_gpus()
    if on_cpus:
        refuse_on_cpu(settings.asked)
    os.environ.update(settings.variables)
    adapter = read_adapter(assignment)
    source = find_model(assignment, settings.revision)
    if source.gguf_file is not None:
        raise WorkerError("unsupported_model", messages.no_gguf(os.path.join(source.name, source.gguf_file)))
    arguments = with_sequence_length({**settings.engine, **source.arguments()}, source.name, config)
    further = {
        "worker_extension_cls": WORKER_EXTENSION,
        **logprobs_of_beams(settings),
        **({} if adapter is None else adapter.arguments()),
    }
    if on_cpus:
        arguments = with_cache_size(arguments)
    llm = LLM(model=source.name, **{**further, **arguments})
    watch_engine(llm)
    check_as_asked(settings.asked, llm.llm_engine.vllm_config, attention_of(llm))
    if settings.beams is not None and not llm.llm_engine.vllm_config.cache_config.enable_prefix_caching:
        report.note("info", messages.beams_without_cache(), "beams_without_cache")
    if adapter is not None:
        adapter.load(llm)
    loaded = llm.llm_engine.vllm_config.model_config
    weights = count_weights(
        source, loaded.hf_config, None if loaded.quantization is not None else loaded.dtype.itemsize
    )
    if adapter is not None:
        adapter.check(weights)
    facts = model_facts(llm, source, config["model"], weights)
    return LoadedModel(llm, settings, weights, facts, adapter, report)


class LoadedModel:
    """What a run asks of a model that is ready to generate; see llem_worker/engine.py."""

    batch_size = None

    def __init__(
        self,
        llm: LLM,
        settings: Settings,
        weights: Weights,
        facts: dict[str, Any],
        adapter: Adapter | None,
        report: Reporter,
    ) -> None:
        self._llm = llm
        self._weights = weights
        self._report = report
        self._settings = settings
        self._adapter = adapter
        self._config = llm.llm_engine.vllm_config
        config = self._config.model_config
        self._memory = MemoryWatch(llm, weights.bytes)
        self._counters = Counters(llm)
        self.on_gpus = uses_gpus()
        self.concurrent = self._config.scheduler_config.max_num_seqs
        self.tokenizer = tokenizer_of(llm)
        self.end_ids = end_ids(self.tokenizer, config)
        self.vocabulary = config.get_vocab_size()
        self.context_length = config.max_model_len
        self.facts = {
            **facts,
            "bytes": self._memory.weights_bytes,
            "adapter": None if adapter is None else adapter.facts,
        }
        self.settings = settings_facts(llm, settings)

    def generator(self, prompts: Sequence[Prompt]) -> Generator | BeamSearch:
        kind = Generator if self._settings.beams is None else BeamSearch
        adapter = None if self._adapter is None else self._adapter.request
        self._generator = kind(self._llm, self._settings, self.end_ids, adapter)
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
        if counters["speculation"] is not None and counters["speculation"]["draft_tokens"] == 0:
            self._report.note("warning", messages.nothing_drafted(), "nothing_drafted")
        return {
            "flops": self._flops(totals, counters),
            "counters": counters,
            **self._observed(totals),
        }

    def _flops(self, totals: Totals, counters: dict[str, Any]) -> dict[str, Any]:
        """How often the beams of a search are computed anew is not known, nor what the prefix cache spared."""
        if self._settings.beams is not None:
            return {"total": None, "reason": messages.flops_of_beams()}
        if counters["prefix_cache_hits"]:
            return {"total": None, "reason": messages.flops_with_hits()}
        adapter = 0 if self._adapter is None else self._adapter.facts["parameters"] or 0
        return self._weights.flops(totals, Decoding(guesses=counters["speculation"] is not None), adapter)

    def _observed(self, totals: Totals) -> dict[str, Any]:
        """What the batches of the measurement showed."""
        batches = totals.of_engine
        clocks = [batch.clock for batch in batches]
        difference_ms = implausible_difference_ms(clocks)
        if difference_ms is not None:
            self._report.note("warning", messages.clock_differs(difference_ms), "engine_clock")
        caching = bool(self._config.cache_config.enable_prefix_caching)
        return {
            "phases_reason": self._phases_reason(totals),
            "engine_clock": clock_facts(clocks),
            "prefix_cache": cache_facts(batches, caching, totals.input_tokens) if batches else None,
            "finish_reasons": finish_reasons(batch.reasons for batch in batches),
        }

    def _phases_reason(self, totals: Totals) -> str | None:
        """Why prefill and decode were no phases; None where they were."""
        if totals.prefill_ns is not None:
            return None
        if self._settings.beams is not None:
            return messages.phases_of_beams()
        if has_processes(self._llm.llm_engine):
            return messages.phases_in_processes()
        if any(batch.preempted for batch in totals.of_engine):
            return messages.phases_preempted()
        scheduler = self._config.scheduler_config
        return messages.phases_mixed(scheduler.max_num_seqs, scheduler.max_num_batched_tokens)

    def close(self) -> None:
        shut_down(self._llm)
