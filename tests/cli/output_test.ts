import assert from "node:assert/strict";
import { Output } from "../../lib/cli/output.ts";

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
