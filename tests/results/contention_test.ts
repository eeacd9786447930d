import assert from "node:assert/strict";
import { judgeContention, unknownContention } from "../../lib/results/contention/judge.ts";
import { namedBeside } from "../../lib/results/contention/beside.ts";
import type { ContentionReadings, OwnCpu } from "../../lib/results/contention/record.ts";
import { recordOf } from "../support/records.ts";

type Change = Partial<Omit<ContentionReadings, "own">> & { readonly own?: Partial<OwnCpu> | null };

/** A run of ten seconds on one of two CPUs, with nothing beside it. */
function readings(
  { own = {}, others_cpus = 0.02, observed_s = 10, ...change }: Change = {},
): ContentionReadings {
  return {
    covers: "measured_windows",
    observed_s,
    usable_cpus: 2,
    own: own === null ? null : {
      cpu_s: 9.9,
      wait_s: 0.02,
      longest_thread_wait_s: 0.02,
      threads_read: 4,
      ...own,
    },
    llem_cpu_s: 0.05,
    machine_cpu_s: 10.1,
    others_cpu_s: others_cpus === null ? null : others_cpus * observed_s,
    others_cpus,
    steal_s: 0,
    pressure: null,
    own_pressure: null,
    load_per_minute: { begin: 1, end: 1 },
    throttling: null,
    memory_bandwidth_bytes_per_s: null,
    memory_bandwidth_reason: "resctrl is not mounted at /sys/fs/resctrl",
    ...change,
  };
}

const pressed = (cpu_some_s: number) => ({
  own_pressure: { cpu_some_s, memory_some_s: 0, memory_full_s: 0, io_some_s: 0, io_full_s: 0 },
});

