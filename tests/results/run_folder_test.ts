import assert from "node:assert/strict";
import { RunFolder, runFolderName } from "../../lib/results/run_folder.ts";
import { readRecord } from "../../lib/results/read_record.ts";
import { realDisk } from "../../lib/storage/disk.ts";
import { SaveError } from "../../lib/storage/save_error.ts";
import { FailingDisk } from "../support/failing_disk.ts";
import { recordOf } from "../support/records.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("runFolderName() sorts in run order, says what it is and stays one part of a path", () => {
  const name = (model: string, change = {}): string =>
    runFolderName({
      index: 1,
      model,
      backend: "pytorch",
      config_hash: "0123456789abcdef",
      cycle: 1,
      attempt: 1,
      ...change,
    });
  const cases: readonly (readonly [model: string, middle: string])[] = [
    ["gpt2", "gpt2"],
    ["meta-llama/Llama-3.1-8B", "meta-llama-llama-3.1-8b"],
    ["/models/deep/folder/Model-Q4.gguf", "model-q4"],
    ["models/Model.GGUF", "model"],
    ["/models/deep/folder/weights", "folder-weights"],
    ["folder/weights/", "folder-weights"],
    ["model.gguf", "model"],
    ["", "model"],
    ["..", "model"],
    ["../../evil", "evil"],
    ["\u65e5\u672c", "model"],
    ["a b/c:d", "a-b-c-d"],
    ["x".repeat(200), "x".repeat(40)],
  ];
  for (const [model, middle] of cases) assert.equal(name(model), `0001_${middle}_pytorch_01234567_c1`, model);
  assert.equal(name("m", { index: 12, cycle: 3, attempt: 2 }), "0012_m_pytorch_01234567_c3_a2");
  assert.equal(name("m", { index: 123456 }), "123456_m_pytorch_01234567_c1");
});

/** A study directory with its folder of runs. */
function study(): TempFolder {
  const folder = new TempFolder();
  Deno.mkdirSync(folder.at("runs"));
  return folder;
}

Deno.test("RunFolder keeps requests as they come and the record at the end, each durable", () => {
  using dir = study();
  const disk = new FailingDisk();
  const folder = new RunFolder(disk, dir.path, "0001_x");
  folder.addRequest('{"index":0}');
  folder.addRequest('{"index":1}');
  assert.equal(dir.read("runs/0001_x/requests.jsonl"), '{"index":0}\n{"index":1}\n');
  const record = recordOf();
  assert.equal(folder.saveRecord(record), "runs/0001_x/result.json");
  folder.close();
  folder.close();
  assert.deepEqual(JSON.parse(dir.read("runs/0001_x/result.json")), record);
  assert.deepEqual(readRecord(dir.at("runs", "0001_x", "result.json")), record);
  assert.deepEqual(disk.done, [
    "createFolder 0001_x",
    "open requests.jsonl",
    "append requests.jsonl",
    "append requests.jsonl",
    // What the record counts is on the device before the record is.
    "append+sync requests.jsonl",
    "replace result.json",
    "syncFolder runs",
  ]);
});

Deno.test("RunFolder makes no requests.jsonl where there were no requests", () => {
  using dir = study();
  const folder = new RunFolder(realDisk, dir.path, "0001_x");
  folder.saveRecord(recordOf());
  folder.close();
  assert.deepEqual(dir.names("runs", "0001_x"), ["result.json"]);
});

Deno.test("RunFolder throws SaveError for whichever write fails, naming the file", () => {
  const paths: string[] = [];
  for (let failAt = 1; failAt <= 7; failAt++) {
    using dir = study();
    const disk = new FailingDisk(failAt);
    let folder: RunFolder | null = null;
    try {
      folder = new RunFolder(disk, dir.path, "0001_x");
      folder.addRequest("{}");
      folder.addRequest("{}");
      folder.saveRecord(recordOf());
    } catch (error) {
      assert.ok(error instanceof SaveError);
      assert.match(error.message, /no space left/);
      paths.push(error.path.slice(dir.path.length));
    }
    folder?.close();
  }
  const [made, requests, result] = [
    "/runs/0001_x",
    "/runs/0001_x/requests.jsonl",
    "/runs/0001_x/result.json",
  ];
  assert.deepEqual(paths, [made, requests, requests, requests, result, result, result]);
});

Deno.test("RunFolder refuses a folder that is there already, so that nothing is written over", () => {
  using dir = study();
  Deno.mkdirSync(dir.at("runs", "0001_x"));
  assert.throws(
    () => new RunFolder(realDisk, dir.path, "0001_x"),
    (error) => error instanceof SaveError && error.cause instanceof Deno.errors.AlreadyExists,
  );
});

Deno.test("readRecord() is null for what is no record of ours", () => {
  using dir = study();
  const cases = ["", "{", "null", "[]", "5", '{"schema":"llem.result/2"}', "{}"];
  for (const text of cases) assert.equal(readRecord(dir.write("result.json", text)), null, text);
  assert.equal(readRecord(dir.at("missing")), null);
});
