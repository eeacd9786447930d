/** What every command that reads studies says of what it cannot read, or of what is not in it. */
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import type { OutcomeKind } from "../../../lib/experiment/outcome.ts";
import { decodeLine, encodeLine } from "../../../lib/journal/journal_line.ts";
import { lookAtLock } from "../../../lib/storage/lock.ts";
import { type Answer, inProcess } from "../../support/in_process.ts";
import { oldStudy } from "../../support/old_studies.ts";
import { sampled } from "../../support/sampled.ts";
import { syntheticStudy } from "../../support/synthetic_study.ts";
import { TempFolder } from "../../support/temp_folder.ts";

{
  // Loads libc before any test: a library that a test loads counts as a leak.
  using folder = new TempFolder();
  lookAtLock(folder.path);
}

const COMMANDS = ["list", "status", "show", "compare", "report", "export", "history"] as const;
type CommandName = (typeof COMMANDS)[number];

/** What follows the name of a command and what it is to read. */
const OPTIONS: Readonly<Partial<Record<CommandName, (folder: TempFolder) => readonly string[]>>> = {
  report: (folder) => ["-o", folder.at("report.html")],
  export: (folder) => ["--to", "csv", "-o", folder.at("exported")],
};

function read(folder: TempFolder, command: CommandName, dirs: readonly string[]): Promise<Answer> {
  return inProcess([command, ...dirs, ...OPTIONS[command]?.(folder) ?? []]);
}

/** An exit code, and what stands on stderr or stdout. */
type Expected = readonly [code: number, text: RegExp];

interface Case {
  readonly what: string;
  /** Makes what is read; its paths. */
  readonly make: (folder: TempFolder) => readonly string[];
  /** What most commands say. */
  readonly usual: Expected;
  /** What others say. */
  readonly other?: Readonly<Partial<Record<CommandName, Expected>>>;
}

const ANY = /^/;

/** Reads a file of a study, changes its text and writes it back. */
function edit(dir: string, name: string, change: (text: string) => string): string {
  const path = join(dir, name);
  Deno.writeTextFileSync(path, change(Deno.readTextFileSync(path)));
  return dir;
}

