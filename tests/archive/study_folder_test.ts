import { StudyInputs } from "../../lib/inputs/study_inputs.ts";
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { removeIfThere } from "../../lib/base/files.ts";
import { storedInputs } from "../../lib/session/find_inputs.ts";
import { sha256Hex } from "../../lib/base/canonical_json.ts";
import { CommandError } from "../../lib/base/refusal.ts";
import { resolveConfig } from "../../lib/experiment/resolve_config.ts";
import { planDifferences } from "../../lib/plan/plan_differences.ts";
import { restorePlan, type StoredPlan, storePlan } from "../../lib/archive/stored_plan.ts";
import {
  createStudyFolder,
  hideStoredSecrets,
  openStudyFolder,
  removeLeftovers,
} from "../../lib/archive/study_folder.ts";
import { writePythonWorker } from "../../lib/python/worker_files.ts";
import { realDisk } from "../../lib/storage/disk.ts";
import { SaveError } from "../../lib/storage/save_error.ts";
import { FailingDisk } from "../support/failing_disk.ts";
import { configOf, planOf } from "../support/plans.ts";
import { TempFolder } from "../support/temp_folder.ts";

const plan = planOf([configOf({ params: { a: 1 } }), configOf({ params: { a: 2 } })], {
  n_cycles: 3,
  gap: "cycle",
});
const text = new TextEncoder().encode("name: x\n# as it was\n");

function reading(folder: TempFolder): Parameters<typeof createStudyFolder>[2] {
  return { text, base_dir: folder.path, inputs: new StudyInputs() };
}

Deno.test("storePlan() and restorePlan() keep a plan, each configuration once", () => {
  const stored: StoredPlan = JSON.parse(
    JSON.stringify(storePlan(plan, { base_dir: "/", study_sha256: "x" })),
  );
  assert.deepEqual(restorePlan(stored), plan);
  assert.equal(Object.keys(stored.experiments).length, 2);
  assert.equal(stored.runs.length, 6);
});

Deno.test("restorePlan() keeps runners, and takes a plan of an earlier llem for one without any", () => {
  const runners = { pytorch: "docker:engine:1" };
  const stored = storePlan({ ...plan, runners }, { base_dir: "/", study_sha256: "x" });
  assert.deepEqual(restorePlan(stored)?.runners, runners);
  const { runners: _, ...older } = stored.plan;
  assert.deepEqual(restorePlan({ ...stored, plan: older } as StoredPlan)?.runners, {});
});

Deno.test("restorePlan() takes what an earlier llem left open as it was meant, and keeps the hash it had", () => {
  const config = resolveConfig({ model: "m" });
  assert.ok(config !== null);
  const stored: StoredPlan = JSON.parse(
    JSON.stringify(storePlan(planOf([config]), { base_dir: "/", study_sha256: "x" })),
  );
  assert.deepEqual(restorePlan(stored)?.runs[0]?.config.pytorch?.trust_remote_code, false);
  const hash = "1d8d9029d16d46ac";
  const earlier = { ...config, pytorch: { ...config.pytorch, trust_remote_code: null } };
  const runs = stored.runs.map((run) => ({ ...run, config_hash: hash }));
  const restored = restorePlan({ ...stored, runs, experiments: { [hash]: earlier } } as StoredPlan);
  assert.deepEqual(
    restored?.runs.map((run) => [run.config_hash, run.config.pytorch?.trust_remote_code]),
    [[hash, true]],
  );
  assert.ok(restored !== null);
  const allowed = resolveConfig({ model: "m", pytorch: { trust_remote_code: true } });
  assert.ok(allowed !== null);
  assert.deepEqual(planDifferences(restored, planOf([allowed])), []);
  assert.match(
    planDifferences(restored, planOf([config])).join(),
    /^experiment 1d8d9029d16d46ac is now \w+: pytorch\.trust_remote_code was true, is false$/,
  );
});

