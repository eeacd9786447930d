/** The definitions against answers whose truth is known, and requests.jsonl as the ground to compute them again. */
import assert from "node:assert/strict";
import { randomFrom } from "../../../../lib/base/random.ts";
import { exactIntegers } from "../../../../lib/base/exact_integer.ts";
import { encodeFrame } from "../../../../lib/protocol/encode_frame.ts";
import { readFrame } from "../../../../lib/protocol/read_frame.ts";
import { NO_ITL } from "../../../../lib/protocol/messages.ts";
import { deriveTimes, readStamps } from "../../../../lib/protocol/request_times.ts";
import { MOST_LISTED_CHUNKS, requestFrame } from "../../../../worker/engines/openai/stream/request_record.ts";
import { type Answer, chat, DONE, event, failedEnd, recordOf, SENT_NS } from "./exchange.ts";

/** Chunks of so many tokens each, at so many ms, and what the server tells of them. */
interface Truth {
  readonly chunks: readonly { readonly atMs: number; readonly tokens: number }[];
  readonly told: "nothing" | "closing_usage" | "continuous_usage" | "token_ids";
  readonly schedMs: number | null;
  readonly cut: boolean;
}

function answerOf({ chunks, told, schedMs, cut }: Truth): Answer {
  let total = 0;
  const reads = chunks.map(({ atMs, tokens }): [number, string] => {
    total += tokens;
    const usage = { chunk: { usage: { prompt_tokens: 9, completion_tokens: total } } };
    const ids = { choice: { token_ids: Array(tokens).fill(5) } };
    return [
      atMs,
      chat(
        { content: "x".repeat(tokens) },
        told === "continuous_usage" ? usage : told === "token_ids" ? ids : {},
      ),
    ];
  });
  const lastMs = chunks.at(-1)?.atMs ?? 0;
  if (cut) return { reads, schedMs, end: failedEnd("reset", "gone"), endMs: lastMs + 1 };
  const closing = told === "nothing"
    ? ""
    : event({ choices: [], usage: { prompt_tokens: 9, completion_tokens: total } });
  return { reads: [...reads, [lastMs + 0.25, chat({}, {}, "length") + closing + DONE]], schedMs };
}

Deno.test("every number of a request is what its schedule says, and what its line in requests.jsonl gives again", () => {
  const random = randomFrom(15);
  const draw = (below: number): number => random() % below;
  for (let round = 0; round < 300; round++) {
    let atMs = 0;
    const most = 1 + draw(3);
    const chunks = Array.from({ length: 1 + draw(9) }, () => {
      atMs += draw(40_000) / 1000;
      return { atMs, tokens: 1 + draw(most) };
    });
    const truth: Truth = {
      chunks,
      told: (["nothing", "closing_usage", "continuous_usage", "token_ids"] as const)[draw(4)] ?? "nothing",
      schedMs: draw(2) === 0 ? null : -draw(5000) / 1000,
      cut: draw(5) === 0,
    };
    checkTruth(truth);
  }
});

function checkTruth(truth: Truth): void {
  const { chunks, told, schedMs, cut } = truth;
  const record = recordOf(answerOf(truth));
  const tokens = chunks.map((chunk) => chunk.tokens);
  const sent = tokens.reduce((sum, count) => sum + count, 0);
  const isCounted = told === "closing_usage" ? !cut : told !== "nothing";
  const isToldByChunk = told === "token_ids" || told === "continuous_usage";
  assert.equal(record.output_tokens, isCounted ? sent : chunks.length);
  assert.deepEqual(record.chunk_tokens, isToldByChunk ? tokens : null);
  const first = isToldByChunk ? tokens[0] : 1;
  assert.equal(record.first_chunk_tokens, first);

  const [firstMs, lastMs] = [chunks[0]?.atMs ?? 0, chunks.at(-1)?.atMs ?? 0];
  if (cut) assert.deepEqual([record.error, record.ttft_ms, record.tpot_ms], ["truncated", null, null]);
  else {
    close(record.ttft_ms, firstMs);
    close(record.ttft_sched_ms, firstMs - (schedMs ?? 0));
    close(record.e2e_ms, lastMs + 0.25);
    const later = record.output_tokens - (first ?? 1);
    if (later === 0 || chunks.length < 2) assert.equal(record.tpot_ms, null);
    else close(record.tpot_ms, (lastMs - firstMs) / later);
    const gaps = chunks.slice(1).map(({ atMs }, index) => atMs - (chunks[index]?.atMs ?? 0));
    assert.equal(record.chunk_gap_ms.length, gaps.length);
    gaps.forEach((gap, index) => close(record.chunk_gap_ms[index], gap));
    const isProven = told !== "nothing" && chunks.length > 1 && tokens.every((count) => count === 1);
    assert.deepEqual(record.itl_ms, isProven ? record.chunk_gap_ms : null);
    assert.equal(record.itl_reason === null, isProven);
  }

  const { lateness_ms, ttft_ms, ttft_sched_ms, ttfo_ms, e2e_ms, tpot_ms, chunk_gap_ms, itl_ms, itl_reason } =
    record;
  const told_again = deriveTimes(stampsOfLine(record));
  assert.deepEqual(told_again, {
    ...{ lateness_ms, ttft_ms, ttft_sched_ms, ttfo_ms, e2e_ms, tpot_ms, chunk_gap_ms, itl_ms, itl_reason },
    first_chunk_tokens: record.first_chunk_tokens,
  });
}

