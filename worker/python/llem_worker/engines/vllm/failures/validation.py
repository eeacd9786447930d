"""The settings that vLLM's own checks refuse: pages of text, of which a line for each setting matters."""

import re

from ....errors import WorkerError
from . import messages
from .said import Said

# `max_num_seqs`, a line end, two spaces, the reason, and in brackets the kind of error and the value. A check of several
# fields names none.
_REFUSAL = re.compile(
    r"^(?:([\w.]+)\n)?  (?! )(?:Value error, |Assertion failed, )?(.*?) \[type=\w+, input_value=(.*?), input_type=(\w+)\]$",
    re.MULTILINE | re.DOTALL,
)
# Classes whose fields stand in a section of their own; those of the others are arguments of the engine.
_SECTIONS = {
    "AttentionConfig": "attention_config",
    "CompilationConfig": "compilation_config",
    "KVTransferConfig": "kv_transfer_config",
    "ProfilerConfig": "profiler_config",
    "SpeculativeConfig": "speculative_config",
    "StructuredOutputsConfig": "structured_outputs_config",
}
_ARGUMENTS = {"cache_dtype": "kv_cache_dtype", "policy": "scheduling_policy"}
_MOST_CHARACTERS = 500


def refused_settings(said: Said) -> WorkerError | None:
    """None where it is no such failure."""
    if said.kind != "ValidationError":
        return None
    owner = re.match(r"\d+ validation errors? for (\w+)", said.text)
    refusals = _REFUSAL.findall(said.text)
    if owner is None or not refusals:
        return None
    section = ".".join(filter(None, (messages.SECTION, _SECTIONS.get(owner.group(1)))))
    reasons = [_reason(section, *refusal) for refusal in refusals]
    return WorkerError("bad_setting", messages.setting_refused("; ".join(reasons)))


def _reason(section: str, field: str, reason: str, value: str, kind: str) -> str:
    text = " ".join(reason.split()).rstrip(".")
    if len(text) > _MOST_CHARACTERS:
        text = f"{text[:_MOST_CHARACTERS]} ... (and more)"
    if not field:
        return text
    return messages.value_refused(f"{section}.{_ARGUMENTS.get(field, field)}", value, text)
