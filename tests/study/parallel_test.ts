import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import { configHash } from "../../lib/experiment/identity.ts";
import { variedPaths } from "../../lib/results/varied.ts";
import { readStudy } from "../../lib/study/read_study.ts";
import { readUserConfig } from "../../lib/study/user_config.ts";
import { formatIssue } from "../../lib/base/issue.ts";
import { planOf, tell } from "./_tell.ts";

const HEAD = "model: m\nbackend: command\ncommand: { argv: [a] }\n";
const given = (parallel: string): string => `${HEAD}execution: { parallel: ${parallel} }\n`;

Deno.test("execution.parallel is a word, also off, which other YAML takes for false", () => {
  for (const word of ["off", "staged", "shared", "auto"]) {
    strictEqual(planOf(given(word)).execution.parallel, word);
    strictEqual(
      planOf(HEAD, [{ path: "execution.parallel", value: word, source: "--parallel" }]).execution.parallel,
      word,
    );
    strictEqual(
      planOf(HEAD, [{ path: "execution.parallel", text: word, source: "--set" }]).execution.parallel,
      word,
    );
  }
  strictEqual(planOf(HEAD).execution.parallel, "off");
  const modes = "must be one of off, staged, shared, auto";
  deepStrictEqual(tell(given("false")).errors, [
    `study.yaml:4:24 execution.parallel: ${modes}, found false (did you mean "off"?)`,
  ]);
  deepStrictEqual(tell(given("stagged")).errors, [
    `study.yaml:4:24 execution.parallel: ${modes}, found "stagged" (did you mean "staged"?)`,
  ]);
});

Deno.test("execution.pair_by names fields of an experiment", () => {
  const of = (list: string): readonly string[] => tell(`${HEAD}execution: { pair_by: ${list} }\n`).errors;
  deepStrictEqual(of("[model, backend, params.anything, decoder.temperature, vllm.engine.max_num_seqs]"), []);
  deepStrictEqual(of("[modle, decoder.temprature]"), [
    'study.yaml:4:24 execution.pair_by: "modle" is not a known key (did you mean "model"?)',
    'study.yaml:4:31 execution.pair_by: "decoder.temprature" is not a known key (did you mean "temperature"?)',
  ]);
});

Deno.test("settings of several runs at a time are told apart from what they must be", () => {
  const bad = (block: string): string => tell(`${HEAD}execution: { ${block} }\n`).errors.join("\n");
  for (
    const block of [
      "devices_per_run: 0",
      "devices_per_run: two",
      "pair_by: 3",
      "quiet: maybe",
      "pin: cores",
      "audit: { pairs: 2 }",
      "audit: { tolerance: 0 }",
      "audit: { experiments: 0 }",
    ]
  ) ok(/must be/.test(bad(block)), `${block}: ${bad(block)}`);
  const own = tell(`${HEAD}parallel: none\n`).errors.join();
  ok(/must be allowed or never, or null/.test(own), own);
});

Deno.test("how runs are made at a time is no part of an experiment's identity, nor of the seed of its order", () => {
  const study = (more: string): string =>
    `model: [a, b]\nsweep: { n: [1, 2] }\n${more}`.replace("[a, b]", "gpt2");
  const plain = planOf(study(""));
  const told = planOf(study("parallel: never\nexecution: { parallel: staged, devices_per_run: 1 }\n"));
  deepStrictEqual(told.study_design_hash, plain.study_design_hash);
  deepStrictEqual(told.seed, plain.seed);
  deepStrictEqual(
    told.runs.map(({ config }) => configHash(config)),
    plain.runs.map(({ config }) => configHash(config)),
  );
});

Deno.test("a configuration of an earlier llem differs in nothing from one of today", () => {
  const config = planOf(HEAD).runs[0]?.config;
  ok(config?.command !== null && config !== undefined);
  const { parallel: _parallel, command: { waits_for_gate: _gate, ...command }, ...rest } = config;
  deepStrictEqual(variedPaths([config, { ...rest, command } as unknown as ExperimentConfig]), []);
});

Deno.test("a user's configuration may hold what belongs to the machine, and nothing of the study", () => {
  const read = (execution: string): ReturnType<typeof readUserConfig> =>
    readUserConfig({ file: "config.yaml", text: `execution: { ${execution} }\n` }, {});
  const { config, issues } = read("parallel: auto, quiet: true, pin: numa");
  deepStrictEqual(issues, []);
  ok(config !== null);
  const of = (text: string): unknown => {
    const execution = readStudy({ file: "study.yaml", text }, [], config).study?.execution;
    return [execution?.parallel, execution?.quiet, execution?.pin];
  };
  deepStrictEqual(of(HEAD), ["auto", true, "numa"]);
  deepStrictEqual(of(`${HEAD}execution: { parallel: off, quiet: false }\n`), ["off", false, "numa"]);
  for (const key of ["devices_per_run: 1", "pair_by: [model]", "audit: {}"]) {
    const [issue] = read(key).issues;
    ok(issue !== undefined && /is not a known key/.test(formatIssue(issue)), key);
  }
});
