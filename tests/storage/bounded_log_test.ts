import assert from "node:assert/strict";
import { BoundedLog, DEFAULT_LOG_LIMITS, type LogLimits } from "../../lib/storage/bounded_log.ts";
import { Random } from "../support/random.ts";
import { TempFolder } from "../support/temp_folder.ts";

function fail(error: Error): void {
  throw error;
}

/** What a log of these chunks holds in the end. */
function logged(chunks: readonly Uint8Array[], limits: LogLimits): Uint8Array {
  using folder = new TempFolder();
  const log = new BoundedLog(folder.at("log"), fail, limits);
  for (const chunk of chunks) log.write(chunk);
  log.close();
  return Deno.readFileSync(folder.at("log"));
}

/** The same by the plainest rule there is. */
function model(bytes: Uint8Array, { headBytes, tailBytes }: LogLimits): Uint8Array {
  const missing = bytes.length - headBytes - tailBytes;
  if (missing <= 0) return bytes;
  const note = new TextEncoder().encode(`\n[... ${missing} bytes left out ...]\n`);
  return Uint8Array.from([...bytes.slice(0, headBytes), ...note, ...bytes.slice(bytes.length - tailBytes)]);
}

Deno.test("BoundedLog keeps head and tail and counts what lies between, at every boundary", () => {
  const bytes = Uint8Array.from({ length: 64 }, (_, index) => index);
  const limits = { headBytes: 10, tailBytes: 7 };
  for (const length of [0, 1, 9, 10, 11, 16, 17, 18, 23, 24, 25, 31, 64]) {
    const expected = model(bytes.slice(0, length), limits);
    const whole = bytes.slice(0, length);
    assert.deepEqual(logged([whole], limits), expected, `${length} in one piece`);
    assert.deepEqual(
      logged([...whole].map((byte) => Uint8Array.of(byte)), limits),
      expected,
      `${length} by bytes`,
    );
  }
});

Deno.test("BoundedLog agrees with the plain rule for any chunks and limits", () => {
  const random = new Random(4);
  for (let round = 0; round < 150; round++) {
    const bytes = random.bytes(random.integer(0, 400));
    const limits = { headBytes: random.integer(0, 60), tailBytes: random.integer(0, 60) };
    const chunks = random.chunks(bytes, random.integer(1, 150));
    const name = `round ${round}: ${bytes.length} bytes, ${JSON.stringify(limits)}`;
    assert.deepEqual(logged(chunks, limits), model(bytes, limits), name);
  }
});

Deno.test("BoundedLog keeps a megabyte of either end unless told otherwise", () => {
  const size = 1024 * 1024;
  assert.deepEqual(DEFAULT_LOG_LIMITS, { headBytes: size, tailBytes: size });
  const chunk = new Uint8Array(65_536).fill(0x61);
  const bytes = logged(Array(64).fill(chunk), DEFAULT_LOG_LIMITS);
  assert.equal(bytes.length, 2 * size + `\n[... ${2 * size} bytes left out ...]\n`.length);
});

Deno.test("BoundedLog has the head on disk before the end, in case there is none", () => {
  using folder = new TempFolder();
  const log = new BoundedLog(folder.at("log"), fail, { headBytes: 5, tailBytes: 5 });
  log.write(new TextEncoder().encode("0123456789"));
  assert.equal(folder.read("log"), "01234");
  log.close();
  assert.equal(folder.read("log"), "0123456789");
});

Deno.test("BoundedLog begins a file anew and may be closed twice", () => {
  using folder = new TempFolder();
  folder.write("log", "what was there before");
  const log = new BoundedLog(folder.at("log"), fail);
  log.write(new TextEncoder().encode("new"));
  log.close();
  log.close();
  assert.equal(folder.read("log").slice(0, 3), "new");
});

Deno.test("BoundedLog does not keep a chunk whose memory is used again", () => {
  using folder = new TempFolder();
  const log = new BoundedLog(folder.at("log"), fail, { headBytes: 2, tailBytes: 10 });
  const chunk = new TextEncoder().encode("abcdef");
  log.write(chunk);
  chunk.fill(0x78);
  log.close();
  assert.equal(folder.read("log"), "abcdef");
});

for (
  const [what, path] of [["in a folder that is not there", "missing/log"], [
    "on a full device",
    "full",
  ]] as const
) {
  Deno.test(`BoundedLog tells once that a log ${what} cannot be written, and goes on`, () => {
    using folder = new TempFolder();
    Deno.symlinkSync("/dev/full", folder.at("full"));
    const errors: Error[] = [];
    const log = new BoundedLog(folder.at(path), (error) => errors.push(error), {
      headBytes: 100,
      tailBytes: 10,
    });
    for (let count = 0; count < 50; count++) log.write(new Uint8Array(10));
    log.close();
    assert.equal(errors.length, 1);
  });
}
