/** Real runs beside processes that take CPU time. What a busy machine does to the others is judged by their own readings. */
import assert from "node:assert/strict";
import { sleep } from "../../lib/base/abort.ts";
import type { RunnerEvent } from "../../lib/journal/runner_event.ts";
import type { ResultRecord } from "../../lib/results/record.ts";
import { ContentionWatch } from "../../lib/runner/contention_watch.ts";
import { makeStudy } from "../support/attempts.ts";
import { planOf, workerConfig } from "../support/plans.ts";

/** As many as there are CPUs, each in a session of its own, as other people's programs are. */
class Hogs implements AsyncDisposable {
  readonly #processes = Array.from(
    { length: navigator.hardwareConcurrency },
    () =>
      new Deno.Command("/bin/sh", {
        args: ["-c", "while kill -0 $PPID; do i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done; done"],
        stdin: "null",
        stdout: "null",
        stderr: "null",
        detached: true,
      }).spawn(),
  );

  get pids(): number[] {
    return this.#processes.map(({ pid }) => pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const hog of this.#processes) hog.kill("SIGKILL");
    await Promise.all(this.#processes.map(({ status }) => status));
  }
}

async function runOf(params: Readonly<Record<string, boolean>>): Promise<
  { readonly record: ResultRecord; readonly events: readonly RunnerEvent[] }
> {
  using study = await makeStudy(planOf([workerConfig("computes", { params })]));
  assert.equal(study.error, null);
  const finished = study.events.find((event) => event.type === "run_finished");
  assert.ok(finished !== undefined);
  return { record: finished.record, events: study.events };
}

function assertAgrees({ outcome, contention, warnings }: ResultRecord): void {
  const isContended = contention?.contended === "yes";
  assert.equal(outcome.kind, "completed");
  assert.deepEqual(outcome.flags, isContended ? ["contended"] : []);
  assert.deepEqual(warnings.map(({ code }) => code), isContended ? ["contended"] : []);
}

Deno.test("a run beside processes that take the CPUs is contended, one that leaves them alone is not", async () => {
  await using _hogs = new Hogs();
  const [{ record, events }, { record: idle }] = [await runOf({}), await runOf({ idle: true })];
  assertAgrees(record);
  assertAgrees(idle);
  const { contended, reasons, lost_share, readings } = record.contention ?? {};
  assert.equal(contended, "yes", JSON.stringify(readings));
  assert.match(reasons?.[0] ?? "", /^other processes used [\d.]+ of [\d.]+ CPUs during the measured windows/);
  assert.ok((lost_share ?? 0) > 0.1, JSON.stringify(readings));
  assert.equal(readings?.covers, "measured_windows");
  assert.ok(
    (readings?.observed_s ?? 0) > 0.2 && (readings?.own?.cpu_s ?? 0) > 0.02,
    JSON.stringify(readings),
  );
  const [told] = events.filter((event) => event.type === "warning");
  assert.match(told?.text ?? "", /^1 of 1 completed run was contended: /);
  // A shell that sleeps wants no CPU, however busy the machine is.
  assert.ok((idle.contention?.lost_share ?? 1) < (lost_share ?? 0) / 2, JSON.stringify(idle.contention));
});

Deno.test("a run with nothing beside it is not contended, or shows what was", async () => {
  const { record } = await runOf({});
  assertAgrees(record);
  const { contended, lost_share, readings } = record.contention ?? {};
  // Less than 0.05 s of waiting is none, whatever its share of a short window.
  const isQuiet = (readings?.others_cpus ?? 0) < 0.1 || (lost_share ?? 0) < 0.05 ||
    (readings?.own?.wait_s ?? 0) < 0.05;
  assert.equal(contended, isQuiet ? "no" : "yes", JSON.stringify(record.contention));
  assert.ok((readings?.own?.cpu_s ?? 0) > 0.02, JSON.stringify(readings));
});

Deno.test("frames that come when nobody watches any more start no readings", () => {
  const watch = new ContentionWatch();
  watch.started({ pid: Deno.pid, cgroup: null, is_contained: false });
  assert.equal(watch.end().contended, "unknown");
  // A timer that they started would be a leak, which fails the test.
  watch.onFrame({ type: "phase", name: "measure", edge: "begin", t_ns: 1n });
});

Deno.test("what a run's server uses is not of others", async () => {
  await using hogs = new Hogs();
  const [server_pid] = hogs.pids;
  assert.ok(server_pid !== undefined);
  const idle = new Deno.Command("sleep", { args: ["60"] }).spawn();
  const worker = { pid: idle.pid, cgroup: null, is_contained: false };
  const [alone, served] = [new ContentionWatch(), new ContentionWatch()];
  alone.started(worker);
  served.started({ ...worker, server_pid });
  for (const edge of ["begin", "end"] as const) {
    for (const watch of [alone, served]) watch.onFrame({ type: "phase", name: "measure", edge, t_ns: 1n });
    if (edge === "begin") await sleep(500);
  }
  idle.kill("SIGKILL");
  await idle.status;
  const [all, less] = [alone, served].map((watch) => watch.end().readings?.others_cpu_s ?? 0);
  assert.ok((all ?? 0) - (less ?? 0) > 0.05, `${all} ${less}`);
});

Deno.test("a run whose client was a limit completes with a flag of its own", async () => {
  using study = await makeStudy(planOf([workerConfig("client_limited")]));
  const finished = study.events.find((event) => event.type === "run_finished");
  assert.ok(finished !== undefined);
  assert.equal(finished.record.outcome.kind, "completed");
  assert.ok(finished.record.outcome.flags.includes("client_limited"));
});
