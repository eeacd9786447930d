/** Holds the source to the rules of the house: who may import whom, and what no file may contain. */
import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { LLEM_VERSION } from "../lib/base/version.ts";
import { BACKENDS } from "../lib/experiment/engines.ts";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** The folders of lib, lowest row first: a folder imports from rows below its own and from nothing else. */
const ROWS: readonly (readonly string[])[] = [
  ["lib/base"],
  ["lib/experiment", "lib/statistics"],
  ["lib/study", "lib/protocol", "lib/storage", "lib/process", "lib/meter", "lib/host", "lib/hub"],
  ["lib/plan", "lib/results", "lib/inputs", "lib/python"],
  ["lib/journal", "lib/engines", "lib/cluster"],
  ["lib/launch", "lib/archive"],
  ["lib/metering", "lib/servers"],
  ["lib/runner"],
  ["lib/report"],
  ["lib/doctor"],
  ["lib/session"],
  ["lib/cli"],
];

/** What stands beside the rows may import itself and these. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  // Every role that the program can play.
  "main.ts": ["lib/cli", "lib/meter", "worker"],
  "worker": ["lib/base", "lib/experiment", "lib/protocol"],
};

/** An import of one of our files by another, type-only and dynamic ones included. */
interface Edge {
  readonly from: string;
  readonly to: string;
}

interface GraphModule {
  readonly specifier: string;
  readonly error?: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier?: string };
    readonly type?: { readonly specifier?: string };
  }[];
}

/** The folder by which a file is judged: `lib/<folder>`, `worker`, or the file itself. */
function folderOf(file: string): string {
  const [top = "", second = ""] = file.split("/");
  if (top === "lib") return `lib/${second}`;
  return top;
}

function rowOf(folder: string): number {
  return ROWS.findIndex((row) => row.includes(folder));
}

/** Why an import is against the rules; null where it is not. */
function complaint({ from, to }: Edge): string | null {
  const [importer, imported] = [folderOf(from), folderOf(to)];
  if (importer === imported) return null;
  const told = `${from} imports ${to}`;
  const beside = BESIDE[importer];
  if (beside !== undefined) return beside.includes(imported) ? null : told;
  const [own, other] = [rowOf(importer), rowOf(imported)];
  if (own === -1) return `${from} is in no row of the table`;
  return other !== -1 && other < own ? null : told;
}

/** One cycle of imports, its first file again at the end; null where there is none. */
function findCycle(edges: readonly Edge[]): string[] | null {
  const targets = Map.groupBy(edges, (edge) => edge.from);
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | null => {
    if (done.has(file)) return null;
    const at = path.indexOf(file);
    if (at !== -1) return [...path.slice(at), file];
    path.push(file);
    for (const { to } of targets.get(file) ?? []) {
      const cycle = visit(to);
      if (cycle !== null) return cycle;
    }
    path.pop();
    done.add(file);
    return null;
  };
  for (const file of targets.keys()) {
    const cycle = visit(file);
    if (cycle !== null) return cycle;
  }
  return null;
}

/** The module graph below a file, as Deno itself sees it. */
function graphOf(entry: string): GraphModule[] {
  const { success, stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["info", "-q", "--json", "--config", join(ROOT, "deno.json"), entry],
    stdin: "null",
  }).outputSync();
  assert.ok(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout)).modules;
}

function edgesOf(modules: readonly GraphModule[], root: string = ROOT): Edge[] {
  const ours = (specifier: string | undefined): string | null => {
    if (specifier?.startsWith("file:") !== true) return null;
    const path = relative(root, fileURLToPath(specifier));
    return path.startsWith("..") ? null : path;
  };
  return modules.flatMap(({ specifier, dependencies }) => {
    const from = ours(specifier);
    if (from === null) return [];
    const targets = (dependencies ?? []).flatMap(({ code, type }) => [code?.specifier, type?.specifier]);
    return [...new Set(targets.map(ours))].filter((to) => to !== null).map((to) => ({ from, to }));
  });
}