Deno.test("restorePlan() takes secrets out of what an earlier llem stored, and knows them for workers", () => {
  const [shown] = planOf([configOf({ command: { argv: ["a"], env: { API_TOKEN: "t0ken", A: "b" } } })]).runs;
  const { env_from: _, ...command } = shown?.config.command ?? { argv: [], env: {}, env_from: [] };
  const earlier = { ...shown?.config, command: { ...command, env: { API_TOKEN: "t0ken", A: "b" } } };
  const stored = storePlan(plan, { base_dir: "/", study_sha256: "x" });
  const { secrets: __, ...before } = stored.plan;
  const [first] = stored.runs;
  const of = { ...stored, plan: before, runs: [{ ...first, config_hash: "h" }], experiments: { h: earlier } };
  const restored = restorePlan(of as unknown as StoredPlan);
  assert.deepEqual(restored?.runs[0]?.config, shown?.config);
  assert.deepEqual(restored?.secrets, { h: [{ path: ["command", "env", "API_TOKEN"], value: "t0ken" }] });
  assert.ok(restored !== null);
  // Stored anew, nothing changes, and nothing is taken for a secret twice.
  const again = restorePlan(
    JSON.parse(JSON.stringify(storePlan(restored, { base_dir: "/", study_sha256: "x" }))),
  );
  assert.deepEqual(again, restored);
});

Deno.test("createStudyFolder() and hideStoredSecrets() keep the files that hold secrets from others", () => {
  using folder = new TempFolder();
  const modes = (dir: string): string[] =>
    ["study.yaml", "plan.json", "environment.json", "inputs.json"].map((name) =>
      ((Deno.statSync(`${dir}/${name}`).mode ?? 0) & 0o777).toString(8)
    );
  const open = (0o666 & ~Deno.umask()).toString(8);
  const secret = planOf([configOf({ params: { api_key: "k3y" } })]);
  const source = reading(folder);
  const token = new TextEncoder().encode("# hf_AbCdEf0123456789AbCdEf\n");
  for (
    const [of, kept] of [
      [createStudyFolder(realDisk, folder.path, source, plan), open],
      [createStudyFolder(realDisk, folder.path, source, secret), "600"],
      [createStudyFolder(realDisk, folder.path, { ...source, holds_secrets: true }, plan), "600"],
      [createStudyFolder(realDisk, folder.path, { ...source, text: token }, plan), "600"],
    ] as const
  ) assert.deepEqual(modes(of), [kept, kept, open, open]);
  const dir = createStudyFolder(realDisk, folder.path, source, secret);
  for (const name of ["study.yaml", "plan.json"]) Deno.chmodSync(`${dir}/${name}`, 0o644);
  hideStoredSecrets({ dir, plan });
  assert.equal(modes(dir)[1], "644");
  hideStoredSecrets({ dir, plan: secret });
  assert.deepEqual(modes(dir), ["600", "600", open, open]);
});

Deno.test("restorePlan() is null for another schema, and where the plan or a configuration is missing", () => {
  const stored = storePlan(plan, { base_dir: "/", study_sha256: "x" });
  for (const change of [{ schema: "llem.plan/2" }, { experiments: {} }, { plan: undefined }]) {
    assert.equal(restorePlan({ ...stored, ...change } as unknown as StoredPlan), null);
  }
});

Deno.test("createStudyFolder() puts down everything that is known before the first run", () => {
  using folder = new TempFolder();
  const dir = createStudyFolder(realDisk, folder.at("out"), reading(folder), {
    ...plan,
    name: "My ../study",
  });
  assert.match(basename(dir), /^My-..-study_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d_[a-z2-9]{4}$/);
  const names = folder.names("out", basename(dir));
  assert.deepEqual(names, ["environment.json", "inputs.json", "plan.json", "runs", "study.yaml"]);
  assert.deepEqual(Deno.readFileSync(`${dir}/study.yaml`), text);
  const opened = openStudyFolder(dir);
  assert.deepEqual(opened.plan.runs, plan.runs);
  assert.equal(opened.base_dir, folder.path);
  assert.equal(opened.study_sha256, sha256Hex(text));
  assert.deepEqual(opened.journal, { events: [], valid_bytes: 0, torn_bytes: 0 });
});

