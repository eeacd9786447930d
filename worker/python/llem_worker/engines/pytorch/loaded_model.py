"""A loaded model as the run sees it."""

from collections.abc import Sequence
from typing import Any

from ...failures import describe
from ...flops import Decoding, flops_facts
from ...frames import Reporter
from ...measure import Totals
from ...prompts import Prompt
from ... import messages
from .adapted import known_tokens
from .compile import end_compilers
from .devices import cuda_indices
from .flops import multiplied
from .generate import Generator, end_ids
from .load import load
from .loaded import Loaded
from .memory import MemoryWatch, touch_weights
from .seeding import seed as seed_generators


def load_model(assignment: dict[str, Any], report: Reporter) -> "LoadedModel":
    """Loads the model of a run; its weights are in memory when this returns."""
    loaded = load(assignment, report)
    touch_weights(loaded.model)
    section = assignment["config"]["pytorch"] or {}
    return LoadedModel(loaded, section.get("batch_size") or 1)


class LoadedModel:
    """What a run asks of a model that is ready to generate; see llem_worker/engine.py."""

    concurrent = None

    def __init__(self, loaded: Loaded, batch_size: int) -> None:
        self._loaded = loaded
        gpus = cuda_indices(loaded.model)
        self._memory = MemoryWatch(loaded.model, gpus)
        self.on_gpus = bool(gpus)
        self.batch_size = batch_size
        self.tokenizer = loaded.tokenizer
        self.end_ids = end_ids(loaded)
        self.vocabulary = known_tokens(loaded.model)
        most = getattr(loaded.model.config.get_text_config(), "max_position_embeddings", None)
        self.context_length = most if isinstance(most, int) else None
        self.facts = loaded.facts
        self.settings = loaded.settings

    def generator(self, prompts: Sequence[Prompt]) -> Generator:
        return Generator(self._loaded, prompts)

    def seed(self, seed: int) -> None:
        seed_generators(seed)

    def reset_peak_memory(self) -> None:
        self._memory.reset_peak()

    def memory(self) -> dict[str, Any]:
        return self._memory.read()

    def further_metrics(self, totals: Totals) -> dict[str, Any]:
        return {"flops": self._flops(totals)}

    def close(self) -> None:
        end_compilers()

    def _flops(self, totals: Totals) -> dict[str, Any]:
        """A model whose shapes cannot be read must not cost the measurement that was made with it."""
        try:
            tokens = (totals.input_tokens, totals.output_tokens)
            time_ns = (totals.prefill_ns or 0) + (totals.decode_ns or 0)
            generation = self._loaded.generation
            decoding = Decoding(
                generation.use_cache is not False,
                generation.num_beams or 1,
                bool(generation.prompt_lookup_num_tokens),
            )
            return flops_facts(multiplied(self._loaded.model), totals.work, tokens, time_ns, decoding)
        except Exception as error:
            return {"total": None, "reason": messages.flops_unknown(describe(error))}