/** Every file below a folder, relative to the root, but for what Python makes beside its own. */
function* filesBelow(folder: string): Generator<string> {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(join(ROOT, folder))];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  for (const { name, isDirectory, isFile } of entries) {
    const path = `${folder}/${name}`;
    if (name === "__pycache__") continue;
    if (isDirectory) yield* filesBelow(path);
    else if (isFile) yield path;
  }
}

const sources = ["lib", "worker"].flatMap((folder) => [...filesBelow(folder)]).filter((path) =>
  path.endsWith(".ts")
);

/** The graph of everything, also of files that nothing imports yet. */
function wholeGraph(): GraphModule[] {
  const entry = Deno.makeTempFileSync({ suffix: ".ts" });
  try {
    const imports = ["main.ts", ...sources].map((path) =>
      `import ${JSON.stringify(`file://${ROOT}/${path}`)};`
    );
    Deno.writeTextFileSync(entry, imports.join("\n"));
    return graphOf(entry);
  } finally {
    Deno.removeSync(entry);
  }
}

const edges = edgesOf(wholeGraph());

Deno.test("the module graph holds every source file, and none that is missing", () => {
  const modules = wholeGraph();
  assert.deepEqual(modules.filter((module) => module.error !== undefined), []);
  const known = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const alone = sources.filter((path) => !known.has(path));
  // Files without a dependency that nobody imports would escape the table.
  assert.deepEqual(alone, []);
});

for (
  const entry of [
    "main.ts",
    "worker/main.ts",
    "worker/engines/llamacpp/engine_thread.ts",
    "lib/meter/sampling_thread.ts",
  ]
) {
  Deno.test(`imports below ${entry} follow the table of folders`, () => {
    const own = edgesOf(graphOf(join(ROOT, entry)));
    assert.ok(own.length > 5, "the graph is empty");
    assert.deepEqual(own.map(complaint).filter((text) => text !== null), []);
  });
}

Deno.test("imports of every file of lib and worker follow the table of folders", () => {
  assert.deepEqual(edges.map(complaint).filter((text) => text !== null), []);
});

Deno.test("every folder of lib is in the table", () => {
  const folders = [...Deno.readDirSync(join(ROOT, "lib"))].map(({ name }) => `lib/${name}`);
  assert.deepEqual(folders.filter((folder) => rowOf(folder) === -1), []);
});

Deno.test("docs/architecture.md says the rows", () => {
  const text = Deno.readTextFileSync(join(ROOT, "docs", "architecture.md"));
  const told = [...text.matchAll(/^\| (\d+) \| ([^|]*) \|/gm)].flatMap(([, row, folders = ""]) =>
    [...folders.matchAll(/`(lib\/\w+)`/g)].map(([, folder = ""]) => [Number(row), folder] as const)
  );
  const there = [...Deno.readDirSync(join(ROOT, "lib"))].map(({ name }) => `lib/${name}`);
  assert.deepEqual(told.map(([, folder]) => folder).sort(), there.sort());
  assert.deepEqual(told.filter(([row, folder]) => rowOf(folder) !== row), []);
});

Deno.test("no files import each other in a circle", () => {
  assert.deepEqual(findCycle(edges), null);
});

Deno.test("the table of folders refuses what it must", () => {
  const cases: readonly (readonly [from: string, to: string, allowed: boolean])[] = [
    ["lib/cli/main.ts", "lib/base/json.ts", true],
    ["lib/cli/main.ts", "lib/report/table.ts", true],
    ["lib/cli/main.ts", "lib/cli/terminal/output.ts", true],
    ["lib/report/table.ts", "lib/cli/main.ts", false],
    ["lib/base/json.ts", "lib/experiment/run.ts", false],
    ["lib/storage/disk.ts", "lib/process/spawn.ts", false],
    ["lib/study/yaml/parse.ts", "lib/protocol/frame.ts", false],
    ["lib/journal/fold.ts", "lib/runner/run_once.ts", false],
    ["lib/unheard/of.ts", "lib/base/json.ts", false],
    ["lib/cli/main.ts", "lib/unheard/of.ts", false],
    ["lib/runner/run_once.ts", "worker/main.ts", false],
    ["lib/cli/main.ts", "main.ts", false],
    ["lib/cli/main.ts", "tests/support/plans.ts", false],
    ["worker/main.ts", "worker/report.ts", true],
    ["worker/main.ts", "lib/protocol/frame.ts", true],
    ["worker/main.ts", "lib/experiment/config.ts", true],
    ["worker/main.ts", "lib/storage/disk.ts", false],
    ["worker/main.ts", "lib/process/spawn.ts", false],
    ["main.ts", "lib/cli/main.ts", true],
    ["main.ts", "worker/main.ts", true],
    ["main.ts", "lib/base/json.ts", false],
  ];
  for (const [from, to, allowed] of cases) {
    assert.equal(complaint({ from, to }) === null, allowed, `${from} -> ${to}`);
  }
});