Deno.test("removeLeftovers() removes the Python worker that a killed runner left, whole or half written", () => {
  using folder = new TempFolder();
  const dir = createStudyFolder(realDisk, folder.at("out"), reading(folder), plan);
  const names = folder.names("out", basename(dir));
  writePythonWorker(dir);
  Deno.mkdirSync(`${dir}/.llem-python.new`);
  removeLeftovers(dir);
  assert.deepEqual(folder.names("out", basename(dir)), names);
});

Deno.test("createStudyFolder() calls a study without a name `study`", () => {
  using folder = new TempFolder();
  for (const name of [null, "", "../.."]) {
    const dir = createStudyFolder(realDisk, folder.at("out"), reading(folder), { ...plan, name });
    assert.match(basename(dir), /^study_\d{4}/);
  }
});

Deno.test("createStudyFolder() leaves nothing behind where a write fails", () => {
  for (let failAt = 1; failAt <= 5; failAt++) {
    using folder = new TempFolder();
    assert.throws(
      () => createStudyFolder(new FailingDisk(failAt), folder.at("out"), reading(folder), plan),
      (error) => error instanceof SaveError && /no space left/.test(error.message),
    );
    assert.deepEqual(folder.names("out"), []);
  }
});

Deno.test("openStudyFolder() explains what is no study directory of ours, with exit code 2", () => {
  using folder = new TempFolder();
  const opens = (name: string, plan_json: string | null, journal: string | null): void => {
    Deno.mkdirSync(folder.at(name));
    if (plan_json !== null) folder.write(`${name}/plan.json`, plan_json);
    if (journal !== null) folder.write(`${name}/journal.jsonl`, journal);
    openStudyFolder(folder.at(name));
  };
  const good = JSON.stringify(storePlan(plan, { base_dir: "/", study_sha256: "x" }));
  const cases:
    readonly (readonly [what: string, plan_json: string | null, journal: string | null, message: RegExp])[] =
      [
        ["empty", null, null, /is not a study directory/],
        ["garbage", "{", null, /not a plan that this version of llem can read/],
        ["null", "null", null, /not a plan that this version of llem can read/],
        ["other", '{"schema":"llem.plan/9"}', null, /not a plan that this version of llem can read/],
        ["half", '{"schema":"llem.plan/1"}', null, /not a plan that this version of llem can read/],
        ["journal", good, "garbage\ngarbage\n", /journal\.jsonl: The journal is damaged at byte 0/],
      ];
  for (const [what, plan_json, journal, message] of cases) {
    assert.throws(
      () => opens(what, plan_json, journal),
      (error) => error instanceof CommandError && error.exitCode === 2 && message.test(error.message),
      what,
    );
  }
  assert.throws(() => openStudyFolder(folder.at("missing")), CommandError);
  opens("good", good, null);
});

Deno.test("a pipe in place of a file of a study directory is refused in words, and keeps nobody waiting", () => {
  using folder = new TempFolder();
  const dir = createStudyFolder(realDisk, folder.path, reading(folder), plan);
  const readers: readonly (readonly [name: string, read: () => unknown])[] = [
    ["journal.jsonl", () => openStudyFolder(dir)],
    ["inputs.json", () => storedInputs(dir)],
    ["plan.json", () => openStudyFolder(dir)],
  ];
  for (const [name, read] of readers) {
    removeIfThere(join(dir, name));
    assert.ok(new Deno.Command("mkfifo", { args: [join(dir, name)] }).outputSync().success);
    assert.throws(read, (error) => {
      assert.ok(error instanceof CommandError);
      assert.equal(error.exitCode, 2);
      assert.ok(
        error.message.startsWith(`Cannot read ${join(dir, name)}: it is a pipe or a device`),
        error.message,
      );
      return true;
    });
    Deno.removeSync(join(dir, name));
  }
});
