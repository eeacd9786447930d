"""One run from beginning to end: import, load, warm up, measure, close."""

import gc
from time import monotonic
from typing import Any

from ..frames import Reporter
from ..idle import idle

# For a level that is only told, not subtracted; and to see after the measurement whether it has moved.
SHORT_IDLE_SECONDS = 10.0


def run(assignment: dict[str, Any], report: Reporter) -> None:
    """Sends every frame of a run, the result last but for the end of its closing. Raises what goes wrong."""
    began = monotonic()
    _import_engine()
    import_s = monotonic() - began
    from .devices import wants_cuda
    from .hello import hello

    cuda = wants_cuda(assignment["config"])
    report.send("hello", **hello(cuda))
    _run_engine(assignment, report, cuda, import_s)


def _import_engine() -> None:
    """transformers imports what it is made of when it is asked for; this asks for what every run needs."""
    import torch  # noqa: F401
    from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig  # noqa: F401


def _run_engine(assignment: dict[str, Any], report: Reporter, cuda: bool, import_s: float) -> None:
    from ..outbox import Outbox
    from .devices import cuda_indices, make_contexts
    from .generate import Generator, end_ids
    from .load import load
    from .measure import measure
    from .memory import MemoryWatch, touch_weights
    from .prompts import make_workload
    from .result import Costs, RunFacts, make_result
    from .seeding import seed
    from .warming import warm_up

    config = assignment["config"]
    baseline_s = config["baseline"]["duration_seconds"] if config["baseline"]["enabled"] and cuda else 0.0
    if baseline_s > 0:
        make_contexts()
        idle("context_idle", min(baseline_s, SHORT_IDLE_SECONDS), report)

    report.phase("load", "begin")
    began = monotonic()
    loaded = load(assignment, report)
    touch_weights(loaded.model)
    gpus = cuda_indices(loaded.model)
    memory = MemoryWatch(loaded.model, gpus)
    load_s = monotonic() - began
    report.phase("load", "end")

    workload = make_workload(assignment, loaded.tokenizer, end_ids(loaded))
    prompts = workload.prompts
    _note_long_requests(prompts, loaded.model.config, report)
    batch_size = (config.get("pytorch") or {}).get("batch_size") or 1
    generator = Generator(loaded, prompts)
    outbox = Outbox(report)
    # Collecting garbage walks over all that was made while loading, again and again; none of it ever is garbage.
    gc.collect()
    gc.freeze()

    idle_s = baseline_s if gpus else 0.0
    if idle_s > 0:
        idle("loaded_idle", idle_s, report)
    # Right before the measurement: whatever is waited for after a warm-up lets clocks and temperature fall.
    warmup = warm_up(generator, prompts, batch_size, config["warmup"], outbox) if config["warmup"]["enabled"] else None
    memory.reset_peak()
    seed(assignment)
    measured = measure(generator, prompts, batch_size, config["measure"]["min_seconds"], outbox)
    if idle_s > 0:
        idle("loaded_idle", min(idle_s, SHORT_IDLE_SECONDS), report)

    report.phase("close", "begin")
    costs = Costs(import_s, load_s)
    facts = RunFacts(loaded, generator, measured, memory, warmup, costs, batch_size, workload.cut)
    # Before anything is freed: what goes wrong in there must not cost the result.
    report.send("result", **make_result(facts))
    report.phase("close", "end")


def _note_long_requests(prompts: list[Any], model_config: Any, report: Reporter) -> None:
    most = getattr(model_config.get_text_config(), "max_position_embeddings", None)
    longest = max(len(prompt.token_ids) + prompt.max_output for prompt in prompts)
    if isinstance(most, int) and longest > most:
        text = f"a request takes {longest} tokens, prompt and output together; the model was made for {most} at most"
        report.note("warning", text, "context_exceeded")
