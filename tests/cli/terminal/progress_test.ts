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
