import assert from "node:assert/strict";
import { readerBehind } from "../../../lib/cli/messages.ts";
import { Output } from "../../../lib/cli/terminal/output.ts";
import { until } from "../../support/program.ts";

/** A reader that takes `most` bytes at a time, and nothing while it is stalled. */
class Sink {
  text = "";
  calls = 0;
  most = Infinity;
  #gate = Promise.withResolvers<void>();
  #isStalled = false;
  error: Error | null = null;

  stall(): void {
    this.#isStalled = true;
    this.#gate = Promise.withResolvers();
  }

  resume(): void {
    this.#isStalled = false;
    this.#gate.resolve();
  }

  async write(bytes: Uint8Array): Promise<number> {
    this.calls += 1;
    if (this.#isStalled) await this.#gate.promise;
    if (this.error !== null) throw this.error;
    const taken = bytes.subarray(0, this.most);
    this.text += String.fromCharCode(...taken);
    return await Promise.resolve(taken.length);
  }
}

const numbers = Array.from({ length: 500 }, (_, index) => `line ${index}\n`);

Deno.test("Output writes everything in order, also where the reader takes little at a time", async () => {
  for (const most of [1, 3, 1000, Infinity]) {
    const sink = new Sink();
    sink.most = most;
    const output = new Output(sink);
    for (const line of numbers) output.write(line);
    await output.flush();
    output.write("after\n");
    await output.flush();
    assert.equal(sink.text, `${numbers.join("")}after\n`);
  }
});

Deno.test("Output never makes its caller wait for a stalled reader, and loses nothing", async () => {
  const sink = new Sink();
  sink.stall();
  const output = new Output(sink);
  for (const line of numbers) output.write(line);
  // One write is under way and no more: nothing comes out of order when it is given up.
  assert.equal(sink.calls, 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(sink.text, "");
  sink.resume();
  await output.flush();
  assert.equal(sink.text, numbers.join(""));
});

Deno.test("Output.flush() waits for the reader, and is done at once where nothing waits", async () => {
  const sink = new Sink();
  const output = new Output(sink);
  await output.flush();
  output.write("");
  await output.flush();
  assert.equal(sink.calls, 0);
  sink.stall();
  output.write("x");
  let isFlushed = false;
  const flushed = output.flush().then(() => {
    isFlushed = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(isFlushed, false);
  sink.resume();
  await flushed;
  assert.equal(sink.text, "x");
});

Deno.test("Output drops a reader that is gone, and what is written later", async () => {
  const sink = new Sink();
  sink.stall();
  const output = new Output(sink);
  for (const line of numbers) output.write(line);
  sink.error = new Deno.errors.BrokenPipe("gone");
  sink.resume();
  await output.flush();
  const { calls } = sink;
  output.write("more\n");
  output.writeIfIdle("more\n");
  await output.flush();
  assert.equal(sink.calls, calls);
  assert.equal(sink.text, "");
});

Deno.test("Output.writeIfIdle() drops text while the reader is behind", async () => {
  const sink = new Sink();
  const output = new Output(sink);
  output.writeIfIdle("one ");
  await output.flush();
  sink.stall();
  output.write("two ");
  output.writeIfIdle("dropped ");
  output.write("three ");
  sink.resume();
  await output.flush();
  output.writeIfIdle("four");
  await output.flush();
  assert.equal(sink.text, "one two three four");
});

Deno.test("Output writes text as UTF-8", async () => {
  const sink = new Sink();
  sink.most = 1;
  const output = new Output(sink);
  output.write("\u00e9\ud83d\ude00");
  await output.flush();
  assert.equal(sink.text, "\xc3\xa9\xf0\x9f\x98\x80");
});

Deno.test("Output gives up on a reader that is too far behind, says so once, and no longer waits for it", async () => {
  const sink = new Sink();
  sink.stall();
  const output = new Output(sink, 1000);
  const failures: string[] = [];
  output.onFailure = (reason) => failures.push(reason);
  const line = `${"x".repeat(99)}\n`;
  // Up to the bound and one piece over it.
  for (let count = 0; count < 11; count++) output.write(line);
  assert.deepEqual([failures, output.failure], [[], null]);
  for (let count = 0; count < 3; count++) output.write(line);
  assert.deepEqual(failures, [readerBehind(1100)]);
  assert.equal(output.failure, failures[0]);
  await output.flush();
  // The piece that was under way still comes whole.
  sink.resume();
  await until("the piece is written", () => sink.text !== "");
  assert.equal(sink.text, line);
});

Deno.test("Output.abandon() forgets what waits, without a word", async () => {
  const sink = new Sink();
  sink.stall();
  const output = new Output(sink);
  output.onFailure = (reason) => assert.fail(reason);
  for (const line of numbers) output.write(line);
  const flushed = output.flush();
  output.abandon();
  await flushed;
  output.write("more\n");
  await output.flush();
  assert.deepEqual([sink.calls, output.failure], [1, null]);
  sink.resume();
});

Deno.test("Output takes a piece of any size, and as much as its reader takes", async () => {
  const sink = new Sink();
  const output = new Output(sink, 10);
  output.write("x".repeat(5000));
  await output.flush();
  for (const line of numbers) {
    output.write(line);
    await output.flush();
  }
  assert.equal(output.failure, null);
  assert.equal(sink.text, `${"x".repeat(5000)}${numbers.join("")}`);
});

Deno.test("Output tells why text was lost, but not that a reader had enough", async () => {
  const cases: readonly (readonly [error: Error, failure: string | null])[] = [
    [new Error("No space left on device (os error 28)"), "No space left on device (os error 28)"],
    [new Deno.errors.BrokenPipe("gone"), null],
  ];
  for (const [error, failure] of cases) {
    const sink = new Sink();
    sink.error = error;
    const output = new Output(sink);
    const failures: string[] = [];
    output.onFailure = (reason) => failures.push(reason);
    for (const line of numbers) output.write(line);
    await output.flush();
    output.write("more\n");
    await output.flush();
    assert.equal(output.failure, failure);
    assert.deepEqual(failures, failure === null ? [] : [failure]);
  }
});
