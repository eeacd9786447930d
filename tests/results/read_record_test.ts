import assert from "node:assert/strict";
import type { Json } from "../../lib/base/json.ts";
import { unknownContention } from "../../lib/results/contention/judge.ts";
import { readRecord } from "../../lib/results/read_record.ts";
import type { ResultRecord } from "../../lib/results/record.ts";
import { recordFile } from "../../lib/results/record_file.ts";
import { measuredRun } from "../support/recordings.ts";
import { CRASHED, measurementOf, recordOf, samplesOf } from "../support/records.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** A record in which every part that can be there is. */
function fullRecord(): ResultRecord {
  return recordOf({
    ...measuredRun(),
    measurement: measurementOf({ input_tokens: 10, output_tokens: 20, requests: 2, metrics: { own: 1 } }),
    samples: samplesOf({ ttft_ms: [1, 2], e2e_ms: [3, 4] }),
    contention: unknownContention("no process was started"),
    worker: { backend: "b", versions: { v: "1" }, devices: ["d"], pid: 7 },
    warnings: [{ code: "c", text: "t" }],
    log_tail: ["a byte that was no UTF-8: \uFFFD, and a lone half: \ud800"],
  });
}

/** The text of a record with one value in another's place; undefined takes the field away. */
function changed(record: ResultRecord, path: readonly (string | number)[], value: Json | undefined): string {
  const copy = structuredClone(record);
  const [last = "", ...above] = [...path].reverse();
  let at: unknown = copy;
  for (const name of above.reverse()) at = Reflect.get(Object(at), name);
  assert.equal(Reflect.set(Object(at), last, value), true, path.join("."));
  return JSON.stringify(copy);
}

Deno.test("readRecord() takes every kind of record for whole, also with what a log may hold", () => {
  using folder = new TempFolder();
  const path = folder.at("result.json");
  for (const record of [recordOf(), recordOf({ outcome: CRASHED }), fullRecord()]) {
    Deno.writeFileSync(path, recordFile(record));
    assert.deepEqual(readRecord(path), record);
  }
});

Deno.test("readRecord() takes a record for whole that lacks what earlier versions did not know", () => {
  using folder = new TempFolder();
  const later = ["inputs", "runner", "log_tail", "environment_changes", "contention"];
  for (const path of [...later.map((name) => [name]), ["run", "containment"], ["measurement", "metrics"]]) {
    const file = folder.write("result.json", changed(fullRecord(), path, undefined));
    assert.notEqual(readRecord(file), null, path.join("."));
  }
});

Deno.test("readRecord() is null where a field is not what those who read records rely on", () => {
  using folder = new TempFolder();
  const whole = fullRecord();
  const damages: readonly (readonly [path: readonly (string | number)[], value: Json | undefined])[] = [
    [["schema"], "llem.result/2"],
    [["run"], null],
    [["run", "index"], "1"],
    [["outcome"], undefined],
    [["outcome", "kind"], "xyz"],
    [["outcome", "kind"], "failed"],
    [["outcome", "flags"], null],
    [["outcome", "error"], { type: 5, message: "", traceback: null, retryable: null }],
    [["config"], null],
    [["config", "backend"], undefined],
    [["inputs"], null],
    [["worker"], 5],
    [["measurement"], 5],
    [["measurement"], undefined],
    [["measurement", "output_tokens"], "a"],
    [["measurement", "metrics"], []],
    [["latency"], 3],
    [["latency", "ttft_ms"], 3],
    [["latency", "ttft_ms", "median"], null],
    [["throughput"], "a"],
    [["throughput", "requests_per_s"], undefined],
    [["phases"], null],
    [["phases", 0], 7],
    [["energy"], 3],
    [["energy"], {}],
    [["energy", "verdict"], "good"],
    [["energy", "verdict_reasons"], null],
    [["energy", "net_j"], null],
    [["energy", "baseline", "bare"], null],
    [["energy", "headline_j"], "300"],
    [["energy_reason"], 1],
    [["contention"], null],
    [["contention", "contended"], "maybe"],
    [["contention", "reasons"], null],
    [["timing"], undefined],
    [["timing", "duration_s"], null],
    [["warnings"], null],
    [["warnings"], [1, null]],
    [["log_tail"], null],
    [["environment_changes"], {}],
    [["llem_version"], undefined],
  ];
  for (const [path, value] of damages) {
    const file = folder.write("result.json", changed(whole, path, value));
    assert.equal(readRecord(file), null, `${path.join(".")}: ${JSON.stringify(value)}`);
  }
});

Deno.test("readRecord() is null for a byte that is no UTF-8, and for what is no file or too long, at once", () => {
  using folder = new TempFolder();
  const bytes = recordFile(recordOf({ log_tail: ["~"] }));
  bytes[bytes.indexOf("~".charCodeAt(0))] = 0xe9;
  Deno.writeFileSync(folder.at("byte"), bytes);
  Deno.mkdirSync(folder.at("folder"));
  Deno.symlinkSync("/dev/zero", folder.at("endless"));
  assert.ok(new Deno.Command("mkfifo", { args: [folder.at("pipe")] }).outputSync().success);
  Deno.writeFileSync(folder.at("long"), recordFile(recordOf()));
  Deno.truncateSync(folder.at("long"), 128 * 1024 * 1024 + 1);
  for (const name of ["byte", "folder", "endless", "pipe", "long"]) {
    assert.equal(readRecord(folder.at(name)), null, name);
  }
});
