"""One run from beginning to end: import, load, warm up, measure, close."""

import gc
from time import monotonic
from typing import Any

from ...frames import Reporter
from ...idle import idle

# For a level that is only told, not subtracted; and to see after the measurement whether it has moved.
SHORT_IDLE_SECONDS = 10.0


def run(assignment: dict[str, Any], report: Reporter) -> None:
    """Sends every frame of a run, the result last but for the end of its closing. Raises what goes wrong."""
    began = monotonic()
    _import_engine()
    import_s = monotonic() - began
    _greet(assignment["config"], report)
    from .placement import remove_offloaded

    try:
        _run_engine(assignment, report, import_s)
    finally:
        remove_offloaded(assignment["run_dir"])


def _import_engine() -> None:
    """transformers imports what it is made of when it is asked for; this asks for what every run needs."""
    from .releases import check_releases

    check_releases()
    import torch  # noqa: F401
    from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel  # noqa: F401


def _greet(config: dict[str, Any], report: Reporter) -> None:
    """Says hello, then lets the GPUs idle with nothing but a context where their baseline is asked for."""
    from .devices import make_contexts, wants_cuda
    from .hello import hello

    cuda = wants_cuda(config)
    report.send("hello", **hello(cuda))
    if cuda and config["baseline"]["enabled"]:
        make_contexts()
        idle("context_idle", min(config["baseline"]["duration_seconds"], SHORT_IDLE_SECONDS), report)


def _run_engine(assignment: dict[str, Any], report: Reporter, import_s: float) -> None:
    from ...outbox import Outbox
    from .adapted import known_tokens
    from .compile import end_compilers
    from .generate import Generator, end_ids
    from .measure import measure
    from .prompts import make_workload
    from .result import Costs, RunFacts, make_result
    from .seeding import seed
    from .warming import warm_up

    config = assignment["config"]
    loaded, memory, load_s = _load(assignment, report)
    workload = make_workload(assignment, loaded.tokenizer, end_ids(loaded), known_tokens(loaded.model))
    prompts = workload.prompts
    _note_long_requests(prompts, loaded.model.config, report)
    batch_size = (config["pytorch"] or {}).get("batch_size") or 1
    generator = Generator(loaded, prompts)
    outbox = Outbox(report)
    # The collector walks over all that loading made, again and again; none of it ever is garbage.
    gc.collect()
    gc.freeze()

    # What a loaded GPU draws without work is another level than that of an empty one.
    baseline = config["baseline"]
    idle_s = baseline["duration_seconds"] if baseline["enabled"] and memory.gpus else 0.0
    if idle_s > 0:
        idle("loaded_idle", idle_s, report)
    # Right before the measurement: whatever is waited for after a warm-up lets clocks and temperature fall.
    warmth = config["warmup"]
    warmup = warm_up(generator, prompts, batch_size, warmth, outbox) if warmth["enabled"] else None
    memory.reset_peak()
    seed(assignment)
    measured = measure(generator, prompts, batch_size, config["measure"]["min_seconds"], outbox)
    if idle_s > 0:
        idle("loaded_idle", min(idle_s, SHORT_IDLE_SECONDS), report)

    report.phase("close", "begin")
    costs = Costs(import_s, load_s)
    facts = RunFacts(loaded, generator, measured, memory, warmup, costs, batch_size, workload)
    # Before anything is freed: what goes wrong in there must not cost the result.
    report.send("result", **make_result(facts))
    end_compilers()
    report.phase("close", "end")


def _load(assignment: dict[str, Any], report: Reporter) -> tuple[Any, Any, float]:
    """The model, a watch on its memory, and how long it took (s)."""
    from .devices import cuda_indices
    from .load import load
    from .memory import MemoryWatch, touch_weights

    report.phase("load", "begin")
    began = monotonic()
    loaded = load(assignment, report)
    touch_weights(loaded.model)
    gpus = cuda_indices(loaded.model)
    memory = MemoryWatch(loaded.model, gpus)
    load_s = monotonic() - began
    report.phase("load", "end")
    return loaded, memory, load_s


def _note_long_requests(prompts: list[Any], model_config: Any, report: Reporter) -> None:
    most = getattr(model_config.get_text_config(), "max_position_embeddings", None)
    longest = max(len(prompt.token_ids) + prompt.max_output for prompt in prompts)
    if isinstance(most, int) and longest > most:
        text = f"a request takes {longest} tokens, prompt and output; the model was made for {most} at most"
        report.note("warning", text, "context_exceeded")