/** What is read, the answer, what its reason says. */
const CASES: readonly [string, Change, "yes" | "no" | "unknown", RegExp?][] = [
  ["a quiet machine", {}, "no"],
  [
    "half of the CPU time went to others",
    { others_cpus: 1.6, own: { cpu_s: 4, wait_s: 6, longest_thread_wait_s: 6 } },
    "yes",
    /other processes used 1\.6 of 2 CPUs during the measured windows, .* lost 60 % of its CPU time/,
  ],
  ["others had a CPU of their own", { others_cpus: 1, own: { wait_s: 0.05 } }, "no"],
  ["others used little, the run waited little", { others_cpus: 0.2, own: { wait_s: 0.4 } }, "no"],
  ["waits of a quiet machine are its own threads'", { others_cpus: 0.05, own: { wait_s: 3 } }, "no"],
  [
    "eight threads on two CPUs wait for each other, and a little for others",
    { others_cpus: 0.11, own: { cpu_s: 18.7, wait_s: 60, longest_thread_wait_s: 8 } },
    "yes",
    /6\.5 % of its CPU time/,
  ],
  [
    "eight threads on two CPUs wait for each other",
    { others_cpus: 0.1, own: { cpu_s: 19.2, wait_s: 60, longest_thread_wait_s: 8 } },
    "no",
  ],
  [
    "one of eight threads waited: the others wait for it",
    { usable_cpus: 16, others_cpus: 1, own: { cpu_s: 78, wait_s: 2, longest_thread_wait_s: 1.9 } },
    "yes",
    /one thread of this run waited for a CPU for 19 % of the time/,
  ],
  [
    "a GPU run on a busy machine that hardly waited",
    { others_cpus: 1.7, own: { cpu_s: 0.3, wait_s: 0.1 } },
    "no",
  ],
  [
    "a GPU run whose thread had to wait",
    { others_cpus: 1.7, own: { cpu_s: 2, wait_s: 1, longest_thread_wait_s: 0.4 } },
    "yes",
    /lost 10 %/,
  ],
  [
    "no schedstat: by the pressure of its own group",
    { others_cpus: 1, own: { cpu_s: 8, wait_s: null, longest_thread_wait_s: null }, ...pressed(2) },
    "yes",
    /lost 20 %/,
  ],
  ["no schedstat, no pressure felt", { others_cpus: 1, own: { wait_s: null }, ...pressed(0.1) }, "no"],
  [
    "no waits told, and no CPU was idle",
    { others_cpus: 1, machine_cpu_s: 19.8, own: { wait_s: null } },
    "yes",
    /other processes used 1 of 2 CPUs .* and no CPU was idle/,
  ],
  ["no waits told, and a CPU was idle", { others_cpus: 0.5, machine_cpu_s: 15, own: { wait_s: null } }, "no"],
  [
    "no waits told, no CPU was idle, and the run needed little",
    { others_cpus: 1.9, machine_cpu_s: 19.8, own: { cpu_s: 0.2, wait_s: null } },
    "unknown",
    /does not report how long a thread waited/,
  ],
  ["a window of 0.1 s", { observed_s: 0.1, others_cpus: 2 }, "unknown", /too short: 0\.1 s, at least 0\.2 s/],
  [
    "a run of 0.9 s that marks no window",
    { covers: "run", observed_s: 0.9, others_cpus: 2 },
    "unknown",
    /at least 1 s/,
  ],
  [
    "a run that marks no window",
    { covers: "run", observed_s: 2, others_cpus: 1, own: { cpu_s: 1, wait_s: 1 } },
    "yes",
    /CPUs during the run, /,
  ],
  [
    "some wake-ups in a short window",
    { observed_s: 0.3, others_cpus: 1.9, own: { cpu_s: 0.01, wait_s: 0.04, longest_thread_wait_s: 0.04 } },
    "no",
  ],
  ["a container", { own: null, others_cpus: null }, "unknown", /own processes could not be read/],
  ["a /proc that tells nothing", { others_cpus: null, machine_cpu_s: null }, "unknown", /\/proc\/stat/],
  ["steal", { steal_s: 1.5 }, "yes", /hypervisor withheld 13 % of this run's CPU time/],
  ["steal, from what else ran", { steal_s: 1.5, own: { cpu_s: 0.2 } }, "no"],
  ["little steal", { steal_s: 0.3 }, "no"],
  ["steal, of a container", { own: null, others_cpus: null, steal_s: 1.5 }, "yes", /^the hypervisor/],
  [
    "the limit of a control group",
    { usable_cpus: 1.5, throttling: { periods: 100, throttled_periods: 40, throttled_s: 3 } },
    "yes",
    /CPU limit of 1\.5 CPUs throttled its processes in 40 % of the limit's periods/,
  ],
  [
    "a limit that was hardly met",
    { throttling: { periods: 100, throttled_periods: 2, throttled_s: 0.01 } },
    "no",
  ],
  [
    "a limit met in one period only",
    { throttling: { periods: 2, throttled_periods: 1, throttled_s: 0.01 } },
    "no",
  ],
];

for (const [name, change, contended, reason] of CASES) {
  Deno.test(`judgeContention(): ${name} is "${contended}"`, () => {
    const given = readings(change);
    const record = judgeContention(given);
    assert.equal(record.contended, contended, JSON.stringify(record.reasons));
    assert.equal(record.reasons.length, contended === "no" ? 0 : 1);
    assert.match(record.reasons[0] ?? "", reason ?? /^$/);
    assert.equal(record.readings, given);
  });
}

Deno.test("judgeContention() names all that slowed a run down", () => {
  const throttling = { periods: 100, throttled_periods: 40, throttled_s: 3 };
  const { reasons } = judgeContention(
    readings({ others_cpus: 1, own: { cpu_s: 5, wait_s: 5 }, throttling, steal_s: 2 }),
  );
  assert.equal(reasons.length, 3);
});

Deno.test("makeRecord() keeps what was read of contention, and nothing where nobody looked", () => {
  const contention = unknownContention("no process was started");
  assert.deepEqual(recordOf({ contention }).contention, contention);
  assert.equal("contention" in recordOf(), false);
});

Deno.test("a run that had to wait beside others of its study is told that they were among them", () => {
  const own = { cpu_s: 4, wait_s: 6, longest_thread_wait_s: 6 };
  const contended = judgeContention(readings({ others_cpus: 1.6, own }));
  const beside = ["run-1", "run-2", "run-2", "run-3", "run-4"].map((run_id) => ({ run_id, overlap_s: 3 }));
  const named = namedBeside(contended, [...beside, { run_id: "run-9", overlap_s: 0 }]);
  assert.deepEqual(named.beside, ["run-1", "run-2", "run-3", "run-4"]);
  assert.match(named.reasons.at(-1) ?? "", /among .* runs of this study \(run-1, run-2, run-3 and 1 more\)/);
  assert.deepEqual(namedBeside(contended, []), contended);
  const quiet = judgeContention(readings());
  assert.deepEqual(namedBeside(quiet, beside), quiet);
});
