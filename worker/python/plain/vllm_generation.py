"""
Generates the same requests again and again, one way: as the worker measures them, or by plain LLM.generate. It waits
for a line on stdin before each round and answers with the seconds of the round, so that two of these processes can
take turns on one machine.

    PYTHONPATH=worker/python python worker/python/plain/vllm_generation.py worker '{"model": ..., "batch": 4, ...}'
"""

import json
import os
import sys
from time import perf_counter, process_time
from typing import Any

# Whatever the engine prints goes to stderr.
ANSWERS_FD = os.dup(1)
os.dup2(2, 1)

os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"
os.environ["VLLM_LOGGING_LEVEL"] = "ERROR"

from vllm import LLM, SamplingParams  # noqa: E402
from vllm.inputs import TokensPrompt  # noqa: E402

from llem_worker.frames import Reporter  # noqa: E402
from llem_worker.measure import measure  # noqa: E402
from llem_worker.outbox import Outbox  # noqa: E402
from llem_worker.prompts import Prompt, beginning, synthetic_ids, text_tokens  # noqa: E402


def main(way: str, settings: dict[str, Any]) -> None:
    llm = LLM(model=settings["model"], **settings["engine"], **FURTHER[way])
    prompts = make_prompts(llm, settings)
    generate = WAYS[way](llm, prompts, settings)
    generate()
    answer({"ready": True})
    for _ in sys.stdin:
        begin, cpu_begin = perf_counter(), process_time()
        generate()
        answer({"wall_s": perf_counter() - begin, "cpu_s": process_time() - cpu_begin})


def answer(value: dict[str, Any]) -> None:
    os.write(ANSWERS_FD, json.dumps(value).encode() + b"\n")


def make_prompts(llm: LLM, settings: dict[str, Any]) -> list[Prompt]:
    tokenizer = llm.get_tokenizer()
    text, bos = text_tokens(tokenizer, frozenset()), beginning(tokenizer)
    inputs, outputs = settings["input_tokens"], settings["output_tokens"]
    lists = [synthetic_ids(text, bos, inputs, 42, index) for index in range(settings["batch"])]
    return [Prompt(index, ids, outputs, outputs) for index, ids in enumerate(lists)]


def by_worker(llm: LLM, prompts: list[Prompt], settings: dict[str, Any]):
    from llem_worker.engines.vllm.generate import Generator
    from llem_worker.engines.vllm.names import installed_names
    from llem_worker.engines.vllm.settings import read_settings
    from llem_worker.engines.vllm.tokenizer import end_ids, tokenizer_of

    own = read_settings(settings["config"], installed_names(), os.getcwd())
    ends = end_ids(tokenizer_of(llm), llm.llm_engine.vllm_config.model_config)
    generator = Generator(llm, own, ends)
    outbox = Outbox(Reporter(os.open(os.devnull, os.O_WRONLY), "token"))
    return lambda: measure(generator, prompts, len(prompts), None, outbox)


def plain(llm: LLM, prompts: list[Prompt], settings: dict[str, Any]):
    ids = [TokensPrompt(prompt_token_ids=prompt.token_ids) for prompt in prompts]
    tokens = settings["output_tokens"]
    params = SamplingParams(
        temperature=0, max_tokens=tokens, min_tokens=tokens, ignore_eos=True, detokenize=False
    )
    return lambda: llm.generate(ids, params, use_tqdm=False)


WAYS = {"worker": by_worker, "plain": plain}
# The worker asks for the engine's own times; LLM leaves them out unless it is told otherwise.
FURTHER: dict[str, dict[str, Any]] = {"worker": {"disable_log_stats": False}, "plain": {}}

if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
