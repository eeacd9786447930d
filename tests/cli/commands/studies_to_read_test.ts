import assert from "node:assert/strict";
import { studiesIn } from "../../../lib/archive/studies_in.ts";
import { studiesToRead } from "../../../lib/cli/commands/studies_to_read.ts";
import { CommandError } from "../../../lib/base/refusal.ts";
import { TempFolder } from "../../support/temp_folder.ts";

const NAMES = ["b_2026-01-01T00-00-00_aaaa", "a_2026-01-03T00-00-00_aaaa", "a b_2026-01-02T00-00-00_aaaa"];

/** A folder with three studies, a study directory without a plan, and what is none. */
function results(): TempFolder {
  const folder = new TempFolder();
  for (const name of NAMES) {
    Deno.mkdirSync(folder.at(name));
    folder.write(`${name}/plan.json`, "{}");
  }
  for (const name of ["a_2026-01-09T00-00-00_aaaa", "other"]) Deno.mkdirSync(folder.at(name));
  return folder;
}

Deno.test("studiesToRead() takes the newest study of the folder where none is named, and says which", () => {
  using folder = results();
  const said: string[] = [];
  const read = (dirs: readonly string[], output: string | null = folder.path) =>
    studiesToRead({ dirs, output }, "llem show", (line) => said.push(line));
  const newest = folder.at("a_2026-01-03T00-00-00_aaaa");
  assert.deepEqual(read([]), { studies: [newest], listing: "" });
  assert.deepEqual(said.splice(0), [`${newest} (the newest of 3 studies in ${folder.path})`]);
  const named = [folder.at(NAMES[0] ?? ""), "/nowhere"];
  assert.deepEqual(read(named), { studies: named, listing: "" });
  assert.throws(
    () => read([], folder.at("other")),
    (error: unknown) =>
      error instanceof CommandError && error.exitCode === 2 && error.message.startsWith("no study in "),
  );
  assert.throws(() => read([], folder.at("nowhere")), /no study in .*nowhere; name a study directory/);
  assert.deepEqual(said, []);
});

Deno.test("studiesToRead() lists the studies of a folder that is none itself, as commands that can be pasted", () => {
  using folder = results();
  const { studies, listing } = studiesToRead({ dirs: [folder.path], output: null }, "llem show", () => {});
  assert.deepEqual(studies, []);
  assert.equal(
    listing,
    `${folder.path} holds 3 studies, newest first:\n` +
      `  llem show ${folder.at("a_2026-01-03T00-00-00_aaaa")}\n` +
      `  llem show '${folder.at("a b_2026-01-02T00-00-00_aaaa")}'\n` +
      `  llem show ${folder.at("b_2026-01-01T00-00-00_aaaa")}\n`,
  );
});

Deno.test("studiesIn() keeps a path from looking like an option", () => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.at("-x", NAMES[0] ?? ""), { recursive: true });
  folder.write(`-x/${NAMES[0]}/plan.json`, "{}");
  const here = Deno.cwd();
  Deno.chdir(folder.path);
  try {
    assert.deepEqual(studiesIn("./-x"), [`./-x/${NAMES[0]}`]);
  } finally {
    Deno.chdir(here);
  }
});
