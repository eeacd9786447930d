/** How finished requests are judged, on outputs that a real engine does not give at will. Needs no vLLM. */
import assert from "node:assert/strict";
import type { JsonObject } from "../../../../lib/base/json.ts";
import { PYTHON_FOLDER } from "../../../support/python_forks.ts";
import { testPython } from "../../../support/python_worker.ts";

/** A request as the loop leaves it: texts of tokens, each with the time (ns) at which it was there. */
interface Given {
  readonly texts: readonly (readonly (readonly [number, number])[])[];
  readonly prompt?: readonly number[];
  /** Tokens of the prompt that each text took from the prefix cache. */
  readonly cached?: readonly number[];
  /** How often it was put back; a release may not tell. */
  readonly preemptions?: number;
  readonly reason?: string;
  readonly lengths?: readonly [least: number, most: number];
  /** The engine's stamps in s: queued, scheduled, first token, last token. Those that are left out it does not keep. */
  readonly stamps?: readonly number[];
}

const PROGRAM = `
import json, sys
from types import SimpleNamespace
from llem_worker.errors import WorkerError
from llem_worker.prompts import Prompt
from llem_worker import engine_clock
from llem_worker.engines.vllm import observed
from llem_worker.engines.vllm.running import Rules, Running, Text, ended

def running(index, given):
    least, most = given.get("lengths", [0, 8])
    prompt = Prompt(index, [1, 5, 6], most, least)
    stamps = given.get("stamps")
    names = ("queued_ts", "scheduled_ts", "first_token_ts", "last_token_ts")
    metrics = None if stamps is None else SimpleNamespace(**dict(zip(names, stamps)))
    if "preemptions" in given:
        metrics.num_preemptions = given["preemptions"]
    def output(index):
        return SimpleNamespace(
            prompt_token_ids=given.get("prompt", prompt.token_ids),
            num_cached_tokens=given.get("cached", [0] * len(given["texts"]))[index],
            metrics=metrics,
        )
    texts = [
        Text([token for token, _ in text], [time for _, time in text], text[-1][1], given.get("reason", "length"), output(index))
        for index, text in enumerate(given["texts"])
    ]
    return Running(prompt, 100, texts)

def done(request, rules):
    try:
        found = ended(request, rules)
        return [found.tokens, found.times_ns, found.computed, found.further, found.end_ns, found.of_engine]
    except WorkerError as error:
        return [error.error_type, error.message]

given = json.loads(sys.argv[1])
requests = [running(index, request) for index, request in enumerate(given["requests"])]
batch = observed.observe(requests)
rules = Rules(frozenset([9]), 16, given.get("wants_cache", False))
print(json.dumps({
    "prefill_end_ns": batch.prefill_end_ns,
    "clock": engine_clock.clock_facts([batch.clock]),
    "implausible_ms": engine_clock.implausible_difference_ms([batch.clock]),
    "cache": observed.cache_facts([batch], True, 3 * len(requests)),
    "requests": [done(request, rules) for request in requests],
}))
`;

