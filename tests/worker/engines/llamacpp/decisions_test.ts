/** The engine's decisions that need no library. */
import assert from "node:assert/strict";
import { variation } from "../../../../lib/base/numbers.ts";
import type { LlamacppConfig } from "../../../../lib/experiment/engines/llamacpp.ts";
import { planContext } from "../../../../worker/engines/llamacpp/context_plan.ts";
import { kvBytes } from "../../../../worker/engines/llamacpp/kv_size.ts";
import { slotCores } from "../../../../worker/engines/llamacpp/slot_cores.ts";
import { Outbox } from "../../../../worker/engines/llamacpp/outbox.ts";
import { randomFrom } from "../../../../lib/base/random.ts";
import { makeSyntheticPrompt } from "../../../../worker/engines/llamacpp/synthetic_prompt.ts";
import { makeAssignment } from "../../worker_process.ts";

function settings(changes: Partial<LlamacppConfig>): LlamacppConfig {
  const { llamacpp } = makeAssignment({ llamacpp: changes }).config;
  if (llamacpp === null) throw new Error("no llamacpp section");
  return llamacpp;
}

Deno.test("planContext() sizes the context for the longest prompt of each sequence", () => {
  const cases: readonly (readonly [Partial<LlamacppConfig>, number, number])[] = [
    [{}, 1, 256],
    [{}, 256, 256],
    [{}, 257, 512],
    [{ n_parallel: 4 }, 300, 2048],
    [{ n_parallel: 4, n_ctx: 5000 }, 300, 5000],
    [{ n_parallel: 2, n_ctx: 100 }, 256, 100], // the library rounds it up to 256 for each
  ];
  for (const [changes, longest, n_ctx] of cases) {
    assert.equal(planContext(settings(changes), longest, 8).n_ctx, n_ctx, JSON.stringify(changes));
  }
});

Deno.test("planContext() leaves a core to runner and meter, unless told otherwise", () => {
  const threads = (changes: Partial<LlamacppConfig>, cores: number): readonly number[] => {
    const { n_threads, n_threads_batch } = planContext(settings(changes), 100, cores);
    return [n_threads, n_threads_batch];
  };
  assert.deepEqual(threads({ n_threads: null }, 8), [7, 7]);
  assert.deepEqual(threads({ n_threads: null }, 1), [1, 1]);
  assert.equal(planContext(settings({ n_threads: null }), 100, 8, slotCores("8")).n_threads, 8);
  assert.equal(planContext(settings({ n_threads: null }), 100, 8, slotCores(undefined)).n_threads, 7);
  assert.equal(planContext(settings({ n_threads: 2 }), 100, 8, 8).n_threads, 2);
  assert.deepEqual(threads({ n_threads: 3 }, 8), [3, 3]);
  assert.deepEqual(threads({ n_threads: 3, n_threads_batch: 6 }, 8), [3, 6]);
});

Deno.test("kvBytes() is what the library logs for SmolLM2-135M at 8192 tokens", () => {
  const shape = { n_layer: 30, n_head_kv: 3, key_length: 64, value_length: 64 };
  const bytes = (type: LlamacppConfig["cache_type_k"], n_ctx: number): number =>
    kvBytes(shape, n_ctx, { cache_type_k: type, cache_type_v: type });
  assert.equal(bytes("f16", 8192), 180 * 1024 * 1024);
  assert.equal(bytes("f32", 8192), 360 * 1024 * 1024);
  assert.equal((bytes("q8_0", 512) / 1024 / 1024).toFixed(2), "5.98");
});

Deno.test("randomFrom() is fixed by its seeds, and spreads", () => {
  const draw = (...seeds: readonly number[]): number[] => {
    const next = randomFrom(...seeds);
    return Array.from({ length: 1000 }, next);
  };
  assert.deepEqual(draw(1, 2), draw(1, 2));
  assert.deepEqual(draw(7).slice(0, 3), [226793369, 689102034, 1853640698]);
  for (const other of [draw(2, 1), draw(1, 3), draw(0, 2), draw(1)]) assert.notDeepEqual(other, draw(1, 2));
  const mean = draw(3).reduce((sum, value) => sum + value, 0) / 1000 / 2 ** 32;
  assert.ok(Math.abs(mean - 0.5) < 0.05, String(mean));
});

Deno.test("makeSyntheticPrompt() draws text tokens only, by seed and index", () => {
  const text = Int32Array.of(5, 6, 7, 8, 9, 10, 11, 12);
  const vocabulary = { size: 20, endOfGeneration: new Set([2]), text, beginning: 1 };
  const draw = (seed: number, index: number): number[] => [
    ...makeSyntheticPrompt(vocabulary, { input_len: 40, seed }, index),
  ];
  const prompt = draw(42, 0);
  assert.equal(prompt.length, 40);
  assert.equal(prompt[0], 1);
  assert.ok(prompt.slice(1).every((token) => text.includes(token)));
  assert.deepEqual(draw(42, 0), prompt);
  for (const [seed, index] of [[43, 0], [42, 1], [-42, 0], [42 + 2 ** 32, 0]] as const) {
    assert.notDeepEqual(draw(seed, index), prompt);
  }
  const bare = makeSyntheticPrompt({ ...vocabulary, beginning: null }, { input_len: 3, seed: 1 }, 0);
  assert.ok(bare.every((token) => text.includes(token)));
});

Deno.test("variation() is the standard deviation of a sample over its mean", () => {
  assert.equal(variation([5, 5, 5]), 0);
  assert.ok(Math.abs(variation([2, 4, 4, 4, 5, 5, 7, 9]) - Math.sqrt(32 / 7) / 5) < 1e-12);
});

// The clock stays open to the end of the process, so it looks like a leak.
Deno.test("Outbox keeps frames in order and posts at most every 100 ms", { sanitizeResources: false }, () => {
  const posts: number[][] = [];
  const outbox = new Outbox((frames) =>
    posts.push(frames.map((frame) => frame.type === "progress" ? frame.done : -1))
  );
  const frame = (done: number): { type: "progress"; done: number; total: number; unit: string } => ({
    type: "progress",
    done,
    total: 9,
    unit: "",
  });
  outbox.queue(frame(1), frame(2));
  assert.deepEqual(posts, []);
  outbox.send(frame(3));
  outbox.flush();
  assert.deepEqual(posts, [[1, 2, 3]]);
  outbox.queue(frame(4));
  outbox.flush(5_000_000_000n);
  assert.ok(!outbox.isDue(5_099_999_999n));
  assert.ok(outbox.isDue(5_100_000_000n));
});
