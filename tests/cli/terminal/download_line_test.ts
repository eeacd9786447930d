import assert from "node:assert/strict";
import { DownloadLine } from "../../../lib/cli/terminal/download_line.ts";
import { Output } from "../../../lib/cli/terminal/output.ts";

/** A line on a terminal or in a log, what was written, and a clock that is set. */
class Bench {
  text = "";
  nowMs = 0;
  readonly line: DownloadLine;
  readonly err: Output;

  constructor(errIsTerminal: boolean) {
    this.err = new Output({
      write: (bytes) => {
        this.text += new TextDecoder().decode(bytes);
        return Promise.resolve(bytes.length);
      },
    });
    const streams = {
      out: this.err,
      err: this.err,
      errIsTerminal,
      outIsTerminal: false,
      width: () => 40,
      noColor: "1",
    };
    this.line = new DownloadLine(streams, () => this.nowMs);
  }

  async at(ms: number, done_bytes: number | null): Promise<void> {
    this.nowMs = ms;
    this.line.take(done_bytes === null ? null : { done_bytes, total_bytes: 1000, bytes_per_s: 100 });
    await this.err.flush();
  }
}

Deno.test("DownloadLine writes a plain line a minute where stderr is no terminal, and none for a short one", async () => {
  const bench = new Bench(false);
  for (let ms = 0; ms <= 75_000; ms += 250) await bench.at(ms, ms / 100);
  assert.equal(
    bench.text,
    "llem: downloading: 100 bytes of 1.0 kB (10 %), 100 bytes/s, 9.0s left\n" +
      "llem: downloading: 700 bytes of 1.0 kB (70 %), 100 bytes/s, 3.0s left\n",
  );
  bench.text = "";
  await bench.at(76_000, null);
  await bench.at(80_000, 10);
  assert.equal(bench.text, "");
});

Deno.test("DownloadLine is one line of a terminal, no wider than that, and goes away", async () => {
  const bench = new Bench(true);
  await bench.at(0, 10);
  await bench.at(250, 20);
  await bench.at(500, null);
  const lines = bench.text.split("\r\x1b[2K");
  assert.deepEqual(lines.map(({ length }) => length <= 39), lines.map(() => true));
  assert.deepEqual(lines.map((line) => line.slice(0, 22)), [
    "",
    "downloading: 10 bytes ",
    "downloading: 20 bytes ",
    "",
  ]);
  assert.equal(bench.line.clear(), "");
});
