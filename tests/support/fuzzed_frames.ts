/**
 * What a worker may send that nobody thought of: valid frames with a value, a key or some bytes changed, floods, noise,
 * and frames that are too much of something. The same random numbers give the same bytes.
 */
import type { Random } from "./random.ts";

/** Stands in the bytes for the token, which only the worker knows. */
export const TOKEN_PLACE = "@TOKEN@";

const encoder = new TextEncoder();

/** Good frames to begin with, as JSON; `t` is a time that fits. */
const CORPUS: readonly ((t: number) => string)[] = [
  () =>
    '{"type":"hello","token":"@TOKEN@","backend":"fuzz","versions":{"a":"1","b":2},"pid":7,"devices":["cpu"]}',
  (t) => `{"type":"phase","token":"@TOKEN@","name":"measure","edge":"begin","t_ns":${t}}`,
  (t) => `{"type":"phase","token":"@TOKEN@","name":"measure","edge":"end","t_ns":"${t}"}`,
  (t) => `{"type":"phase","token":"@TOKEN@","name":"decode","edge":"begin","t_ns":${t}}`,
  () => '{"type":"progress","token":"@TOKEN@","done":1,"total":2,"unit":"requests","note":"so far"}',
  (t) =>
    `{"type":"request","token":"@TOKEN@","index":0,"input_tokens":3,"output_tokens":4,"t_start_ns":${t},"ttft_ms":1.5,"e2e_ms":9,"itl_ms":[1,2.5,3]}`,
  () =>
    '{"type":"request","token":"@TOKEN@","index":1,"input_tokens":3,"output_tokens":4,"ttft_ms":1.5,"e2e_ms":9,"itl_ms":[],' +
    '"error":"timeout","in_window":false,"ttft_sched_ms":2,"tpot_ms":1,"ttfo_ms":null,"chunk_gap_ms":[1,2],"itl_reason":"no","n_choices":1}',
  () => '{"type":"note","token":"@TOKEN@","level":"warning","text":"look out","code":"own"}',
  () =>
    '{"type":"result","token":"@TOKEN@","input_tokens":3,"output_tokens":4,"requests":1,"model":{"layers":2},"memory":{"peak_bytes":10},"metrics":{"loss":0.5,"notes":["a",{"b":[null,true]}]},"own":[1]}',
  () => '{"type":"error","token":"@TOKEN@","error_type":"E","message":"m","traceback":"t","retryable":false}',
  () => '{"type":"weather","token":"@TOKEN@","sunny":true}',
  () => '{"type":"ready","token":"@TOKEN@"}',
];

/** What may stand where a value does. */
const VALUES: readonly ((random: Random) => string)[] = [
  (random) =>
    random.pick([
      "NaN",
      "-Infinity",
      "nan",
      "1e999",
      "-1e999",
      "-0.001",
      "-0",
      "9007199254740993",
      "18446744073709551616",
      "1e308",
      "123456789012345678901234567890",
      "null",
      "true",
      "{}",
      "[]",
      '""',
      "undefined",
      "0x10",
      "+1",
      ".5",
      '"\\ud800"',
      '"\\u0000\\u001b[31m\\u009b\\u202e"',
      '"NaN: \\"NaN\\" Infinity"',
      '{"__proto__":{"x":1},"constructor":1,"toString":null,"then":1}',
      '{"toJSON":1,"length":-1}',
    ]),
  (random) => `"${"x".repeat(random.integer(100, 70_000))}"`,
  (random) => `"${"\u4e16\ud83d\ude00".repeat(random.integer(30, 3_000))}"`,
  (random) => {
    const depth = random.integer(50, 3_000);
    return "[".repeat(depth) + "1" + "]".repeat(depth);
  },
  (random) => {
    const depth = random.integer(50, 300);
    return '{"a":'.repeat(depth) + "NaN" + "}".repeat(depth);
  },
  (random) =>
    `[${Array.from({ length: random.integer(100, 20_000) }, () => random.integer(-1, 9)).join(",")}]`,
  (random) => {
    const long = "k".repeat(random.integer(0, 300));
    return `{${
      Array.from({ length: random.integer(10, 3_000) }, (_, index) => `"${long}${index}":${index}`).join(",")
    }}`;
  },
];

/** A frame over one of the bounds of a frame, or just below it. Rare: it is megabytes. */
const GIANTS: readonly ((random: Random) => string)[] = [
  (random) => `[${"0,".repeat(random.pick([200_000, 260_000]))}0]`,
  (random) => `"${"y".repeat(random.pick([3, 4, 10]) * 1024 * 1024)}"`,
  (random) =>
    `{${Array.from({ length: random.pick([15_000, 25_000]) }, (_, index) => `"k${index}":1e999`).join(",")}}`,
  () => `[${`"${"\u00e9".repeat(1000)}",`.repeat(4_500)}0]`,
];

