"""Reads a model and its tokenizer with transformers."""

import re
from typing import Any

from ...config import DTYPES
from ...errors import WorkerError
from ...failures import describe
from ...frames import Reporter
from ...model_source import ModelSource
from ...prompts import beginning
from .failures import name_torch_failure
from .last_warning import LastWarning
from .placement import placement_arguments
from .quantisation import gguf_arguments, quantisation_arguments
from .releases import begins_gguf_texts
from .settings import Settings
from . import messages


def read_tokenizer(source: ModelSource, settings: Settings) -> Any:
    """The model's tokenizer; pads on the left."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(source.name, **source.arguments(), **_trust(settings))
    except (OSError, ValueError) as error:
        raise _unreadable("tokenizer", source, error) from error
    # The last token of every prompt must be the last one of its row: what follows is generated.
    tokenizer.padding_side = "left"
    return tokenizer


def note_beginning(tokenizer: Any, source: ModelSource, report: Reporter) -> None:
    """Tells of a token in front of every prompt that the GGUF file did not ask for: then another engine has none there."""
    if source.gguf_file and begins_gguf_texts() and beginning(tokenizer) is not None:
        report.note("warning", messages.begins_with_token(tokenizer.bos_token), "gguf_beginning")


def give_padding(tokenizer: Any, known: int | None, report: Reporter) -> None:
    """
    A token to pad with, where the tokenizer has none or one that the model does not know (it knows those
    below `known`). Attention leaves it out, so any does.
    """
    if _is_known(tokenizer.pad_token_id, known):
        return
    if _is_known(tokenizer.eos_token_id, known):
        tokenizer.pad_token = tokenizer.eos_token
        return
    tokenizer.pad_token = tokenizer.convert_ids_to_tokens(0)
    report.note("info", messages.pads_with_first_token(), "padding")


def _is_known(id: int | None, known: int | None) -> bool:
    return id is not None and (known is None or id < known)


def read_model(
    source: ModelSource, config: dict[str, Any], settings: Settings, run_dir: str, report: Reporter
) -> Any:
    """The model where and how the settings say, in evaluation mode."""
    from transformers import AutoModelForCausalLM

    arguments = _arguments(source, config, settings, run_dir)
    warnings = LastWarning()
    try:
        with warnings:
            model, info = AutoModelForCausalLM.from_pretrained(
                source.name, output_loading_info=True, **arguments
            )
    except TypeError as error:
        _refuse_untaken(error, settings)
        raise
    except RuntimeError as error:
        if "the above report" not in str(error):
            raise
        # What went wrong with a weight, be it a GPU's memory, is said there and nowhere else.
        reported = RuntimeError(warnings.text)
        raise name_torch_failure(reported) or _unreadable("model", source, reported) from error
    except (OSError, ValueError) as error:
        if "Unrecognized configuration class" in str(error):
            raise _no_language_model(source, str(error)) from error
        raise _unreadable("model", source, error) from error
    except Exception as error:
        if type(error).__name__ != "SafetensorError":
            raise
        raise _unreadable("model", source, error) from error
    _note_missing(info, source, report)
    return model


def _arguments(
    source: ModelSource, config: dict[str, Any], settings: Settings, run_dir: str
) -> dict[str, Any]:
    import torch

    section = settings.section
    names = ("attn_implementation",)
    return {
        **source.arguments(),
        **_trust(settings),
        **{name: section[name] for name in names if name in section},
        **placement_arguments(settings, run_dir),
        **(gguf_arguments(settings) if source.gguf_file else quantisation_arguments(settings)),
        "dtype": getattr(torch, DTYPES[config["precision"]]),
        **settings.loading,
    }


def _trust(settings: Settings) -> dict[str, Any]:
    # False written out: left open, transformers would ask on a terminal.
    return {"trust_remote_code": settings.section.get("trust_remote_code", False) is True}


def _note_missing(info: dict[str, Any], source: ModelSource, report: Reporter) -> None:
    """Weights that the files lack are random: speed and energy stay what they are, the texts do not."""
    missing = sorted(str(key) for key in info.get("missing_keys") or ())
    if missing:
        text = messages.weights_missing(source.name, len(missing), missing[0])
        report.note("warning", text, "missing_weights")


def _refuse_untaken(error: TypeError, settings: Settings) -> None:
    named = re.search(r"unexpected keyword argument '(\w+)'", str(error))
    if named is None or named.group(1) not in settings.loading:
        return
    raise WorkerError("bad_setting", messages.setting_unknown(named.group(1))) from error


def _no_language_model(source: ModelSource, said: str) -> WorkerError:
    kind = re.search(r"<class '(?:[\w-]+\.)*(\w+?)(?:Config)?'>", said)
    name = kind.group(1) if kind else None
    return WorkerError("unsupported_model", messages.no_language_model(source.name, name))


def _unreadable(what: str, source: ModelSource, error: Exception) -> WorkerError:
    if "trust_remote_code" in str(error):
        return WorkerError("remote_code", messages.remote_code_not_allowed(what, source.name))
    return WorkerError("model_failed", messages.not_loadable(what, source.name, describe(error)))
