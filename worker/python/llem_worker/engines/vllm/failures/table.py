"""vLLM's own words for what goes wrong, and the names and messages that stand for them."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ....errors import WorkerError
from ..releases import installed_release
from . import messages
from .said import Said

_Match = re.Match[str]


@dataclass(frozen=True)
class _Row:
    pattern: str
    """Searched in `kind: text`; a dot fits a line end as well."""
    error_type: str
    message: Callable[[_Match], str]
    retryable: bool = False


def look_up(said: Said) -> WorkerError | None:
    """The first row that fits; None where none does."""
    text = f"{said.kind}: {said.text}"
    for row in _ROWS:
        found = re.search(row.pattern, text, re.DOTALL)
        if found is not None:
            return WorkerError(row.error_type, row.message(found), row.retryable)
    return None


def _release() -> str:
    return installed_release() or ""


def _text(message: Callable[[], str]) -> Callable[[_Match], str]:
    return lambda _: message()


def _groups(message: Callable[..., str]) -> Callable[[_Match], str]:
    """A message of all that the pattern finds; of a group that is not there, None."""
    return lambda found: message(*found.groups())


def _line(found: _Match) -> str:
    """What a row marked of the text, in one line without a full stop."""
    return " ".join(found.group(1).split()).rstrip(".")


def _kv_cache(found: _Match) -> str:
    length, need, have, longest = found.groups()
    # Small models are told in GiB as well: 0.0 and 0.0.
    return messages.kv_cache_too_small(length, None if need == have else (need, have), longest)


def _precision(found: _Match) -> str:
    names = {"float32": "fp32", "float16": "fp16", "bfloat16": "bf16"}
    dtype, method, supported = found.groups()
    choice = [names[name] for name in re.findall(r"float32|bfloat16|float16", supported)]
    return messages.precision_without_quantisation(names.get(dtype, dtype), method, ", ".join(choice))


def _busy_gpu(found: _Match) -> str:
    device, free, total, share, wanted = found.groups()
    return messages.gpu_partly_free(device or "", free, total, share, wanted)


# From the specific to the general.
_ROWS = (
    _Row(
        r"Free memory on device (?:(\S+) )?\(([\d.]+)/([\d.]+) GiB\) on startup is less than desired GPU memory "
        r"utilization \(([\d.]+), ([\d.]+) GiB\)",
        "gpu_busy",
        _busy_gpu,
        retryable=True,
    ),
    _Row(
        r"Error in memory profiling\. Initial free memory ([\d.]+)(?: GiB)?, current free memory ([\d.]+)",
        "gpu_busy",
        _groups(messages.gpu_memory_changed),
        retryable=True,
    ),
    _Row(
        r"max seq len \((\d+)\), \(?([\d.]+) GiB KV cache is needed, which is larger than the available KV cache "
        r"memory \(([\d.]+) GiB\)(?:.*?estimated maximum model length is (\d+))?",
        "kv_cache_too_small",
        _kv_cache,
    ),
    _Row(
        r"max seq len \((\d+)\) is larger than the maximum number of tokens that can be stored in KV cache \((\d+)\)",
        "kv_cache_too_small",
        lambda found: messages.kv_cache_too_small(found.group(1), None, found.group(2)),
    ),
    _Row(
        r"No available memory for the cache blocks|Cannot auto-fit max_model_len",
        "kv_cache_too_small",
        _text(messages.no_kv_cache),
    ),
    _Row(
        r"Available memory on node \d+ \(([\d.]+)/([\d.]+) GiB\) on kv cache allocation is less than requested memory "
        r"for kv \(([\d.]+) GiB\)",
        "out_of_memory",
        _groups(messages.no_memory_for_kv_cache),
    ),
    _Row(
        r"User-specified max_model_len \((\d+)\) is greater than(?:.*?\(\w+=(\d+))?",
        "bad_setting",
        _groups(messages.length_beyond_model),
    ),
    _Row(
        r"attention heads \((\d+)\)\s+must be divisible by tensor parallel size\s*\((\d+)\)",
        "bad_setting",
        _groups(messages.heads_not_divisible),
    ),
    _Row(
        r"World size \((\d+)\) is larger than the number of\s+available GPUs \((\d+)\)",
        "too_few_gpus",
        _groups(messages.too_few_gpus),
    ),
    _Row(
        r"max_num_batched_tokens \((\d+)\) is smaller than max_model_len \((\d+)\)",
        "bad_setting",
        _groups(messages.batch_below_length),
    ),
    _Row(r"No common block size for (\d+) \((.*)\)", "bad_setting", _groups(messages.no_common_block_size)),
    _Row(
        r"Bfloat16 is only supported on GPUs with compute capability of at least 8\.0\. (Your .*?)\. You can",
        "unsupported_setting",
        _groups(messages.no_bf16),
    ),
    _Row(
        r"torch\.(\w+) is not supported for quantization method (\S+)\. Supported dtypes: \[(.*?)\]",
        "bad_setting",
        _precision,
    ),
    _Row(
        r"(Cannot find any of \[.*?\] in the model's quantization config)",
        "model_failed",
        lambda found: messages.config_not_accepted(_line(found)),
    ),
    _Row(r"Cannot find the config file for (\w+)", "bad_setting", _groups(messages.model_not_quantised)),
    _Row(
        r"Unknown quantization method: (\S+)\.(?: Must be one of \[(.*?)\])?",
        "unsupported_setting",
        lambda found: messages.quantisation_unknown(
            found.group(1), _release(), found.group(2) and found.group(2).replace("'", "")
        ),
    ),
    _Row(
        r"(FP8 KV cache on CPU requires[^.]*"
        r"|[Tt]he quantization method \S+ is not supported for the current GPU.*?Current capability: \d+"
        r"|\S+ quantization is currently not supported in .*?)\.",
        "unsupported_setting",
        lambda found: messages.not_on_this_hardware(_line(found)),
    ),
    _Row(
        r"_C\w*::(\w+)(?:\(\) expected at most 0 argument|' with arguments from)",
        "unsupported_setting",
        lambda found: messages.not_on_this_hardware(messages.no_kernel(found.group(1))),
    ),
    _Row(
        r"LLM\(data_parallel_size=(\d+)\) is not supported",
        "unsupported_setting",
        _groups(messages.no_data_parallel),
    ),
    _Row(
        r"(?:EngineArgs|LLM)\.__init__\(\) got an unexpected keyword argument '(\w+)'",
        "unsupported_setting",
        lambda found: messages.no_such_argument(found.group(1), _release()),
    ),
    _Row(
        r"Field '(\w+)' not found in (\w+)",
        "unsupported_setting",
        lambda found: messages.no_such_field(found.group(1), found.group(2), _release()),
    ),
    _Row(
        r"(Unknown attention backend: .*?|Load format .\w+. is not supported)(?: \[type=|$)",
        "bad_setting",
        lambda found: messages.setting_refused(_line(found)),
    ),
    _Row(
        r"(Unable to configure (?:handler|formatter|filter|logger|root) ?\S*)",
        "bad_setting",
        lambda found: messages.logging_refused(_line(found)),
    ),
    _Row(
        r"(No tokenizer registered for tokenizer_mode=\S+|Invalid logits processor FQCN '.*?')",
        "bad_setting",
        lambda found: messages.setting_refused(_line(found)),
    ),
    _Row(
        r"GatedRepoError|access a gated repo|access to model \S+ is restricted",
        "model_gated",
        lambda found: messages.model_gated(_repository(found.string)),
    ),
    _Row(
        r"RepositoryNotFoundError|is not a valid model identifier",
        "model_not_found",
        lambda found: messages.no_repository(_repository(found.string)),
    ),
    _Row(
        r"40[13] Client Error",
        "model_gated",
        lambda found: messages.model_gated(_repository(found.string)),
    ),
    _Row(
        r"LocalEntryNotFoundError|OfflineModeIsEnabled|outgoing traffic has been disabled"
        r"|[Cc]ouldn't connect to 'https?://",
        "model_not_cached",
        _text(messages.model_not_cached),
    ),
    _Row(
        r"Invalid repository ID or local directory specified: '(.*?)'"
        r"|HFValidationError: Repo id .*?: '(.*?)'",
        "model_not_found",
        lambda found: messages.no_model(found.group(1) or found.group(2)),
    ),
    _Row(
        r"contains custom code which must be executed|trust_remote_code=True",
        "remote_code",
        _text(messages.remote_code_not_allowed),
    ),
    _Row(
        r"model type [`'](\S+)[`'] but Transformers does not recognize"
        r"|Model architectures \['?(.*?)'?\] (?:are not supported|failed to be inspected)",
        "unsupported_model",
        lambda found: messages.architecture_unknown(found.group(1) or found.group(2), _release()),
    ),
    _Row(
        r"Unrecognized model in", "unsupported_model", lambda _: messages.architecture_unknown(None, _release())
    ),
    _Row(r"does not support generation", "unsupported_model", _text(messages.not_generative)),
    _Row(
        r"Unsupported CPU attention configuration: head_dim=(\d+)",
        "unsupported_model",
        _groups(messages.head_width_without_kernel),
    ),
    _Row(r"Cannot find any model weights with `(.*?)`", "model_failed", _groups(messages.no_weights)),
    _Row(r"SafetensorError: (.*)", "model_failed", lambda found: messages.weights_damaged(_line(found))),
    _Row(
        r"(It looks like the config file at .*? is not a valid JSON file)",
        "model_failed",
        lambda found: messages.config_damaged(_line(found)),
    ),
    _Row(
        r"(Following weights were not initialized from checkpoint: .{1,200})",
        "model_failed",
        lambda found: messages.weights_do_not_fit(_line(found)),
    ),
    _Row(r"Couldn't instantiate the backend tokenizer", "tokenizer_missing", _text(messages.tokenizer_missing)),
    _Row(r"No adapter found for (\S+)", "adapter_not_found", _groups(messages.adapter_missing)),
    _Row(
        r"maximum context length is (\d+)(?:.*?prompt contains (?:at least )?(\d+))?",
        "prompt_too_long",
        lambda found: messages.prompt_too_long(found.group(2), found.group(1)),
    ),
    _Row(
        r"decoder prompt \(length (\d+)\) plus .*? is longer than the maximum model length of (\d+)",
        "prompt_too_long",
        _groups(messages.prompt_too_long),
    ),
    _Row(
        r"(Token id -?\d+ is out of vocabulary|[Tt]he \w+ prompt cannot be empty|min_tokens must be [^.(]*)",
        "bad_request",
        lambda found: messages.request_refused(_line(found)),
    ),
)


def _repository(text: str) -> str | None:
    """The repository that a text of the hub is about."""
    found = re.search(r"https?://[^/\s]+/(?:api/models/)?([\w.-]+/[\w.-]+)/", text) or re.search(
        r"access to model (\S+) is restricted", text
    )
    return None if found is None else found.group(1)
