/** Where `llem export` writes, and what it leaves alone. */
import assert from "node:assert/strict";
import { parseArguments } from "../../../lib/cli/arguments.ts";
import { writeExport } from "../../../lib/cli/commands/export/write_export.ts";
import { CommandError } from "../../../lib/base/refusal.ts";
import type { Export } from "../../../lib/report/export/formats.ts";
import { TempFolder } from "../../support/temp_folder.ts";

function exportOf(kind: Export["kind"], files: Readonly<Record<string, string>>): Export {
  const all = Object.entries(files).map(([name, text]) => ({
    name,
    pieces: [new TextEncoder().encode(text)],
  }));
  return { files: all, kind, leftOut: [] };
}

async function refusal(action: () => Promise<unknown>): Promise<CommandError> {
  try {
    await action();
  } catch (error) {
    assert.ok(error instanceof CommandError, String(error));
    return error;
  }
  assert.fail("nothing was refused");
}

Deno.test("a folder of an earlier export is written anew, and what it had more goes", async () => {
  using folder = new TempFolder();
  const out = folder.at("deep", "out");
  assert.deepEqual(await writeExport(exportOf("folder", { "a.csv": "1", "b.csv": "2" }), "csv", out), [
    "a.csv",
    "b.csv",
  ]);
  Deno.writeTextFileSync(`${out}/mine.txt`, "mine");
  Deno.writeTextFileSync(`${out}/a.csv.tmp-123`, "of one that was killed");
  await writeExport(exportOf("folder", { "b.csv": "3" }), "csv", out);
  assert.deepEqual(folder.names("deep", "out"), ["b.csv", "llem-export.json", "mine.txt"]);
  assert.equal(Deno.readTextFileSync(`${out}/b.csv`), "3");
});

Deno.test("a folder that no export made is left alone, and so is what is no folder", async () => {
  using folder = new TempFolder();
  folder.write("note.txt", "mine");
  const one = exportOf("folder", { "a.csv": "1" });
  for (const path of [folder.path, folder.at("note.txt")]) {
    const { exitCode, message } = await refusal(() => writeExport(one, "csv", path));
    assert.deepEqual([exitCode, /Name another folder with -o/.test(message)], [2, true], message);
  }
  const { exitCode } = await refusal(() => writeExport(exportOf("file", { "": "1" }), "bmf", folder.path));
  assert.equal(exitCode, 2);
  assert.deepEqual(folder.names(), ["note.txt"]);
});

Deno.test("a marker with other paths removes nothing elsewhere", async () => {
  using folder = new TempFolder();
  folder.write("precious.txt", "mine");
  Deno.mkdirSync(folder.at("out"));
  folder.write("out/llem-export.json", JSON.stringify({ files: ["../precious.txt", "..", 3, ""] }));
  await writeExport(exportOf("folder", { "a.csv": "1" }), "csv", folder.at("out"));
  assert.equal(folder.read("precious.txt"), "mine");
});

Deno.test("a file is replaced as a whole: where its making fails the old one stands", async () => {
  using folder = new TempFolder();
  const path = folder.write("llem.prom", "old");
  function* broken(): Generator<Uint8Array> {
    yield new TextEncoder().encode("half");
    throw new Deno.errors.NotCapable("no more");
  }
  const made: Export = { files: [{ name: "", pieces: broken() }], kind: "file", leftOut: [] };
  const { exitCode } = await refusal(() => writeExport(made, "textfile", path));
  assert.deepEqual([exitCode, folder.read("llem.prom"), folder.names()], [4, "old", ["llem.prom"]]);
  await writeExport(exportOf("file", { "": "new" }), "textfile", path);
  assert.equal(folder.read("llem.prom"), "new");
});

Deno.test("export takes a format, or as much of it as is no other's, and tables in any way", () => {
  const parse = (...args: readonly string[]) => parseArguments(["export", ...args, "-o", "x"]);
  const command = { kind: "export", dirs: ["a", "b"], path: "x", tables: [] };
  assert.deepEqual(parse("a", "b", "--to", "vllm"), { ...command, format: "vllm-bench" });
  assert.deepEqual(parse("--to", "csv", "--table", "runs,power", "--table", "metrics", "a", "b"), {
    ...command,
    format: "csv",
    tables: ["runs", "power", "metrics"],
  });
  for (const bad of [["--to", "x"], ["--to", ""], ["--to", "p", "--table", "run s"], []]) {
    const found = parse(...bad);
    assert.ok(found.kind === "text" && found.exitCode === 2, bad.join(" "));
  }
});
