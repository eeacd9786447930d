"""
Generates the same batch three ways in turns, in one process: as the worker measures it, by the worker without
its clock in the steps, and by plain model.generate. Prints the seconds of each round as one line of JSON, and
those that the process computed, which other work on the machine hardly touches.

    PYTHONPATH=worker/python python worker/python/plain/generation.py '{"model": ..., "rounds": 9, ...}'
"""

import json
import os
import sys
from copy import deepcopy
from time import perf_counter, process_time

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

from llem_worker.frames import Reporter
from llem_worker.outbox import Outbox
from llem_worker.engines.pytorch.generate import Generator
from llem_worker.engines.pytorch.loaded import Loaded
from llem_worker.measure import measure
from llem_worker.prompts import Prompt, beginning, synthetic_ids, text_tokens


def main(model: str, rounds: int, batch: int, input_tokens: int, output_tokens: int, threads: int) -> None:
    torch.set_num_threads(threads)
    loaded = load(model)
    prompts = make_prompts(loaded.tokenizer, batch, input_tokens, output_tokens)
    worker, clockless = Generator(loaded, prompts), Generator(loaded, prompts, timed=False)
    outbox = Outbox(Reporter(os.open(os.devnull, os.O_WRONLY), "token"))
    ways = {
        "worker": lambda: measure(worker, prompts, batch, None, outbox),
        "clockless": lambda: measure(clockless, prompts, batch, None, outbox),
        "plain": plain(loaded, prompts, output_tokens),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    cpu_times: dict[str, list[float]] = {name: [] for name in ways}
    for generate in ways.values():
        generate()
    for turn in range(rounds):
        names = list(ways)
        # Who goes first changes with every round.
        for name in names[turn % 3 :] + names[: turn % 3]:
            begin, cpu_begin = perf_counter(), process_time()
            ways[name]()
            times[name].append(perf_counter() - begin)
            cpu_times[name].append(process_time() - cpu_begin)
    print(json.dumps({"wall": times, "cpu": cpu_times}))


def load(model):
    read = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(model, padding_side="left")
    ends = read.generation_config.eos_token_id
    generation = GenerationConfig(do_sample=False, eos_token_id=ends, pad_token_id=tokenizer.pad_token_id)
    return Loaded(read, tokenizer, torch.device("cpu"), generation, {}, {})


def make_prompts(tokenizer, batch, input_tokens, output_tokens):
    text, bos = text_tokens(tokenizer, frozenset()), beginning(tokenizer)
    lists = [synthetic_ids(text, bos, input_tokens, 42, index) for index in range(batch)]
    return [Prompt(index, ids, output_tokens, output_tokens) for index, ids in enumerate(lists)]


def plain(loaded, prompts, output_tokens):
    ids = torch.tensor([prompt.token_ids for prompt in prompts])
    config = deepcopy(loaded.generation)
    config.max_new_tokens = config.min_new_tokens = output_tokens
    mask = torch.ones_like(ids)
    return lambda: loaded.model.generate(input_ids=ids, attention_mask=mask, generation_config=config)


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
