"""torch.compile: a failure is a failure of the run, never a fall back to the model as it was."""

import copy
import sys
from typing import Any

from .adapted import without_adapter
from .settings import Settings

# Tokens and padding: another length makes lengths variable, padding brings a mask.
_PROMPTS = ((5, 0), (9, 0), (9, 2))
_NEW_TOKENS = 3
_MOST_VARIANTS = 64


def compile_model(model: Any, settings: Settings) -> dict[str, Any] | None:
    """Has the forward pass compiled when it is first run. Returns how, or None where nobody asks for it."""
    section = settings.section
    if not section.get("torch_compile"):
        return None
    import torch
    import torch._dynamo

    _let_nothing_fall_back(torch._dynamo.config)
    names = {"torch_compile_mode": "mode", "torch_compile_backend": "backend"}
    given = {names[key]: section[key] for key in names if key in section}
    inner = without_adapter(model)
    inner.forward = torch.compile(inner.forward, **given)
    return {"mode": given.get("mode", "default"), "backend": given.get("backend", "inductor")}


def _let_nothing_fall_back(config: Any) -> None:
    """Past its limit of variants torch would go on without compiling, and say so in the log only."""
    config.suppress_errors = False
    config.fail_on_recompile_limit_hit = True
    # Prefill and decode, with and without padding, at fixed and at any length come to more than the usual 8.
    config.recompile_limit = _MOST_VARIANTS


def compile_now(model: Any, generation: Any, device: Any, batch_size: int) -> None:
    """Generates a few tokens at several lengths: compiling is part of loading, not of the first request."""
    import torch

    lengths = copy.deepcopy(generation)
    lengths.max_new_tokens = lengths.min_new_tokens = _NEW_TOKENS
    for tokens, padding in _PROMPTS if batch_size > 1 else _PROMPTS[:2]:
        ids = torch.ones((batch_size, tokens), dtype=torch.long, device=device)
        mask = torch.ones_like(ids)
        mask[0, :padding] = 0
        with torch.inference_mode():
            model.generate(input_ids=ids, attention_mask=mask, generation_config=lengths)


def end_compilers() -> None:
    """Ends the processes that compiled kernels: left alone they outlive the run and count as leaked."""
    compiling = sys.modules.get("torch._inductor.async_compile")
    if compiling is None:
        return
    try:
        compiling.shutdown_compile_workers()
    except Exception:
        pass  # the runner ends what is left