/** To within the ns that a stamp is given in. */
function close(value: number | null | undefined, truth: number): void {
  assert.ok(
    value !== null && value !== undefined && Math.abs(value - truth) < 2e-6,
    `${value} is not ${truth}`,
  );
}

/** As the runner keeps it: through the protocol's frame and back out of a line of JSON. */
function stampsOfLine(record: ReturnType<typeof recordOf>): NonNullable<ReturnType<typeof readStamps>> {
  const bytes = encodeFrame(requestFrame(record, { keepTexts: false }), "token-of-a-run");
  const reading = readFrame(bytes.subarray(1, -1), "token-of-a-run");
  assert.ok(reading.kind === "frame" && reading.frame.type === "request");
  assert.equal("output_texts" in reading.frame, false);
  const stamps = readStamps(JSON.parse(JSON.stringify(reading.frame, exactIntegers)));
  assert.ok(stamps !== null);
  return stamps;
}

Deno.test("without proof there are no times between tokens, and it says why", () => {
  const reason = (chunks: readonly number[], told: Truth["told"]) =>
    recordOf(answerOf({
      chunks: chunks.map((tokens, index) => ({ atMs: 10 * (index + 1), tokens })),
      told,
      schedMs: null,
      cut: false,
    })).itl_reason;
  assert.equal(reason([1, 1], "nothing"), NO_ITL.untold);
  assert.equal(reason([1, 2], "closing_usage"), NO_ITL.counts_differ);
  assert.equal(reason([1, 2], "token_ids"), NO_ITL.several_tokens);
  assert.equal(reason([3], "closing_usage"), NO_ITL.several_tokens);
  assert.equal(reason([1], "closing_usage"), NO_ITL.one_token);
  assert.equal(reason([1, 1], "closing_usage"), null);
});

Deno.test("counts that differ are all kept, and usage is the one that counts", () => {
  const ids = { choice: { token_ids: [4] } };
  const record = recordOf({
    reads: [
      [10, chat({ content: "a" }, ids)],
      [20, chat({ content: "b" }, ids)],
      [
        30,
        chat({}, {}, "stop") + event({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 3 } }) +
        DONE,
      ],
    ],
  });
  assert.deepEqual([record.output_tokens, record.output_tokens_from], [3, "usage"]);
  assert.deepEqual(record.output_counts, { usage: 3, token_ids: 2, timings: null, chunks: 2 });
  assert.deepEqual([record.tpot_ms, record.itl_ms], [5, [10]]);
});

Deno.test("a frame says what the protocol asks: nothing unknown becomes a nought in silence", () => {
  const record = recordOf({ reads: [[10, chat({ content: "a" })]], end: failedEnd("timeout", "late") });
  const frame = requestFrame(record, { keepTexts: true });
  assert.deepEqual([frame.input_tokens, frame.input_tokens_from, frame.itl_ms, frame.itl_reason], [
    0,
    null,
    [],
    NO_ITL.failed,
  ]);
  assert.deepEqual([frame.t_start_ns, frame.e2e_ms, frame.output_texts], [SENT_NS, null, ["a"]]);
});

Deno.test("a request of very many chunks fits into its frame, and its numbers come back from its stamps", () => {
  const chunks = MOST_LISTED_CHUNKS + 1;
  const record = recordOf({ reads: [[10, chat({ content: "a" })], [20, chat({}, {}, "length") + DONE]] });
  const chunk_at_ns = Array.from({ length: chunks }, (_, index) => index * 1000);
  const chunk_tokens = chunk_at_ns.map(() => 1);
  const long = { ...record, chunks, output_tokens: chunks, chunk_at_ns, chunk_tokens };
  const again = deriveTimes(stampsOfLine({ ...long, ...deriveTimes(long) }));
  assert.equal(again.itl_ms?.length, chunks - 1);
  const frame = requestFrame({ ...long, ...deriveTimes(long) }, { keepTexts: false });
  assert.deepEqual([frame.chunk_gap_ms, frame.itl_ms, frame.itl_reason], [[], [], NO_ITL.long]);
});

Deno.test("a line of another engine has no stamps to read", () => {
  assert.equal(readStamps({ type: "request", index: 0, output_tokens: 3, itl_ms: [1, 2] }), null);
  assert.equal(readStamps(null), null);
});
