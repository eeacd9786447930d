/** Searches for the highest load of a mock server whose limit is known, as users run them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readStudy } from "../../lib/archive/read_study.ts";
import { isJsonObject } from "../../lib/base/json.ts";
import { stampNs } from "../../lib/base/stamp.ts";
import { MockServer } from "../../lib/servers/mock/mock_server.ts";
import { mockOptions } from "../../lib/servers/mock/options.ts";
import type { Summary } from "../../lib/results/summary.ts";
import { lookAtLock } from "../../lib/storage/lock.ts";
import { ended, llem, readJson, Sandbox, start, until } from "./llem.ts";

lookAtLock("/nowhere");
// The clock of the mock is opened once for all, and not within a test.
stampNs();

/** A request that gets a slot at once has its first token after 20 ms; one that waits for a slot, 140 ms later. */
const TIMES = { ttft_ms: 20, tick_ms: 30 };
const SLOTS = 3;

function studyOf(base_url: string): string {
  return JSON.stringify({
    name: "slots",
    backend: "openai",
    model: "mock",
    dataset: { n: 12, input_len: 4, output_len: 5 },
    warmup: { enabled: false },
    openai: { base_url, prefix_cache: "allow" },
    slo: { ttft_ms: 100, share: 0.8 },
    search: { over: "openai.concurrency", from: 2, to: 8 },
    execution: { n_cycles: 1, cycle_order: "sequential" },
  });
}

/** The loads that were measured to their end, in order, by the journal. */
function measured(dir: string): number[] {
  const lines = Deno.readTextFileSync(join(dir, "journal.jsonl")).split("\n");
  const ends = lines.flatMap((line) => /"type":"run_finished".*"kind":"completed"/.test(line) ? [line] : []);
  return ends.map((line) => {
    const path = /"result_file":"([^"]+)"/.exec(line)?.[1] ?? "";
    const record = readJson<{ config: { openai: { concurrency: number } } }>(join(dir, path));
    return record.config.openai.concurrency;
  });
}

function assertFound(dir: string): void {
  const [found, ...others] = readJson<Summary>(join(dir, "summary.json")).search?.found ?? [];
  assert.deepEqual(others, []);
  assert.deepEqual(
    [found?.kind, found?.highest?.load, found?.below?.load, found?.above?.load],
    ["found", SLOTS, 2, 4],
    JSON.stringify(found),
  );
  assert.ok((found?.highest?.goodput_per_s ?? 0) > 1);
  assert.equal(found?.above?.verdict, "missed");
}

Deno.test("a search finds the slots of a server, and goes on after its runner was killed with no load twice", async () => {
  using box = new Sandbox();
  await using mock = new MockServer(mockOptions({ ...TIMES, slots: SLOTS }));
  const study = box.write("slots.json", studyOf(`http://127.0.0.1:${mock.port}/v1`));
  const child = start(["run", study, "-o", join(box.dir, "out"), "--json"]);
  const dir = await until("the study directory", () => {
    const [entry] = [...Deno.readDirSync(join(box.dir, "out"))];
    return entry !== undefined && join(box.dir, "out", entry.name);
  });
  const journal = join(dir, "journal.jsonl");
  await until("two loads", () => Deno.readTextFileSync(journal).split('"type":"run_finished"').length > 2);
  child.kill("SIGKILL");
  await ended(child);
  assert.deepEqual(measured(dir), [2, 4]);
  const left = readStudy(dir);
  assert.equal(left.status, "interrupted");
  assert.equal(left.runs.filter(({ standing }) => standing === "completed").length, 2);
  assert.ok(left.runs.every(({ standing }) => ["completed", "lost", "pending"].includes(standing)));

  const rest = await llem(["run", "--resume", dir, "--json"]);
  assert.equal(rest.code, 0, rest.stderr);
  assert.deepEqual(measured(dir), [2, 4, 3]);
  assertFound(dir);
  const table = readStudy(dir);
  const loads = table.runs.map(({ config_hash }) =>
    table.experiments.find((one) => one.config_hash === config_hash)?.config["openai"]
  ).map((openai) => isJsonObject(openai) ? openai["concurrency"] : null);
  assert.deepEqual([table.status, loads], ["completed", [2, 4, 3]]);
  assert.ok(table.runs.every(({ standing, attempts }) => standing === "completed" && attempts.length > 0));
  const last = rest.stdout.split("\n").find((line) => line.includes('"event":"search_finished"')) ?? "{}";
  assert.equal(JSON.parse(last).highest?.load, SLOTS);
  const { stdout } = await llem(["show", dir]);
  assert.match(
    stdout,
    /^highest openai\.concurrency that meets the slo: 3 \(goodput .* req\/s, .* tok\/s\); 4 does not, 2 does/m,
  );

  // As a runner leaves it that dies after a verdict and before the probe that follows from it is written down.
  const lines = Deno.readTextFileSync(journal).split("\n");
  const ends = lines.flatMap((line, index) => line.includes('"type":"run_finished"') ? [index] : []);
  Deno.writeTextFileSync(journal, `${lines.slice(0, (ends[1] ?? 0) + 1).join("\n")}\n`);
  for (const { name } of [...Deno.readDirSync(join(dir, "runs"))]) {
    if (name.startsWith("0003")) Deno.removeSync(join(dir, "runs", name), { recursive: true });
  }
  const again = await llem(["run", "--resume", dir, "-q"]);
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(measured(dir), [2, 4, 3]);
  assertFound(dir);
});
