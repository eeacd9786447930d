"""One run from beginning to end, whatever the engine: import, load, warm up, measure, close."""

import gc
import traceback
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

from .engine import Engine, LoadedModel
from .frames import Reporter
from .gate import pass_gate
from .hello import hello
from .idle import idle
from .measure import measure
from .outbox import Outbox
from .prompts import Prompt, make_workload
from .result import Costs, RunFacts, make_result
from .warming import warm_up
from . import messages

# For a level that is only told, not subtracted; and to see after the measurement whether it has moved.
SHORT_IDLE_SECONDS = 10.0


def run_engine(engine: Engine, assignment: dict[str, Any], report: Reporter) -> None:
    """Sends every frame of a run, the result last but for the end of its closing. Raises what goes wrong."""
    began = monotonic()
    engine.import_packages()
    # None of what was imported ever is garbage: libraries that collect while they load would walk over all of it.
    gc.freeze()
    import_s = monotonic() - began
    _greet(engine, assignment["config"], report)
    try:
        _run_model(engine, assignment, report, import_s)
    finally:
        _attempt(engine.clean_up)


def _greet(engine: Engine, config: dict[str, Any], report: Reporter) -> None:
    """Says hello, then lets the GPUs idle with nothing but a context where their baseline is asked for."""
    report.send("hello", **hello(engine.backend, engine.versions(), engine.devices()))
    if config["baseline"]["enabled"] and engine.hold_devices():
        idle("context_idle", min(config["baseline"]["duration_seconds"], SHORT_IDLE_SECONDS), report)


def _run_model(engine: Engine, assignment: dict[str, Any], report: Reporter, import_s: float) -> None:
    config = assignment["config"]
    model, load_s = _load(engine, report)
    workload = make_workload(assignment, model.tokenizer, model.end_ids, model.vocabulary)
    prompts = workload.prompts
    _note_long_requests(prompts, model.context_length, report)
    generator = model.generator(prompts)
    outbox = Outbox(report)
    # The collector walks over all that loading made, again and again; none of it ever is garbage.
    gc.collect()
    gc.freeze()

    pass_gate(assignment, report)
    # What a loaded GPU draws without work is another level than that of an empty one. Behind the gate: nobody else measures.
    baseline = config["baseline"]
    idle_s = baseline["duration_seconds"] if baseline["enabled"] and model.on_gpus else 0.0
    if idle_s > 0:
        idle("loaded_idle", idle_s, report)
    batch_size = model.batch_size or len(prompts)
    # Right before the measurement: whatever is waited for after a warm-up lets clocks and temperature fall.
    warmth = config["warmup"]
    at_once = model.batch_size or min(len(prompts), model.concurrent or len(prompts))
    warmup = warm_up(generator, prompts, at_once, warmth, outbox) if warmth["enabled"] else None
    model.reset_peak_memory()
    model.seed(config["random_seed"])
    measured = measure(generator, prompts, batch_size, config["measure"]["min_seconds"], outbox)
    if idle_s > 0:
        idle("loaded_idle", min(idle_s, SHORT_IDLE_SECONDS), report)

    report.phase("close", "begin")
    facts = RunFacts(model, measured, warmup, Costs(import_s, load_s), workload)
    # Before anything is freed: what goes wrong in there must not cost the result.
    report.send("result", **make_result(facts, report))
    _attempt(model.close)
    report.phase("close", "end")


def _attempt(end: Callable[[], None]) -> None:
    """What fails at the end of a run takes nothing from a result that is out, nor from the failure that ended it."""
    try:
        end()
    except Exception:
        traceback.print_exc()


def _load(engine: Engine, report: Reporter) -> tuple[LoadedModel, float]:
    """The model, and how long it took (s)."""
    load = engine.loader()
    report.phase("load", "begin")
    began = monotonic()
    model = load(report)
    load_s = monotonic() - began
    report.phase("load", "end")
    return model, load_s


def _note_long_requests(prompts: Sequence[Prompt], most: int | None, report: Reporter) -> None:
    longest = max(len(prompt.token_ids) + prompt.max_output for prompt in prompts)
    if most is not None and longest > most:
        report.note("warning", messages.beyond_context(longest, most), "context_exceeded")