const CASES: readonly Case[] = [
  {
    what: "a path of nothing",
    make: (folder) => [folder.at("nowhere")],
    usual: [2, /nowhere (is not a study directory: it )?does not exist/],
  },
  {
    what: "a file",
    make: (folder) => [folder.write("study.yaml", "name: x\n")],
    usual: [2, /study\.yaml is not a (study directory: it is a file|folder)\b/],
  },
  {
    what: "an empty folder",
    make: (folder) => {
      Deno.mkdirSync(folder.at("empty"));
      return [folder.at("empty")];
    },
    usual: [2, /empty is not a study directory: it has no plan\.json\. llem list/],
    other: {
      list: [0, /empty holds no study/],
      export: [2, /no study directory in \S+empty/],
      history: [2, /no study/],
    },
  },
  {
    what: "a folder of studies where one is needed",
    make: (folder) => {
      syntheticStudy(folder.at("all"), { startedAt: "2026-01-01T00:00:00.000Z" });
      syntheticStudy(folder.at("all"), { startedAt: "2026-01-02T00:00:00.000Z" });
      return [folder.at("all")];
    },
    usual: [2, /which study is meant\? \S+all holds 2 studies, newest first:\n +llem \w+ \S+2026-01-02T/],
    other: {
      list: [0, /2026-01-02 00:00 .*\n2026-01-01 00:00/],
      status: [0, /all holds 2 studies, newest first:\n +llem status /],
      show: [0, /all holds 2 studies, newest first:\n +llem show /],
      export: [0, ANY],
      history: [0, ANY],
    },
  },
  {
    what: "a study of a newer llem",
    make: (folder) => {
      const change = (text: string): string =>
        text.replace("llem.plan/1", "llem.plan/2").replace('"0.1.0"', '"8.1.0"');
      return [edit(syntheticStudy(folder.path), "plan.json", change)];
    },
    usual: [2, /llem 8\.1\.0 wrote it as llem\.plan\/2\. Use that version/],
    other: { list: [0, / damaged .*\n[^]*llem 8\.1\.0 wrote it/], history: [3, ANY] },
  },
  {
    what: "a journal with a damaged line before others",
    make: (folder) => {
      const change = (text: string): string => text.replace('"cycle":1', '"cycle":9');
      return [edit(syntheticStudy(folder.path), "journal.jsonl", change)];
    },
    usual: [2, /journal\.jsonl: The journal is damaged at byte \d+, before its end\. Restore it/],
    // These go by the manifest.
    other: { list: [0, /completed +12\/12/], history: [0, ANY] },
  },
  {
    what: "a journal with a torn last line",
    make: (folder) => [edit(syntheticStudy(folder.path), "journal.jsonl", (text) => text.slice(0, -20))],
    usual: [0, ANY],
    other: { history: [0, ANY] },
  },
  {
    what: "a completed run without a result",
    make: (folder) => {
      const dir = syntheticStudy(folder.path, { cycles: 4 });
      const [first = ""] = [...Deno.readDirSync(join(dir, "runs"))].map(({ name }) => name).sort();
      Deno.removeSync(join(dir, "runs", first), { recursive: true });
      return [dir];
    },
    usual: [0, /llem run --resume \S+ reruns 1 run\./],
    other: { history: [0, /1 completed run is left out: .* llem run --resume DIR repeats/] },
  },
  {
    what: "a study whose engine has control characters in its version",
    make: (folder) => {
      const dir = syntheticStudy(folder.path);
      const [first = ""] = [...Deno.readDirSync(join(dir, "runs"))].map(({ name }) => name).sort();
      return [edit(dir, join("runs", first, "result.json"), (text) => text.replace("2.9.0", "\\u001b[31m"))];
    },
    usual: [0, ANY],
    other: { compare: [3, /torch .*\?\[31m/] },
  },
  {
    what: "a run that ended in a way that only a newer llem knows",
    make: (folder) => {
      const newer = (line: string): string => {
        const reading = decodeLine(line);
        if (reading.kind !== "event" || reading.event.type !== "run_finished") return `${line}\n`;
        const { at, ...event } = reading.event;
        return encodeLine(
          { ...event, ...event.kind === "crashed" ? { kind: "frozen" as OutcomeKind } : {} },
          at,
        );
      };
      const change = (text: string): string => text.trimEnd().split("\n").map(newer).join("");
      return [
        edit(
          syntheticStudy(folder.path, {
            cycles: 4,
            failed: (index) => index === 1,
          }),
          "journal.jsonl",
          change,
        ),
      ];
    },
    usual: [0, ANY],
    other: { history: [0, ANY] },
  },
  {
    what: "a study of one run",
    make: (folder) => [syntheticStudy(folder.path, { experiments: 1, cycles: 1 })],
    usual: [0, ANY],
    other: {
      compare: [3, /has one configuration: there is nothing to compare it with/],
      history: [0, /1 study with .*too few to judge the newest: it takes 8 earlier ones/],
    },
  },
  {
    what: "a study whose runs all failed",
    make: (folder) => [syntheticStudy(folder.path, { failed: () => true })],
    usual: [0, ANY],
    other: {
      compare: [3, /None of 12 runs of \S+ completed/],
      history: [3, ANY],
    },
  },
  {
    what: "a study in which nothing has run",
    make: (folder) => {
      const dir = syntheticStudy(folder.path);
      for (const name of ["journal.jsonl", "manifest.json"]) Deno.removeSync(join(dir, name));
      return [dir];
    },
    usual: [0, ANY],
    other: {
      compare: [3, /None of 12 runs of \S+ completed/],
      history: [3, ANY],
    },
  },
  {
    what: "a study of an earlier llem, of one experiment",
    make: (folder) => [oldStudy(folder.path, "first")],
    usual: [0, ANY],
    other: {
      compare: [3, /has one configuration: there is nothing to compare it with/],
      history: [0, ANY],
    },
  },
];

for (const { what, make, usual, other = {} } of CASES) {
  Deno.test(`${what} is told by every command that reads studies`, async () => {
    for (const command of COMMANDS) {
      using folder = new TempFolder();
      const dirs = make(folder);
      const answer = await read(folder, command, dirs);
      const told = `llem ${command}: exit ${answer.code}\n${answer.err}${answer.out}`;
      const [code, text] = other[command] ?? usual;
      assert.equal(answer.code, code, told);
      assert.match(`${answer.err}${answer.out}`, text, told);
      // deno-lint-ignore no-control-regex -- nothing that a terminal would obey
      assert.doesNotMatch(`${answer.err}${answer.out}`, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/, told);
      if (code === 2) assert.match(answer.err, /^llem: \S.*[\w.)]\n/s, told);
    }
  });
}

/** Two directories, for the commands that take several studies together. */
const PAIRS: readonly {
  readonly what: string;
  readonly make: (folder: TempFolder) => readonly [string, string];
  readonly usual: Expected;
  readonly compare?: Expected;
}[] = [
  {
    what: "the same directory twice",
    make: (folder) => {
      const dir = syntheticStudy(folder.path);
      return [dir, join(dir, "..", basename(dir), "runs", "..")];
    },
    usual: [2, /\S+ is named twice.*name every study once/],
  },
  {
    what: "two studies of the same name",
    make: (folder) => [
      syntheticStudy(folder.at("a"), { seed: 1 }),
      syntheticStudy(folder.at("b"), { seed: 2 }),
    ],
    usual: [0, ANY],
  },
  {
    what: "two studies of different versions without an experiment in common",
    make: (folder) => [oldStudy(folder.path, "without_result_bytes"), syntheticStudy(folder.path)],
    usual: [0, ANY],
    compare: [3, ANY],
  },
];

