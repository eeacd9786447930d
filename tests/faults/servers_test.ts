/** Runners that die while a server of theirs lives. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { studyProcesses } from "../../scripts/soaking/study_processes.ts";
import { parseJournal } from "../../lib/journal/journal.ts";
import type { StampedEvent } from "../../lib/journal/event.ts";
import { assertGone, ended, LLEM, llem, ran, Sandbox, start, until } from "../e2e/llem.ts";
import { sampled } from "../support/sampled.ts";
import { inTurns } from "./_in_turns.ts";
import { killBoth, studyDirs } from "./_running_study.ts";

/**
 * A server that computes nothing. The files `options`, and `stays` where it is to hear SIGTERM and live on, say how it is; both
 * stand in the study file's folder, where it is started. It writes nothing: a pipe that nobody reads would end it.
 */
const SERVER = `
  exec >/dev/null
  [ -e stays ] || exec "$0" mock-server --port "$1" $(cat options)
  trap 'echo heard >stopping' TERM
  "$0" mock-server --port "$1" &
  while :; do wait; done`;

/** Where in a server's life its runner is killed. */
interface Moment {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly lifetime?: "run" | "group";
  readonly execution?: Readonly<Record<string, unknown>>;
  readonly isThere: (events: readonly StampedEvent[], box: Sandbox) => boolean;
  /** What is not there any more when the study is resumed. */
  readonly passes?: (box: Sandbox) => void;
}

const has = (events: readonly StampedEvent[], type: string): boolean =>
  events.some((event) => event.type === type);

const MOMENTS: readonly Moment[] = [
  {
    name: "while it starts",
    files: { options: "--loading-ms 100000" },
    isThere: (events) => has(events, "server_started"),
    passes: (box) => box.write("options", ""),
  },
  {
    name: "under load",
    files: { options: "--tick-ms 50" },
    isThere: (events) => has(events, "run_started"),
  },
  {
    name: "between two loads",
    files: { options: "" },
    execution: { experiment_gap_seconds: 100 },
    isThere: (events) => has(events, "run_finished"),
  },
  {
    name: "while it is stopped",
    files: { stays: "" },
    lifetime: "run",
    isThere: (_, box) => Deno.readTextFileSync(join(box.dir, "stopping")) === "heard\n",
    passes: (box) => {
      Deno.removeSync(join(box.dir, "stays"));
      box.write("options", "");
    },
  },
];

function studyOf(box: Sandbox, { files, lifetime = "group", execution = {} }: Moment): string {
  for (const [name, text] of Object.entries(files)) box.write(name, text);
  const server = {
    argv: ["/bin/sh", "-c", SERVER, LLEM, "{port}"],
    lifetime,
    ready_path: "/health",
  };
  const study = {
    name: "served",
    backend: "openai",
    model: "mock",
    dataset: { n: 4, input_len: 4, output_len: 4 },
    energy: { backend: null },
    openai: { server, prefix_cache: "allow" },
    sweep: { "openai.concurrency": lifetime === "run" ? [1] : [1, 2] },
    execution: { n_cycles: 1, ...execution },
  };
  return box.write("served.yaml", JSON.stringify(study));
}

function eventsOf(dir: string): readonly StampedEvent[] {
  return parseJournal(Deno.readFileSync(join(dir, "journal.jsonl"))).events;
}

/** A study that is at a moment. */
async function reach(box: Sandbox, moment: Moment): Promise<{ child: Deno.ChildProcess; dir: string }> {
  const child = start(["run", studyOf(box, moment), "-o", join(box.dir, "out"), "-q"]);
  const dir = await until("the study directory", () => studyDirs(box)[0]);
  await until(moment.name, () => moment.isThere(eventsOf(dir), box));
  return { child, dir };
}

Deno.test("fault 79: a server that runner and guard left behind is killed by a resume, wherever in its life they died", async () => {
  await inTurns(sampled("moments of a server's life", MOMENTS, 2), 2, async (moment) => {
    using box = new Sandbox();
    const { child, dir } = await reach(box, moment);
    await killBoth(child);
    const left = studyProcesses(dir).map(({ pid }) => pid);
    assert.ok(left.length > 0, `${moment.name}: nothing is left`);
    moment.passes?.(box);
    const end = ran(await llem(["run", "--resume", dir, "--json", "--no-gaps"]));
    await assertGone(left);
    assert.match(
      end.stderr,
      /^llem: processes [\d, ]+ of the server of 0001_\S+ outlived the last session/m,
      `${moment.name}: ${end.stderr}`,
    );
    assert.equal(end.code, 0, `${moment.name}: ${end.stderr}`);
    const count = (type: string): number => eventsOf(dir).filter((event) => event.type === type).length;
    assert.equal(count("server_starting"), count("server_stopped"), moment.name);
    assert.deepEqual(studyProcesses(dir), []);
  });
});

Deno.test("fault 79: a server dies with its runner, wherever in its life that died", async () => {
  await inTurns(sampled("moments of a server's life", MOMENTS, 1), 2, async (moment) => {
    using box = new Sandbox();
    const { child, dir } = await reach(box, moment);
    child.kill("SIGKILL");
    await ended(child);
    await until(`${moment.name}: nothing is left`, () => studyProcesses(dir).length === 0);
  });
});
