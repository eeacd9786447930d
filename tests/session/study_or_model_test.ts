import assert from "node:assert/strict";
import { pathProblem } from "../../lib/session/open_study.ts";
import { readPlan } from "../../lib/session/read_plan.ts";
import { isModel } from "../../lib/session/study_or_model.ts";
import type { Override } from "../../lib/study/study.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("isModel() tells a model that stands in the place of a study file", () => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.at("weights"));
  folder.write("weights/config.json", "{}");
  Deno.mkdirSync(folder.at("ggufs"));
  folder.write("ggufs/m.gguf", "GGUF");
  Deno.mkdirSync(folder.at("studies"));
  folder.write("no-suffix", "GGUF and so on");
  folder.write("study.yaml", "model: tiny-random\n");
  const models = [folder.at("weights"), folder.at("ggufs"), folder.at("no-suffix"), "x.gguf", "tiny-random"];
  for (const path of models) assert.equal(isModel(path), true, path);
  for (const path of [folder.at("studies"), folder.at("study.yaml"), "none.yaml"]) {
    assert.equal(isModel(path), false, path);
  }
  const { plan, issues } = readPlan({ file: "models/x.gguf", overrides: [] });
  assert.deepEqual([plan, issues[0]?.hint], [null, "llem run -m models/x.gguf"]);
});

Deno.test("readPlan() says what the section of a backend lacks", () => {
  const from = (backend: string, ...more: readonly Override[]): string[] =>
    readPlan({
      file: null,
      overrides: [
        { path: "model", value: "m", source: "--model" },
        { path: "backend", value: backend, source: "--backend" },
        ...more,
      ],
    }).issues.map(({ message }) => message);
  const mistake = { path: "tensorrt.max_batch_size", value: "many", source: "--set" };
  assert.match(from("tensorrt", mistake).join(), /must be a whole number/);
  assert.match(from("openai").join(), /^is missing\W+backend openai needs the address of a server/);
  assert.match(from("command").join(), /^is missing\W+backend command needs/);
});

Deno.test("pathProblem() refuses a file in the place of the folder for results", () => {
  using folder = new TempFolder();
  const file = folder.write("README.md", "");
  assert.match(pathProblem(file) ?? "", /README\.md is a file, not/);
  assert.equal(pathProblem(folder.at("new", "results")), null);
});
