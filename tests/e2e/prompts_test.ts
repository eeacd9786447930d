/** Prompts of a study: written down before its first run, and the same in every run and every resume. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { PromptsFile } from "../../lib/experiment/inputs.ts";
import { HubServer } from "../support/hub_server.ts";
import { parquetOf } from "../support/parquet.ts";
import { llem, ran, readJson, readResult, runFolder, Sandbox, start, until, WORKERS } from "./llem.ts";

const FAST = "warmup: { enabled: false }\nbaseline: { enabled: false }\nenergy: { backend: null }\n";

interface Inputs {
  readonly prompts: Readonly<Record<string, PromptsFile>>;
}

function requestTokens(dir: string, index: number): number[] {
  const text = Deno.readTextFileSync(join(runFolder(dir, index), "requests.jsonl"));
  return text.trimEnd().split("\n").map((line): number => JSON.parse(line).input_tokens);
}

Deno.test("a study writes its prompts down; a resume runs them although the file has changed", async () => {
  using box = new Sandbox();
  box.write("own.jsonl", '{"prompt": "why?"}\n{"text": "so", "source": "s"}\n{"prompt": "never read"}\n');
  const study = box.write(
    "study.yaml",
    `model: tiny-random
dataset: { jsonl: own.jsonl }
n: 2
max_output_tokens: 2
${FAST}experiments:
- { backend: command, command: { argv: [${join(WORKERS, "fails_once.sh")}] } }
- { backend: llamacpp }
execution: { n_cycles: 1, cycle_order: sequential, max_failures: 1, experiment_gap_seconds: 0 }
`,
  );
  const { dir } = ran(await llem(["run", study, "-o", join(box.dir, "out"), "--json"]));
  const inputs = readJson<Inputs>(join(dir, "inputs.json"));
  const [file, ...others] = Object.values(inputs.prompts);
  assert.ok(file !== undefined && others.length === 0, JSON.stringify(inputs));
  assert.match(file.path, /^prompts\/[0-9a-f]{16}\.jsonl$/);
  assert.equal(
    Deno.readTextFileSync(join(dir, file.path)),
    '{"prompt":"why?"}\n{"prompt":"so","source":"s"}\n',
  );
  assert.equal(file.source, `file ${join(box.dir, "own.jsonl")}`);
  box.write("own.jsonl", "no longer JSON\n");
  const second = await llem(["run", "--resume", dir, "--retry-failed", "--json"]);
  assert.equal(second.code, 0, second.stderr);
  assert.deepEqual(requestTokens(dir, 2), [5, 3]);
  assert.deepEqual(readResult(runFolder(dir, 2)).inputs.prompts, file);
});

Deno.test("a study whose written prompts were changed, or are gone, is not gone on with", async () => {
  using box = new Sandbox();
  box.write("own.jsonl", '{"prompt": "why?"}\n');
  const study = box.write(
    "study.yaml",
    `model: m\nbackend: command\ndataset: own.jsonl\nn: 1\n${FAST}command: { argv: [${
      join(WORKERS, "fails_once.sh")
    }] }\n`,
  );
  const { dir } = ran(await llem(["run", study, "-o", join(box.dir, "out"), "--json"]));
  const [file] = Object.values(readJson<Inputs>(join(dir, "inputs.json")).prompts);
  const path = join(dir, file?.path ?? "");
  const refused = async (): Promise<void> => {
    const { code, stderr } = await llem(["run", "--resume", dir, "--retry-failed", "--json"]);
    assert.equal(code, 2, stderr);
    assert.match(
      stderr,
      /prompts\/[0-9a-f]{16}\.jsonl was changed or removed after the study began\. Restore it/,
    );
  };
  Deno.writeTextFileSync(path, '{"prompt":"how?"}\n');
  await refused();
  Deno.removeSync(path);
  await refused();
  Deno.writeTextFileSync(path, '{"prompt":"why?"}\n');
  const { code, stderr } = await llem(["run", "--resume", dir, "--retry-failed", "--json"]);
  assert.equal(code, 0, stderr);
});

Deno.test("the default dataset without network and cache: exit 3, the remedy, and no directory", async () => {
  using box = new Sandbox();
  const env = { HF_HOME: join(box.dir, "hub"), HF_HUB_OFFLINE: "1" };
  const args = ["run", "-m", "tiny-random", "-d", "aienergyscore", "-o", join(box.dir, "out")];
  const end = await llem(args, { env });
  assert.equal(end.code, 3, end.stderr);
  assert.match(
    end.stderr,
    /llem: dataset AIEnergyScore\/text_generation is not, or not completely, in the hub cache .*HF_HUB_OFFLINE forbids/,
  );
  assert.match(end.stderr, /`hf download --repo-type dataset AIEnergyScore\/text_generation`/);
  assert.throws(() => Deno.statSync(join(box.dir, "out")), Deno.errors.NotFound);
  assert.equal(end.stdout, "");
});

Deno.test("the program fetches a dataset of the hub, and is stopped while it does", async () => {
  using box = new Sandbox();
  await using hub = new HubServer();
  const files = { "data/train-00000-of-00001.parquet": parquetOf({ text: ["why?", "so"] }) };
  const commit = hub.add("dataset", "AIEnergyScore/text_generation", files);
  const env = { HF_HOME: join(box.dir, "hub"), HF_ENDPOINT: hub.endpoint };
  const study = box.write(
    "study.yaml",
    `model: tiny-random\nbackend: llamacpp\nn: 2\nmax_output_tokens: 2\n${FAST}`,
  );
  const args = ["run", study, "-o", join(box.dir, "out"), "--json"];
  hub.faults.stall = true;
  const child = start(args, { env });
  await until("the request", () => hub.requests.some(({ path }) => path.startsWith("/stored/")));
  child.kill("SIGINT");
  const stopped = await child.output();
  assert.equal(stopped.code, 130);
  assert.match(
    new TextDecoder().decode(stopped.stderr),
    /stopped by SIGINT before the first run/,
  );
  assert.throws(() => Deno.statSync(join(box.dir, "out")), Deno.errors.NotFound);
  hub.faults.stall = false;
  const { dir, stderr, code } = ran(await llem(args, { env }));
  assert.equal(code, 0, stderr);
  assert.match(stderr, /llem: fetching AIEnergyScore\/text_generation: data\/train-00000-of-00001\.parquet/);
  assert.deepEqual(requestTokens(dir, 1), [5, 3]);
  const { prompts } = readResult(runFolder(dir, 1)).inputs;
  assert.equal(prompts?.source, `AIEnergyScore/text_generation@${commit} train text`);
  const offline = await llem(args, { env: { ...env, HF_HUB_OFFLINE: "1" } });
  assert.equal(offline.code, 0, offline.stderr);
});