/** A stretch of a worker's stdout. `giants` lets in what is megabytes long. */
export function fuzzedBytes(random: Random, giants = true): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const frame = (json: string): void => {
    parts.push(encoder.encode(`\x1e${json}\n`));
  };
  const pieces = random.integer(1, 30);
  for (let piece = 0; piece < pieces; piece++) {
    const t = 1e15 + random.integer(0, 1e6);
    const good = random.pick(CORPUS)(t);
    switch (random.integer(0, giants && random.integer(0, 300) === 0 ? 11 : 10)) {
      case 0:
      case 1:
      case 2:
        frame(good);
        break;
      case 3:
      case 4:
      case 5:
        frame(withOtherValue(good, random.pick(VALUES)(random), random));
        break;
      case 6:
        frame(withOtherKey(good, random));
        break;
      case 7:
        parts.push(withOtherBytes(encoder.encode(`\x1e${good}\n`), random));
        break;
      case 8:
        parts.push(noise(random));
        break;
      case 9:
        parts.push(flood(random, t));
        break;
      case 10:
        // Cut off, and the next one follows.
        parts.push(encoder.encode(`\x1e${good.slice(0, random.integer(0, good.length))}`));
        break;
      default:
        frame(withOtherValue(good, random.pick(GIANTS)(random), random));
    }
  }
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Another value after one of the colons; the token mostly stays. */
function withOtherValue(json: string, value: string, random: Random): string {
  const places = [...json.matchAll(/:("(?:[^"\\]|\\.)*"|-?[\d.]+|true|false|null)/g)]
    .filter(({ 1: old }) => !old?.includes(TOKEN_PLACE) || random.integer(0, 20) === 0);
  if (places.length === 0) return json;
  const { index, 0: whole } = random.pick(places);
  return `${json.slice(0, index)}:${value}${json.slice(index + whole.length)}`;
}

/** A key doubled, renamed or gone. */
function withOtherKey(json: string, random: Random): string {
  const keys = [...json.matchAll(/"(\w+)":/g)];
  const { index, 0: whole } = random.pick(keys);
  const other = random.pick([
    '"__proto__":',
    '"type":',
    '"token":',
    `"${"n".repeat(400)}":`,
    '"":',
    '"x":1,"x":',
  ]);
  return json.slice(0, index) + other + json.slice(index + whole.length);
}

function withOtherBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const changed = bytes.slice();
  for (let changes = random.integer(1, 4); changes > 0; changes--) {
    changed[random.integer(0, changed.length - 1)] = random.pick([
      0,
      0x0a,
      0x1e,
      0x22,
      0x5c,
      0x7b,
      0x80,
      0xff,
    ]);
  }
  return changed;
}

function noise(random: Random): Uint8Array {
  const length = random.integer(1, 3000);
  return random.pick([
    () => random.bytes(length),
    () => new Uint8Array(length).fill(0x1e),
    () => new Uint8Array(length).fill(0x0a),
    () => encoder.encode("plain text \u001b[2J\r\n".repeat(length % 50)),
    () => encoder.encode('\x1e{"type":"result","token":"other","output_tokens":9}\n'),
  ])();
}

/** Many frames of a kind, one name opened many times, ends before begins. */
function flood(random: Random, t: number): Uint8Array {
  const count = random.integer(100, 2000);
  const frames = random.pick<(index: number) => string>([
    (index) => `{"type":"phase","token":"@TOKEN@","name":"p${index}","edge":"begin","t_ns":${t}}`,
    () => `{"type":"phase","token":"@TOKEN@","name":"same","edge":"begin","t_ns":${t}}`,
    () => `{"type":"phase","token":"@TOKEN@","name":"nobody","edge":"end","t_ns":${t}}`,
    (index) =>
      `{"type":"note","token":"@TOKEN@","level":"warning","text":"${index}","code":"${
        "c".repeat(index % 200)
      }"}`,
    (index) => `{"type":"progress","token":"@TOKEN@","done":${index},"total":1,"unit":"u"}`,
    (index) => `{"type":"request","token":"@TOKEN@","index":${index},"input_tokens":1,"output_tokens":1}`,
    (index) => `{"type":"t${index}","token":"@TOKEN@"}`,
  ]);
  return encoder.encode(Array.from({ length: count }, (_, index) => `\x1e${frames(index)}\n`).join(""));
}

/**
 * The seed of a fuzzer's run, told so that it can be run again, and how long it goes on: `usualS`, or `slowS` with --slow.
 * LLEM_FUZZ_SEED and LLEM_FUZZ_SECONDS set them.
 */
export function fuzzing(what: string, usualS: number, slowS: number): { seed: number; seconds: number } {
  const seed = Number(Deno.env.get("LLEM_FUZZ_SEED") ?? Date.now() % 2 ** 32);
  const isSlow = Deno.env.get("LLEM_TEST_SLOW") === "1";
  const seconds = Number(Deno.env.get("LLEM_FUZZ_SECONDS") ?? (isSlow ? slowS : usualS));
  console.log(`fuzzing ${what} for ${seconds} s (LLEM_FUZZ_SEED=${seed} takes the same)`);
  return { seed, seconds };
}