for (const { what, make, usual, compare } of PAIRS) {
  Deno.test(`${what}: every command that takes several studies has a word for it`, async () => {
    for (const command of ["compare", "report", "export"] as const) {
      using folder = new TempFolder();
      const answer = await read(folder, command, make(folder));
      const told = `llem ${command}: exit ${answer.code}\n${answer.err}${answer.out}`;
      const [code, text] = command === "compare" ? compare ?? usual : usual;
      assert.equal(answer.code, code, told);
      assert.match(`${answer.err}${answer.out}`, text, told);
    }
  });
}

Deno.test("llem export counts what it exported, where a format has room for one study of a name", async () => {
  using folder = new TempFolder();
  for (const day of [1, 2, 3]) {
    syntheticStudy(folder.at("nights"), { seed: day, startedAt: `2026-01-0${day}T03:00:00.000Z` });
  }
  const file = folder.at("llem.prom");
  const { code, err } = await inProcess(["export", folder.at("nights"), "--to", "textfile", "-o", file]);
  assert.equal(code, 0, err);
  assert.match(
    err,
    /^llem: \S+2026-01-01\S+ and 1 more are left out: a newer study of the same name is exported\n/,
  );
  assert.match(err, /\nllem: exported 1 study to \S+llem\.prom\n$/);
});

Deno.test("llem export names the requests and traces that were removed, and those that cannot be read", async () => {
  using folder = new TempFolder();
  const dir = syntheticStudy(folder.path, { experiments: 2, cycles: 2, requests: 4, powerReadings: 8 });
  const [first = "", second = "", third = ""] = [...Deno.readDirSync(join(dir, "runs"))].map(({ name }) =>
    name
  )
    .sort();
  Deno.removeSync(join(dir, "runs", first, "requests.jsonl"));
  Deno.removeSync(join(dir, "runs", second, "power.parquet"));
  edit(dir, `runs/${third}/requests.jsonl`, (text) => `${text}garbage\n`);
  // Nobody can say whether a run whose record names no devices had a trace.
  Deno.removeSync(join(dir, "runs", third, "power.parquet"));
  edit(dir, `runs/${third}/result.json`, (text) => withStray(text, ["energy", "devices"], undefined));
  const { code, err } = await read(folder, "export", [dir]);
  assert.equal(code, 0, err);
  assert.match(
    err,
    new RegExp(`${first}/requests\\.jsonl and 1 other file are missing, so the export lacks`),
  );
  assert.match(err, new RegExp(`${third}/requests\\.jsonl: 1 line cannot be read and is left out`));
});

/** What may stand in a JSON file that somebody has changed by hand, in place of what stood there. */
const STRAYS: readonly unknown[] = [undefined, null, 5, "x", [], {}, [1, "a"], true];

/** Every place of a JSON value, as deep as readers look. */
function placesOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  const below = value === null || typeof value !== "object" || path.length >= 4
    ? []
    : Object.entries(value).flatMap(([key, part]) => placesOf(part, [...path, key]));
  return path.length === 0 ? below : [path, ...below];
}

function withStray(text: string, path: readonly string[], stray: unknown): string {
  const whole: unknown = JSON.parse(text);
  const above = path.slice(0, -1).reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], whole);
  (above as Record<string, unknown>)[path.at(-1) ?? ""] = stray;
  return `${JSON.stringify(whole, null, 1)}\n`;
}

Deno.test("a file of a study that holds anything else is told, or read as far as it goes, and never a defect", async () => {
  using folder = new TempFolder();
  const dir = syntheticStudy(folder.path, { experiments: 2, cycles: 3 });
  const [run = ""] = [...Deno.readDirSync(join(dir, "runs"))].map(({ name }) => name).sort();
  const files = [`runs/${run}/result.json`, "plan.json", "manifest.json", "environment.json"];
  const cases = files.flatMap((file) => {
    const text = Deno.readTextFileSync(join(dir, file));
    return placesOf(JSON.parse(text)).flatMap((path) => STRAYS.map((stray) => ({ file, text, path, stray })));
  });
  for (const { file, text, path, stray } of sampled("changed places", cases, 60)) {
    Deno.writeTextFileSync(join(dir, file), withStray(text, path, stray));
    for (const command of ["list", "status", "show", "compare", "history"] as const) {
      try {
        await read(folder, command, [dir]);
      } catch (error) {
        assert.fail(`llem ${command}: ${file}: ${path.join(".")} = ${JSON.stringify(stray)}: ${error}`);
      }
    }
    Deno.writeTextFileSync(join(dir, file), text);
  }
});
