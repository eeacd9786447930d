import assert from "node:assert/strict";
import { Output } from "../../../lib/cli/terminal/output.ts";
import { Progress } from "../../../lib/cli/terminal/progress.ts";
import type { Streams } from "../../../lib/cli/terminal/streams.ts";
import { NO_EARLIER_TIMES } from "../../../lib/plan/estimate.ts";
import { configOf, planOf } from "../../support/plans.ts";
import { until } from "../../support/program.ts";
import { measuredRun } from "../../support/recordings.ts";
import { runFinished, runStarted, studyFinished, studyStarted } from "../../support/runner_events.ts";

const [run] = planOf([configOf()]).runs;
if (run === undefined) throw new Error("The plan is empty");
const some = run;

/** Streams of a terminal or a file, and what was written to stderr. */
class Screen {
  text = "";
  readonly streams: Streams;

  constructor(isTerminal: boolean) {
    const sink = {
      write: (bytes: Uint8Array): Promise<number> => {
        this.text += new TextDecoder().decode(bytes);
        return Promise.resolve(bytes.length);
      },
    };
    const [out, err] = [new Output(sink), new Output(sink)];
    this.streams = {
      out,
      err,
      errIsTerminal: isTerminal,
      outIsTerminal: false,
      width: () => 60,
      noColor: "1",
    };
  }

  /** On a clock that is set by hand. */
  nowMs = 0;

  progress(verbosity: "quiet" | "normal" = "normal"): Progress {
    const study = { total: 4, todo: [], gaps: { experiment_s: 0, cycle_s: 0 }, earlier: NO_EARLIER_TIMES };
    return new Progress(this.streams, { ...study, name: () => "a run", verbosity }, () => this.nowMs);
  }
}

Deno.test("Progress writes plain lines and nothing else where stderr is no terminal", async () => {
  const screen = new Screen(false);
  {
    using progress = screen.progress();
    for (const event of [studyStarted(), runStarted(run), runFinished(run), studyFinished()]) {
      progress.take(event);
    }
  }
  await screen.streams.err.flush();
  assert.equal(
    screen.text,
    [
      "s: 4 runs planned, results in /tmp/out/s_1",
      "[1/4] a run: completed in 2.0s",
      "study finished: 4/4 runs completed, in 1m 15s",
      "",
    ].join("\n"),
  );
});

Deno.test("Progress writes a line a minute where stderr is no terminal and nothing else is written", async () => {
  const screen = new Screen(false);
  {
    using progress = screen.progress();
    progress.take(runStarted(run));
    for (let second = 1; second <= 200; second++) {
      screen.nowMs = second * 1000;
      if (second === 150) progress.say("a word");
      progress.beat();
    }
  }
  await screen.streams.err.flush();
  assert.deepEqual(screen.text.split("\n"), [
    "[1/4] a run: 60s so far",
    "[1/4] a run: 2m 00s so far",
    "llem: a word",
    "",
  ]);
});

Deno.test("Progress draws a live line on a terminal, and clears it before every line and at its end", async () => {
  const screen = new Screen(true);
  {
    using progress = screen.progress();
    progress.take(runStarted(run));
    await until("the live line is drawn", () => screen.text.includes("[1/4] a run"));
    assert.ok(screen.text.startsWith("\r\x1b[2K[1/4] a run"));
    screen.text = "";
    progress.take(runFinished(run));
    await screen.streams.err.flush();
    assert.ok(screen.text.startsWith("\r\x1b[2K[1/4] a run: completed"), JSON.stringify(screen.text));
    progress.take(runStarted(run, 2));
    const lengthBefore = screen.text.length;
    await until("the live line is drawn again", () => screen.text.length > lengthBefore);
    screen.text = "";
  }
  await screen.streams.err.flush();
  assert.equal(screen.text, "\r\x1b[2K");
});

Deno.test("Progress is silent on success where little is wanted, on a terminal as well", async () => {
  const screen = new Screen(true);
  {
    using progress = screen.progress("quiet");
    for (const event of [studyStarted(), runStarted(run), runFinished(run), studyFinished()]) {
      progress.take(event);
    }
  }
  await screen.streams.err.flush();
  assert.equal(screen.text, "");
});

Deno.test("Progress says once why the energy of runs is not resolved", async () => {
  const screen = new Screen(false);
  using progress = screen.progress();
  for (let count = 0; count < 3; count++) progress.take(runFinished(run, measuredRun(false)));
  await screen.streams.err.flush();
  assert.equal(screen.text.match(/energy unattributable/g)?.length, 3);
  assert.equal(screen.text.match(/other processes used GPU-a/g)?.length, 1);
});

/** Two boards, and a run on each. */
function twoRuns(progress: Progress): void {
  const boards = [{ key: "GPU-a", index: 0 }, { key: "GPU-b", index: 1 }];
  progress.take({ type: "pool_opened", mode: "staged", boards, width: 2 });
  for (const [slot, { key }] of boards.entries()) {
    const placed = { chain: "c1", slot, devices: [key] };
    const started = runStarted({ ...some, index: slot + 1 });
    assert.ok(started.type === "run_started");
    progress.take({ ...started, placed });
  }
}

Deno.test("Progress draws a row for each board in place, and lines above them in the same stroke", async () => {
  const screen = new Screen(true);
  {
    using progress = screen.progress();
    twoRuns(progress);
    await until("the rows are drawn", () => screen.text.includes("0/4 done, 2 running"));
    const rows = "GPU 0  [1/4] a run 0s\x1b[K\nGPU 1  [2/4] a run 0s\x1b[K\n0/4 done, 2 running\x1b[K";
    assert.equal(screen.text, `\r\x1b[2K${rows}`);
    screen.text = "";
    await until("they are drawn again", () => screen.text !== "");
    assert.equal(screen.text.slice(0, `\r\x1b[2A${rows}`.length), `\r\x1b[2A${rows}`);
    await screen.streams.err.flush();
    screen.text = "";
    progress.say("a word");
    await screen.streams.err.flush();
    assert.ok(
      screen.text.startsWith(`\r\x1b[2A\x1b[Jllem: a word\n\r\x1b[2K${rows}`),
      JSON.stringify(screen.text),
    );
    screen.text = "";
    await progress.hide();
    assert.equal(screen.text, "\r\x1b[2A\x1b[J");
  }
});

Deno.test("Progress names the board in every line of a log that is about one", async () => {
  const screen = new Screen(false);
  {
    using progress = screen.progress();
    twoRuns(progress);
    progress.take({ type: "waiting", what: "cooling", seconds: 9, text: "GPU 1 is hot", slot: 1 });
    progress.take(runFinished({ ...some, index: 2 }));
    progress.take({ type: "retry_waiting", run: some, attempt: 2, seconds: 4 });
    screen.nowMs = 61_000;
    progress.beat();
  }
  await screen.streams.err.flush();
  assert.deepEqual(screen.text.split("\n"), [
    "[GPU 1] GPU 1 is hot",
    "[GPU 1] [2/4] a run: completed in 2.0s",
    "[GPU 0] [1/4] attempt 2 in 4.0s",
    "1 run under way, 1 GPU idle, 1 of 4 done",
    "",
  ]);
});
