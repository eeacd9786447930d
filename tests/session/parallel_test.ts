import { deepStrictEqual, ok } from "node:assert/strict";
import { formatIssue } from "../../lib/base/issue.ts";
import { NO_EARLIER_TIMES } from "../../lib/plan/estimate.ts";
import { planRecord, planText } from "../../lib/report/plan_text.ts";
import { parallelOutlook } from "../../lib/session/parallel/outlook.ts";
import { readPlan } from "../../lib/session/read_plan.ts";
import type { Override } from "../../lib/study/study.ts";
import { TempFolder } from "../support/temp_folder.ts";

const STUDY = `
backend: command
command: { argv: ["true"] }
sweep: { model: [a, b], params.x: [1, 2] }
execution:
  n_cycles: 3
  parallel: staged
  devices: [0, 1, 2, 3, 4, 5, 6, 7]
`;
const PER_RUN: Override = { path: "execution.devices_per_run", text: "1", source: "--set" };
const GATE: Override = { path: "command.waits_for_gate", text: "true", source: "--set" };

function read(text: string, overrides: readonly Override[] = []): ReturnType<typeof readPlan> {
  using folder = new TempFolder();
  const file = folder.write("study.yaml", text);
  const reading = readPlan({ file, overrides });
  const issues = reading.issues.map((issue) => ({
    ...issue,
    file: issue.file?.replace(file, "study.yaml") ?? null,
  }));
  return { ...reading, issues };
}

Deno.test("readPlan() tells at its place what keeps runs from being placed on devices", () => {
  const told = (more: readonly Override[]): string[] => read(STUDY, more).issues.map(formatIssue);
  deepStrictEqual(told([]), [
    "study.yaml:7:3 execution.parallel: cannot tell how many devices a run of backend command takes " +
    "(set execution.devices_per_run, or let the settings of the engine say it)",
  ]);
  deepStrictEqual(told([{ ...PER_RUN, text: "9" }]), [
    "study.yaml:8:3 execution.devices: a run takes 9 devices, but there are 8 " +
    "(name 9 or more in execution.devices, or let a run take fewer)",
  ]);
  const vllm: Override[] = [
    { path: "backend", text: "vllm", source: "-b" },
    { path: "vllm.engine.tensor_parallel_size", text: "4", source: "--set" },
    { ...PER_RUN, text: "2" },
  ];
  deepStrictEqual(
    read(STUDY.replace(/command: .*\n/, "").replace(", params.x: [1, 2]", ""), vllm).issues.map(formatIssue),
    [
      "--set execution.devices_per_run: is 2, but the settings of a run ask for 4 devices (remove it, or set it to 4 or more)",
    ],
  );
  deepStrictEqual(told([PER_RUN]), []);
  // Nobody needs to know for runs that are made one after the other.
  for (const mode of ["off", "auto"]) {
    deepStrictEqual(told([{ path: "execution.parallel", value: mode, source: "--parallel" }]), []);
  }
});

Deno.test("plan tells how many devices work, how long it takes, and what is alone", () => {
  const textOf = (overrides: readonly Override[]): readonly string[] => {
    const { plan } = read(STUDY, overrides);
    if (plan === null) throw new Error("no plan");
    const outlook = parallelOutlook(plan, { env: {}, base_dir: "/" }, NO_EARLIER_TIMES);
    const { parallel } = planRecord(plan, [], NO_EARLIER_TIMES, 0, null, outlook);
    deepStrictEqual(parallel, outlook ?? undefined);
    return planText(plan, NO_EARLIER_TIMES, 0, null, outlook).split("\n");
  };
  const quick: Override = { path: "measure.min_seconds", text: "5", source: "--set" };
  const [, time, width, seconds, source, measured, pairBy, cycles] = textOf([PER_RUN, GATE, quick]);
  ok(time?.startsWith("time with one run at a time: at least"), time);
  deepStrictEqual(width, "parallel: staged, up to 3 of 8 devices at a time, in 3 chains; 5 idle");
  ok(/^ {2}about .* with one run at a time: [\d.]+ times as fast$/.test(seconds ?? ""), seconds);
  ok(source?.startsWith("    assuming 60 s for each load"), source);
  ok(measured?.startsWith("    measured windows, one at a time, take"), measured);
  ok(pairBy?.startsWith("  execution.pair_by: [model] would let 6 work at a time"), pairBy);
  deepStrictEqual(cycles, "  8 cycles would let 8 work at a time");
  const alone = textOf([PER_RUN]);
  ok(
    alone.includes(
      "  4 experiments with nothing beside them: the worker cannot wait to be measured (see command.waits_for_gate), or the server is not llem's",
    ),
    alone.join("\n"),
  );
  const auto = textOf([{ path: "execution.parallel", value: "auto", source: "--parallel" }, PER_RUN]);
  ok(
    auto.some((line) => line.startsWith("parallel: off, since a worker cannot wait to be measured")),
    auto.join("\n"),
  );
  ok(textOf([{ path: "execution.parallel", value: "off", source: "--parallel" }])[1]?.startsWith("time: "));
});