function judged(requests: readonly Given[], more: JsonObject = {}): JsonObject {
  const given = JSON.stringify({ requests, ...more });
  const { success, stdout } = new Deno.Command(testPython(), {
    args: ["-c", PROGRAM, given],
    env: { PYTHONPATH: PYTHON_FOLDER },
    stderr: "inherit",
  }).outputSync();
  assert.ok(success);
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("vllm: prefill is a phase where no second token comes before the last first one", () => {
  const end = (...texts: readonly (readonly number[])[]): unknown =>
    judged(texts.map((times) => ({ texts: [times.map((time) => [4, time] as const)] })))["prefill_end_ns"];
  assert.equal(end([200, 300], [200, 300, 400]), 200);
  // One waited for a place, and the other was decoded beside its prefill.
  assert.equal(end([200, 300, 400], [300, 400]), null);
  // It waited for a text that had ended with its first token: nothing was decoded.
  assert.equal(end([200], [300, 400]), 300);
  // Guesses gave several tokens with the first one.
  assert.equal(end([200, 200, 300]), null);
  // One was put back, and its prompt computed again beside the tokens of others.
  const texts = [[[4, 200], [4, 300]]] as const;
  const putBack = (preemptions: number): unknown =>
    judged([{ texts, stamps: [1, 2, 3, 4], preemptions }])["prefill_end_ns"];
  assert.deepEqual([putBack(0), putBack(1)], [200, null]);
});

Deno.test("vllm: a prompt counts once among the cached ones, however many texts were made of it", () => {
  const texts = [[[4, 200]], [[4, 200]]] as const;
  const requests = [{ texts, cached: [0, 2] }, { texts, cached: [2, 2] }];
  const { cache } = judged(requests, { wants_cache: true });
  assert.deepEqual(cache, { enabled: true, cached_tokens: 2, cached_share: 2 / 6, requests_hit: 1 });
});

Deno.test("vllm: the token that ends a text is computed and no text; a text may be nothing but its end", () => {
  const { requests } = judged([
    { texts: [[[4, 200], [5, 300], [9, 400]]], reason: "stop" },
    { texts: [[[9, 200]]], reason: "stop" },
    // Releases that look at the length first say so of an end at the last place.
    { texts: [[[4, 200], [9, 300]]], lengths: [0, 2] },
    { texts: [[[4, 200], [4, 300]], [[5, 200], [9, 400]]] },
  ]);
  assert.ok(Array.isArray(requests));
  assert.deepEqual(requests.map((request) => Array.isArray(request) ? request.slice(0, 5) : null), [
    [[4, 5], [200, 300], 3, [], 400],
    [[], [], 1, [], 200],
    [[4], [200], 2, [], 300],
    [[4, 4], [200, 300], 2, [[5]], 400],
  ]);
});

Deno.test("vllm: a request of other work than it was given fails the run, and says which", () => {
  const failure = (request: Given, more: JsonObject = {}): unknown => {
    const { requests } = judged([{ texts: [[[4, 200]]] }, request], more);
    return Array.isArray(requests) ? requests[1] : undefined;
  };
  const texts = [[[4, 200], [4, 300]]] as const;
  const text = (found: unknown): string => JSON.stringify(found);
  assert.match(text(failure({ texts, prompt: [1, 5] })), /^\["wrong_prompt".*request 1 .*2 in place of 3/);
  assert.match(text(failure({ texts, cached: [2] })), /^\["prefix_cached".*2 prompt tokens of request 1/);
  assert.match(text(failure({ texts, cached: [2] }, { wants_cache: true })), /"cached_tokens":2/);
  assert.match(text(failure({ texts, lengths: [6, 6] })), /^\["wrong_length".*Request 1 gave 2 .*6 .*length/);
  assert.match(text(failure({ texts, reason: "abort" })), /^\["request_failed".*request 1 \(abort\)/);
  const long = [Array.from({ length: 13 }, (_, at) => [4, 200 + at] as const)];
  assert.match(text(failure({ texts: long, lengths: [20, 20] })), /max_model_len \(16\).*23 or more/);
  assert.match(text(failure({ texts: [...texts, [[4, 200]]], lengths: [2, 2] })), /gave 1 tokens/);
});

Deno.test("vllm: our times against the engine's stamps, in ms, and where they cannot be of one clock", () => {
  const given = (late: number): Given => ({
    // Given at 100 ns; the first token after 30 ms, the last after 50 ms.
    texts: [[[4, 100 + 30_000_000], [4, 100 + 50_000_000]]],
    stamps: [7, 7.001, 7.03 - late / 1e3, 7.05 - late / 1e3],
  });
  const { clock, implausible_ms, requests } = judged([given(1), given(2), given(4)]);
  const { ttft_difference_ms, e2e_difference_ms } = clock as JsonObject;
  for (const difference of [ttft_difference_ms, e2e_difference_ms] as JsonObject[]) {
    assert.ok(
      Math.abs(Number(difference["median"]) - 2) < 1e-6 && Math.abs(Number(difference["max"]) - 4) < 1e-6,
    );
  }
  assert.equal(implausible_ms, null);
  const [first] = requests as (readonly JsonObject[])[];
  const { queue_ms, prefill_ms, decode_ms } = first?.[5] ?? {};
  for (const [found, wanted] of [[queue_ms, 1], [prefill_ms, 28], [decode_ms, 20]]) {
    assert.ok(Math.abs(Number(found) - Number(wanted)) < 1e-6);
  }
  assert.ok(Number(judged([given(-100)])["implausible_ms"]) > 99);
  assert.deepEqual(judged([{ texts: [[[4, 200]]] }])["clock"], {
    requests: 0,
    reason: "the engine gave no times of its own",
  });
});

Deno.test("vllm: a release that keeps other stamps costs their comparison and no run", () => {
  const told = judged([{ texts: [[[4, 200], [5, 300]]], stamps: [1, 2, 3] }]);
  assert.deepEqual(told["clock"], judged([{ texts: [[[4, 200], [5, 300]]] }])["clock"]);
  const [request] = told["requests"] as unknown[][];
  assert.deepEqual(request?.at(-1), { finish_reason: "length", cached_tokens: 0 });
});