Deno.test("edgesOf() and findCycle() see type-only and dynamic imports and circles", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const write = (name: string, text: string): void => Deno.writeTextFileSync(join(folder, name), text);
    write("a.ts", 'import type { B } from "./b.ts";\nexport type A = B;\n');
    write("b.ts", 'export const load = () => import("./c.ts");\nexport type B = string;\n');
    write("c.ts", 'import "./d.ts";\n');
    write("d.ts", "export const d = 1;\n");
    const found = edgesOf(graphOf(join(folder, "a.ts")), folder);
    assert.deepEqual(found.map(({ from, to }) => `${from} -> ${to}`).sort(), [
      "a.ts -> b.ts",
      "b.ts -> c.ts",
      "c.ts -> d.ts",
    ]);
    assert.equal(findCycle(found), null);
    const circle = [...found, { from: "d.ts", to: "b.ts" }];
    assert.deepEqual(findCycle(circle), ["b.ts", "c.ts", "d.ts", "b.ts"]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("every folder of lib has a main file that says what the folder owns", () => {
  for (const { name } of Deno.readDirSync(join(ROOT, "lib"))) {
    const mains = [...Deno.readDirSync(join(ROOT, "lib", name))].filter((file) =>
      file.isFile &&
      Deno.readTextFileSync(join(ROOT, "lib", name, file.name)).startsWith(`/**\n * lib/${name} owns `)
    );
    assert.equal(mains.length, 1, `lib/${name}: ${mains.map((file) => file.name).join(", ") || "none"}`);
  }
});

Deno.test("every child process of lib is noted as one of our own, so that no sweep takes it for an orphan", () => {
  const files = [...filesBelow("lib")].filter((path) => path.endsWith(".ts"));
  const spawning = files.map((path) => Deno.readTextFileSync(join(ROOT, path))).join("\n");
  const [all, noted] = [/new Deno\.Command\(/g, /ownChild\(\s*new Deno\.Command\(/g]
    .map((form) => spawning.match(form)?.length ?? 0);
  assert.ok(all !== undefined && all > 3);
  assert.equal(noted, all);
});

Deno.test("variables are read where one that is not UTF-8 does not throw", () => {
  const files = ["lib", "worker"].flatMap((folder) => [...filesBelow(folder)]).filter((path) =>
    path.endsWith(".ts")
  );
  const reading = files.filter((path) => Deno.readTextFileSync(join(ROOT, path)).includes("Deno.env.get("));
  assert.deepEqual(reading, ["lib/base/own_environment.ts"]);
});

/** What is never long: the signals that end a wait; the engines. */
const SHORT_SPREADS = [
  /^lib\/metering\/\S+ signals$/,
  /^lib\/experiment\/engines\.ts:\d+ Object\.entries\(ENGINE_DECL/,
];

/** Finds arrays that are spread into calls, but for a function that passes its own rest parameter on. */
const SPREAD_RULE: Deno.lint.Plugin = {
  name: "house",
  rules: {
    "no-spread-into-call": {
      create: (context) => {
        const judge = (node: Deno.lint.SpreadElement): void => {
          const { argument } = node;
          const passesOn = argument.type === "Identifier" &&
            context.sourceCode.getAncestors(node).some((outer) =>
              (outer.type === "FunctionDeclaration" || outer.type === "FunctionExpression" ||
                outer.type === "ArrowFunctionExpression") &&
              outer.params.some((parameter) =>
                parameter.type === "RestElement" && parameter.argument.type === "Identifier" &&
                parameter.argument.name === argument.name
              )
            );
          if (!passesOn) context.report({ node, message: context.sourceCode.getText(argument) });
        };
        return { "CallExpression > SpreadElement": judge, "NewExpression > SpreadElement": judge };
      },
    },
  },
};

function spreadsIn(path: string, text: string): string[] {
  return Deno.lint.runPlugin(SPREAD_RULE, path, text).map(({ message, range: [start] }) =>
    `${path}:${text.slice(0, start).split("\n").length} ${message}`
  );
}

Deno.test("no array is spread into the arguments of a call: some 120,000 of them overflow the stack", () => {
  const found = ["main.ts", ...sources].flatMap((path) =>
    spreadsIn(path, Deno.readTextFileSync(join(ROOT, path)))
  ).filter((found) => !SHORT_SPREADS.some((form) => form.test(found)));
  // lib/base/numbers.ts has what stands in for it.
  assert.deepEqual(found, []);
  const cases: readonly (readonly [code: string, isBad: boolean])[] = [
    ["Math.min(...values)", true],
    ["list.push(a, ...rows.map((row) => row.b), c)", true],
    ["new Tool(...parts)", true],
    ["String.fromCharCode(\n  ...bytes,\n)", true],
    ["const f = (values: number[]) => Math.max(...values)", true],
    ["const f = (...rest: number[]) => g(...rest.map(Number))", true],
    ["const f = (...rest: number[]) => g(...rest)", false],
    ["function f(...rest: number[]): void { rest.forEach(() => g(1, ...rest)); }", false],
    ["new Set([...one, ...other])", false],
    ["f({ ...one })", false],
    ["[...values].sort()", false],
  ];
  for (const [code, isBad] of cases) assert.equal(spreadsIn("x.ts", code).length > 0, isBad, code);
});

/** Folders whose texts for people are all in a `messages.ts`. Folders are added, none is removed. */
const FOLDERS_WITH_MESSAGES: readonly string[] = [
  "lib/archive",
  "lib/base",
  "lib/cli",
  "lib/doctor",
  "lib/engines",
  "lib/experiment",
  "lib/host",
  "lib/hub",
  "lib/inputs",
  "lib/journal",
  "lib/launch",
  "lib/meter",
  "lib/metering",
  "lib/plan",
  "lib/process",
  "lib/protocol",
  "lib/python",
  "lib/report",
  "lib/results",
  "lib/session",
  "lib/runner",
  "lib/servers",
  "lib/statistics",
  "lib/storage",
  "lib/study",
  "worker",
];
/** The embedded model describes itself in its own metadata. */
const TINY_MODEL = "worker/engines/llamacpp/tiny_random/";
/** A text with so many words is a text for people. */
const FEWEST_WORDS = 4;

/**
 * Finds texts for people: neither defects (`new Error`, `new RangeError`), programs (texts of several lines), lists of
 * capitals, nor the descriptions of keys and the names of metrics, which stand in their declaration (`.describe`, `.called`).
 */
const TEXT_RULE: Deno.lint.Plugin = {
  name: "house",
  rules: {
    "texts-in-messages": {
      create: (context) => {
        const judge = (node: Deno.lint.Node, text: string): void => {
          const words = text.split(/\s+/).filter((word) =>
            /^[("'`]?[A-Za-z][\w'-]*[)"'`.,:;?!]*$/.test(word)
          );
          if (words.length < FEWEST_WORDS || text.includes("\n") || !/[a-z]/.test(text)) return;
          const ancestors = context.sourceCode.getAncestors(node);
          const isDefect = ancestors.some((outer) =>
            outer.type === "NewExpression" && outer.callee.type === "Identifier" &&
            ["Error", "RangeError"].includes(outer.callee.name)
          );
          const isDescription = ancestors.some((outer) =>
            outer.type === "CallExpression" && outer.callee.type === "MemberExpression" &&
            outer.callee.property.type === "Identifier" &&
            ["describe", "called"].includes(outer.callee.property.name) &&
            outer.arguments.some((argument) => argument === node || ancestors.includes(argument))
          );
          if (!isDefect && !isDescription) context.report({ node, message: text });
        };
        return {
          Literal: (node) => {
            if (typeof node.value === "string") judge(node, node.value);
          },
          TemplateLiteral: (node) => judge(node, node.quasis.map(({ cooked }) => cooked).join("{}")),
        };
      },
    },
  },
};

function textsIn(path: string, text: string): string[] {
  return Deno.lint.runPlugin(TEXT_RULE, path, text).map(({ message, range: [start] }) =>
    `${path}:${text.slice(0, start).split("\n").length} ${message}`
  );
}

Deno.test("texts for people are functions in messages.ts, in every folder that is done", () => {
  const done = sources.filter((path) =>
    FOLDERS_WITH_MESSAGES.some((folder) => path.startsWith(`${folder}/`)) && !path.endsWith("/messages.ts") &&
    !path.startsWith(TINY_MODEL)
  );
  assert.ok(done.length > 20);
  assert.deepEqual(done.flatMap((path) => textsIn(path, Deno.readTextFileSync(join(ROOT, path)))), []);
  const cases: readonly (readonly [code: string, isBad: boolean])[] = [
    ['warn("the file cannot be read");', true],
    ["const message = `${name}: it is a folder`;", true],
    ['throw new Problem("the file cannot be read");', true],
    ['throw new Error("the file cannot be read");', false],
    ["throw new Error(`the file ${name} cannot be read`);", false],
    ['const key = z.string().describe("the file cannot be read");', false],
    ['const key = z.string().describe("the file " + "that can not be read");', false],
    ['const one = metric("J", "less").called({ phrase: "energy per output token" });', false],
    ['const key = z.string().refine(check, "the file cannot be read").describe("x");', true],
    ['const words = "API ACCESS AUTH BEARER";', false],
    ['import { x } from "./a/b c d/e f.ts";', false],
    ['const columns = "pid ppid";', false],
    ["// the file cannot be read", false],
    ["const SCRIPT = `while read line\ndo exit now please done\ndone`;", false],
  ];
  for (const [code, isBad] of cases) assert.equal(textsIn("x.ts", code).length > 0, isBad, code);
});

const MOST_LINES = 400;

Deno.test(`no file of lib and worker is over ${MOST_LINES} lines`, () => {
  const files = ["lib", "worker"].flatMap((folder) => [...filesBelow(folder)]).filter((path) =>
    /\.(ts|py)$/.test(path)
  );
  assert.ok(files.length > 500, "the files were not found");
  const lines = (path: string): number => Deno.readTextFileSync(join(ROOT, path)).split("\n").length - 1;
  assert.deepEqual(files.filter((path) => lines(path) > MOST_LINES), []);
});

Deno.test("lib/cli is a command line and little else: commands and the terminal have folders of their own", () => {
  const files = [...Deno.readDirSync(join(ROOT, "lib", "cli"))].filter((entry) => entry.isFile);
  assert.ok(files.length <= 5, files.map(({ name }) => name).join(", "));
});

Deno.test("only lib/cli, and the meter in its own process, writes to the terminal or exits", () => {
  const prints = /\bconsole\.|Deno\.(stdout|stderr|exit)\b/;
  // The meter is a process of its own: its stdout is its protocol.
  const own = ["lib/cli/", "lib/meter/meter_process.ts", "lib/meter/message_line.ts"];
  const files = [...filesBelow("lib")].filter((path) =>
    path.endsWith(".ts") && !own.some((start) => path.startsWith(start))
  );
  const isComment = (line: string): boolean => /^\s*(\*|\/\/|\/\*)/.test(line);
  assert.deepEqual(locationsIn(files, (line) => prints.test(line) && !isComment(line)), []);
});

/** Signals that Deno collects as garbage while somebody waits for them. */
const WEAK_SIGNAL =
  /\bAbortSignal\s*(?:\?\.|\.|\[\s*["'`])\s*(?:any|timeout)\b|\{[^}]*\b(?:any|timeout)\b[^}]*\}\s*=\s*AbortSignal\b/;

Deno.test("nothing waits for a signal of AbortSignal.any() or timeout(): base/abort.ts and deadline.ts do that", () => {
  const files = everything.filter((path) => /\.(ts|js|mjs)$/.test(path) && path !== "tests/house_test.ts");
  const isComment = (line: string): boolean => /^\s*(\*|\/\/|\/\*)/.test(line);
  assert.deepEqual(locationsIn(files, (line) => WEAK_SIGNAL.test(line) && !isComment(line)), []);
  const cases: readonly (readonly [line: string, isBad: boolean])[] = [
    ["const ends = AbortSignal.any([a, b]);", true],
    ["await fetch(url, { signal: AbortSignal.timeout(500) });", true],
    ["globalThis.AbortSignal.any(signals)", true],
    ["const join = AbortSignal.any;", true],
    ['AbortSignal["timeout"](5)', true],
    ["const { any } = AbortSignal;", true],
    ["signal: AbortSignal.abort()", false],
    ["function pause(...signals: readonly AbortSignal[]): void", false],
    ["const any = new AbortController().signal;", false],
  ];
  for (const [line, isBad] of cases) assert.equal(WEAK_SIGNAL.test(line), isBad, line);
});

Deno.test("LLEM_VERSION is the version of deno.json", () => {
  const { version } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
  assert.equal(LLEM_VERSION, version);
});

/** Hosts that packages come from. Written in parts, so that this file does not name them. */
const REGISTRY_HOSTS = [
  ["registry", "npmjs", "org"],
  ["registry", "yarnpkg", "com"],
  ["pypi", "org"],
  ["files", "pythonhosted", "org"],
  ["npm", "jsr", "io"],
  ["jsr", "io"],
  ["proxy", "golang", "org"],
].map((parts) => parts.join("."));

/** A path of one particular machine; `me` is nobody. */
const MACHINE_PATH = new RegExp(
  `(?<![\\w.-])/(?:${["work", "root"].join("|")}|home/(?!me\\b)\\w+)(?=[/\\s"'\`)]|$)`,
);

const everything = [
  ...["lib", "worker", "scripts", "tests", "docs", "examples"].flatMap((folder) => [...filesBelow(folder)]),
  "main.ts",
  "deno.json",
  "deno.lock",
];

/** Where a text breaks a rule, as `file:line`. */
function locationsIn(paths: readonly string[], isBad: (line: string) => boolean): string[] {
  return paths.flatMap((path) => {
    const lines = Deno.readTextFileSync(join(ROOT, path)).split("\n");
    return lines.flatMap((line, index) => isBad(line) ? [`${path}:${index + 1}`] : []);
  });
}

Deno.test("no file names a host that packages come from", () => {
  assert.deepEqual(locationsIn(everything, (line) => REGISTRY_HOSTS.some((host) => line.includes(host))), []);
});

Deno.test("no file names a path of one particular machine", () => {
  assert.deepEqual(locationsIn(everything, (line) => MACHINE_PATH.test(line)), []);
  const home = "/home";
  const cases: readonly (readonly [line: string, isBad: boolean])[] = [
    [`cd ${"/wor"}k/main`, true],
    [`"${"/roo"}t/.cache"`, true],
    [`${home}/someone/x`, true],
    [`${home}/me/x`, false],
    ["/tmp/work/x", false],
    ["tests/fixtures/workers", false],
    [`${"/wor"}kers`, false],
  ];
  for (const [line, isBad] of cases) assert.equal(MACHINE_PATH.test(line), isBad, line);
});

Deno.test("source is ASCII", () => {
  const own = everything.filter((path) =>
    !path.startsWith("tests/fixtures/conformance/") && !path.startsWith("docs/") &&
    !path.startsWith("examples/")
  );
  // deno-lint-ignore no-control-regex -- the whole ASCII range is meant
  assert.deepEqual(locationsIn(own, (line) => !/^[\x00-\x7f]*$/.test(line)), []);
});

/** Where an engine is declared and where it behaves, and the worker's own parts for it. */
const ENGINE_FILES =
  /^(lib\/engines\/|lib\/experiment\/engines(\/|\.ts$)|worker\/engines\/|worker\/python\/.*\/engines\/)/;
/** A command line may have an option for one field of one engine. */
const OPTIONS_FILE = "lib/cli/options/study_options.ts";

/** Names of engines that mean nothing else in code; the other is the word for what a user types. */
const OWN_WORDS = BACKENDS.filter((backend) => backend !== "command");
const [ANY, WORD] = [BACKENDS, OWN_WORDS].map((names) => `(?:${names.join("|")})`);
const FORMS = {
  /** In quotes: comparisons, cases, lists, keys of maps. */
  literal: new RegExp(`(["'\`])${ANY}\\1`),
  /** The dotted path of a field of a section. */
  path: new RegExp(`(["'\`])${ANY}\\.[\\w.]+\\1`),
  /** The section of a configuration by its name. */
  member: new RegExp(`\\.${WORD}\\b|\\bconfig\\??\\.command\\b`),
  key: new RegExp(`(?:^|[{,(])\\s*${WORD}\\s*[,:}=]`),
  command: /\{[^{}]*\bcommand\b[^{}]*\}\s*[:=]\s*(?:\w+\.)?(?:[cC]onfig|ExperimentConfig)\b/,
};

/** What engines in Python are made of. */
const PACKAGE_IMPORT =
  /^\s*(?:import|from)\s+(?:torch|transformers|accelerate|peft|vllm|tensorrt_llm|sglang)\b/;

/** True for a line of code that knows an engine by its name. */
function namesEngine(line: string): boolean {
  if (/^\s*(\/\*\*|\*|\/\/)/.test(line)) return false;
  const code = line.replace(/\s\/\/ .*$/, "");
  if (FORMS.literal.test(code) || FORMS.path.test(code)) return true;
  const bare = code.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  return FORMS.member.test(bare) || FORMS.key.test(bare) || FORMS.command.test(bare);
}

Deno.test("nothing but an engine's own files knows it by its name", () => {
  const others = sources.filter((path) => !ENGINE_FILES.test(path));
  assert.ok(others.length > 300);
  const known = locationsIn(others, namesEngine).filter((place) => !place.startsWith(`${OPTIONS_FILE}:`));
  assert.deepEqual(known, []);
});

Deno.test("the shared parts of the Python worker know no engine by its name, and import none of its packages", () => {
  const parts = [...filesBelow("worker/python/llem_worker")].filter((path) =>
    path.endsWith(".py") && !ENGINE_FILES.test(path)
  );
  assert.ok(parts.length > 20);
  const isEngines = (line: string): boolean =>
    FORMS.literal.test(line) || FORMS.path.test(line) || PACKAGE_IMPORT.test(line);
  assert.deepEqual(locationsIn(parts, isEngines), []);
  for (
    const line of ["    import torch", "from vllm.engine import LLMEngine", '    if backend == "pytorch":']
  ) {
    assert.ok(isEngines(line), line);
  }
  for (const line of ["from .torch_like import x", "import platform", "# import torch takes seconds"]) {
    assert.ok(!isEngines(line), line);
  }
});

Deno.test("code that knows an engine by its name is seen in every form", () => {
  const engines = [
    'if (config.backend === "pytorch") return;',
    'return backend !== "command" && isShort(config);',
    'if ("openai" === backend) return;',
    '    case "vllm":',
    "    case 'tensorrt': {",
    'const LOCAL = ["llamacpp", "command"];',
    'new Map([["pytorch", "image:1"]]),',
    "if (`vllm` === backend) return;",
    "  vllm: launchVllm,",
    "  pytorch,",
    "const python = config.pytorch?.python ?? null;",
    "return config?.llamacpp.n_batch;",
    "function f({ backend, pytorch }: ExperimentConfig): void {",
    "const { openai } = config;",
    'const x = config["tensorrt"];',
    "const { argv } = config.command ?? {};",
    "function f({ backend, command }: ExperimentConfig): void {",
    'find("pytorch.python", named, base_dir);',
  ];
  for (const line of engines) assert.ok(namesEngine(line), line);
  const others = [
    "// backend pytorch alone",
    " * A short name such as `pytorch, fp16`.",
    "const { worker } = ENGINES[config.backend];",
    'import { llamacppFields } from "../x/llamacpp/fields.ts";',
    '["pytorch_model.bin"],',
    "const { command } = setting;",
    "return runCommand(command, streams);",
    '"such as { vllm: docker }",',
    '"See pytorch.org for the command.",',
    "const done = 1; // pytorch, vllm: the rest",
  ];
  for (const line of others) assert.ok(!namesEngine(line), line);
});
