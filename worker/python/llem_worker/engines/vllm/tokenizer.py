"""The tokenizer that makes a run's prompts: that of transformers, whatever vLLM works with, so all engines get the same."""

from typing import Any

from transformers import AutoTokenizer, PreTrainedTokenizerBase
from vllm import LLM

from ...errors import WorkerError
from ...failures import describe
from . import messages


def tokenizer_of(llm: LLM) -> Any:
    """
    vLLM's own where it is one of transformers; with `tokenizer_mode: mistral` it is not, and the model's is loaded beside
    it. Raises WorkerError `tokenizer_missing`.
    """
    own = llm.get_tokenizer()
    if isinstance(own, PreTrainedTokenizerBase):
        return own
    config = llm.llm_engine.vllm_config.model_config
    try:
        return AutoTokenizer.from_pretrained(
            config.tokenizer,
            revision=config.tokenizer_revision,
            trust_remote_code=config.trust_remote_code,
        )
    except (OSError, ValueError, KeyError) as error:
        message = messages.tokenizer_missing(str(config.tokenizer), describe(error))
        raise WorkerError("tokenizer_missing", message) from error


def end_ids(tokenizer: Any, config: Any) -> frozenset[int]:
    """
    The tokens that end a text, by the model configuration of vLLM: those of the model's generation settings, else that
    of its tokenizer.
    """
    ids = (config.try_get_generation_config() or {}).get("eos_token_id")
    if ids is None:
        ids = tokenizer.eos_token_id
    return frozenset([ids] if isinstance(ids, int) else ids or [])
