"""torch.compile: a failure is a failure of the run, never a fall back to the model as it was."""

from typing import Any

from .adapted import without_adapter
from .settings import Settings

_FIRST_PROMPT_TOKENS = (5, 9)
_NEW_TOKENS = 3


def compile_model(model: Any, settings: Settings) -> dict[str, Any] | None:
    """Has the model's forward pass compiled when it is first run. Returns how, or None where it is not asked for."""
    section = settings.section
    if not section.get("torch_compile"):
        return None
    import torch
    import torch._dynamo

    # Past these limits torch would go on without compiling, and say so in the log only.
    torch._dynamo.config.suppress_errors = False
    torch._dynamo.config.fail_on_recompile_limit_hit = True
    names = {"torch_compile_mode": "mode", "torch_compile_backend": "backend"}
    given = {names[key]: section[key] for key in names if key in section}
    inner = without_adapter(model)
    inner.forward = torch.compile(inner.forward, **given)
    return {"mode": given.get("mode", "default"), "backend": given.get("backend", "inductor")}


def compile_now(model: Any, generation: Any, device: Any, batch_size: int) -> None:
    """Generates a few tokens twice, so that compiling is part of loading and not of the first measured request."""
    import torch

    settings = generation.__class__(**{**generation.to_dict(), "max_new_tokens": _NEW_TOKENS})
    settings.min_new_tokens = _NEW_TOKENS
    for tokens in _FIRST_PROMPT_TOKENS:
        ids = torch.ones((batch_size, tokens), dtype=torch.long, device=device)
        with torch.inference_mode():
            model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), generation_config=settings)
