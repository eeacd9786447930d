import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { planOf, tell } from "./_tell.ts";

type Case = readonly [name: string, text: string, told: readonly string[]];

const TRAPS: readonly Case[] = [
  ["a tab", "model: m\nsweep:\n\tn: [1, 2]\n", [
    "study.yaml:3:1: is indented with a tab (indent with spaces)",
  ]],
  ["a key given twice", "model: m\nn: 10\nn: 20\n", [
    "study.yaml:3:1 n: is given twice in one mapping (keep one)",
  ]],
  ["two documents", "model: m\n---\nmodel: o\n", [
    "study.yaml:2:1: a second YAML document starts here (a study is one document: join them, or split the file)",
  ]],
  ["two documents parted by dots", "model: m\n...\nmodel: o\n", [
    "study.yaml:3:1: a second YAML document starts here (a study is one document: join them, or split the file)",
  ]],
  ["nothing", "", ["study.yaml:1:1: is empty (a study file starts with model: ...)"]],
  ["comments only", "# a study\n", ["study.yaml:1:1: is empty (a study file starts with model: ...)"]],
  ["a null", "null\n", [
    "study.yaml:1:1: must be a mapping (key: value), found nothing (a study file starts with model: ...)",
  ]],
  ["a list", "- model: m\n", [
    "study.yaml:1:1: must be a mapping (key: value), found a list (a study file starts with model: ...)",
  ]],
  ["a text", "just words\n", [
    'study.yaml:1:1: must be a mapping (key: value), found "just words" (a study file starts with model: ...)',
  ]],
  ["a missing space", "model:gpt2\n", [
    'study.yaml:1:1: must be a mapping (key: value), found "model:gpt2" (put a space after the colon)',
  ]],
  ["a binary file", "model: m\u0000\u0000\n", [
    "study.yaml:1:1: is a binary file, must be YAML or JSON text",
  ]],
  ["a list that is not closed", "model: m\nsweep: { n: [1, 2 }\n", [
    "study.yaml:2:19: the list opened with [ is not closed before this (close it with ])",
  ]],
  ["a quote that is not closed", 'model: "m\nn: 3\n', [
    'study.yaml:3:1: the text opened with " is not closed (close it with ")',
  ]],
  ["an odd indent", "model: m\n  n: 3\n", [
    "study.yaml:1:8: contains a second key: value inside a value (start every key in the same column, and put a value that contains a colon in quotes)",
  ]],
  ["a second colon", "model: a: b\n", [
    "study.yaml:1:8: contains a second key: value inside a value (start every key in the same column, and put a value that contains a colon in quotes)",
  ]],
  ["a list on the key's line", "experiments: - model: m\n", [
    "study.yaml:1:14: a list with - cannot start on the line of its key (put each - on a line of its own, or write [a, b])",
  ]],
  ["a key without a value", "model: m\nsweep\n", [
    "study.yaml:2:1: is a key without a value (write key: value)",
  ]],
  ["a reserved character", "model: @m\n", [
    "study.yaml:1:8: starts with a character that YAML reserves (put the value in quotes)",
  ]],
  ["an unknown escape", 'model: "C:\\models"\n', [
    "study.yaml:1:11: contains an invalid escape sequence (use single quotes)",
  ]],
  ["an alias of nothing", "model: *m\n", [
    "study.yaml:1:8 model: *m refers to nothing: there is no &m before it",
  ]],
  ["an alias inside itself", "model: m\nparams: &p { x: *p }\n", [
    "study.yaml:2:17 params.x: *p refers to the value that contains it",
  ]],
  ["a merge of a number", "model: m\ndecoder: { <<: 3 }\n", [
    "study.yaml:2:16 decoder.<<: must be a mapping or a list of mappings to merge",
  ]],
  ["a foreign tag", "model: !!python/object:os.system m\n", [
    "study.yaml:1:34 model: has the unsupported tag !!python/object:os.system (remove it)",
  ]],
  ["half a character", 'model: "\\ud800"\n', [
    "study.yaml:1:8 model: contains half of a surrogate pair, which is not a character",
  ]],
  ["an older YAML", "%YAML 1.1\n---\nmodel: m\nn: 010\n", [
    "study.yaml:1:1: declares YAML 1.1, must be YAML 1.2 (remove the line)",
  ]],
  ["a quote inside quotes", "model: 'it's'\n", [
    'study.yaml:1:12: the quoted text ends before this (write the text in double quotes ")',
  ]],
  ["a time of day for a duration", "model: m\nexecution: { experiment_timeout_seconds: 1:30 }\n", [
    'study.yaml:2:42 execution.experiment_timeout_seconds: must be a number > 0 and <= 31622400, or null, found "1:30" (write 90)',
  ]],
  ["a duration with its unit", "model: m\nexecution: { grace_seconds: 5 min, cycle_gap_seconds: 1.5h }\n", [
    'study.yaml:2:29 execution.grace_seconds: must be a number > 0 and <= 31622400, found "5 min" (write 300)',
    'study.yaml:2:55 execution.cycle_gap_seconds: must be a number from 0 to 31622400, or null, found "1.5h" (write 5400)',
  ]],
  ["a reserved key", "model: m\n__proto__: { n: 3 }\n", [
    "study.yaml:2:1: contains an invalid key (a key is a word such as model)",
  ]],
  ["a list as a key", "model: m\n? [a, b]\n: 3\n", [
    "study.yaml:2:3: contains an invalid key (a key is a word such as model)",
  ]],
  ["a closing bracket too many", "{ model: m }}\n", [
    "study.yaml:1:13: is an extra closing bracket (remove it)",
  ]],
  ["a comma too many", "model: m\nsweep: { n: [1, 2],, random_seed: [1] }\n", [
    "study.yaml:2:20: is an extra comma (remove it)",
  ]],
  ["a key below a list", "- a\nmodel: m\n", [
    "study.yaml:2:1: is unexpected here: it belongs to no key (check its indentation)",
  ]],
];

for (const [name, text, told] of TRAPS) {
  Deno.test(`parseText() explains ${name}`, () => deepStrictEqual(tell(text).errors, told));
}

Deno.test("parseText() refuses deep nesting without running out of stack", () => {
  deepStrictEqual(tell(`model: m\nparams: ${"[".repeat(150)}${"]".repeat(150)}\n`).errors, [
    "study.yaml:2:108: is nested more than 100 levels deep",
  ]);
  const endless = [
    "[".repeat(10_000),
    "{a: ".repeat(10_000),
    "- ".repeat(10_000),
    Array.from({ length: 2_000 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n"),
  ];
  // What the parser itself would take all memory for.
  endless.push(
    "[".repeat(5_000_000),
    "{a: ".repeat(2_000_000),
    "- ".repeat(4_000_000),
    "? ".repeat(4_000_000),
  );
  for (const text of endless) ok(tell(text).errors[0]?.includes("nested"), tell(text).errors[0]);
});

Deno.test("parseText() refuses aliases that stand for more than memory holds", () => {
  const levels = Array.from({ length: 12 }, (_, level) => {
    const items = Array(10).fill(level === 0 ? "x" : `*a${level - 1}`).join(", ");
    return `a${level}: &a${level} [${items}]`;
  });
  const { errors } = tell(`${levels.join("\n")}\n`);
  deepStrictEqual(errors, [
    "study.yaml:6:45 a5.7: aliases expand to more than 1,000,000 values (write a sweep instead)",
  ]);
});

Deno.test("parseText() reads anchors, aliases and merge keys", () => {
  const plan = planOf(`
model: m
decoder: &greedy { temperature: 0, top_k: 1 }
experiments:
  - { decoder: { <<: *greedy, top_k: 5 } }
  - decoder:
      <<: [{ top_p: 0.5 }, { top_p: 0.6, min_p: 0.1 }]
`);
  const decoders = plan.runs.filter(({ cycle }) => cycle === 1).map(({ config }) => config.decoder);
  const found = decoders.map(({ temperature, top_k, top_p, min_p }) => ({
    temperature,
    top_k,
    top_p,
    min_p,
  }));
  ok(found.some((decoder) => decoder.temperature === 0 && decoder.top_k === 5));
  ok(found.some((decoder) => decoder.top_p === 0.5 && decoder.min_p === 0.1));
});

Deno.test("parseText() reads JSON, tabs and all", () => {
  const text = '{\n\t"model": "m",\n\t"n": 3,\n\t"sweep": {\n\t\t"random_seed": [1,\t2]\n\t}\n}\n';
  strictEqual(planOf(text).n_experiments, 2);
  deepStrictEqual(tell('{"model": "m", "n": 0}').errors, [
    "study.yaml:1:21 n: must be a whole number >= 1, found 0",
  ]);
});

Deno.test("readStudy() takes a byte order mark and CRLF line ends", () => {
  const bytes = new TextEncoder().encode("\uFEFFmodel: m\r\nn: 0\r\n");
  deepStrictEqual(tell(bytes).errors, ["study.yaml:2:4 n: must be a whole number >= 1, found 0"]);
  strictEqual(planOf("\uFEFFmodel: m\n").runs.length, 1);
});

Deno.test("readStudy() refuses what is no UTF-8 text, at its place", () => {
  const latin = new Uint8Array([...new TextEncoder().encode("model: m\nname: caf"), 0xe9, 0x0a]);
  deepStrictEqual(tell(latin).errors, [
    "study.yaml:2:10: is not valid UTF-8: found the byte 0xe9 (save the file as UTF-8)",
  ]);
  const utf16 = new Uint8Array([0xff, 0xfe, 0x6d, 0x00]);
  deepStrictEqual(tell(utf16).errors, [
    "study.yaml:1:1: is UTF-16 text, must be UTF-8 (save the file as UTF-8)",
  ]);
  const unmarked = new Uint8Array([0x6d, 0x00, 0x3a, 0x00, 0x20, 0x00]);
  deepStrictEqual(tell(unmarked).errors, [
    "study.yaml:1:1: is UTF-16 text, must be UTF-8 (save the file as UTF-8)",
  ]);
  const elf = new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0x02, 0x01, 0x00, 0xff]);
  deepStrictEqual(tell(elf).errors, ["study.yaml:1:1: is a binary file, must be YAML or JSON text"]);
});

Deno.test("readStudy() refuses a file beyond 10 MiB, and reads a comment of 9 MiB", () => {
  const large = `model: m\n# ${"x".repeat(11 * 1024 * 1024)}\n`;
  deepStrictEqual(tell(large).errors, [
    "study.yaml:1:1: is 11.1 MiB; a study file can have at most 10 MiB (use a sweep, or split the study)",
  ]);
  strictEqual(planOf(`model: m\n# ${"x".repeat(9 * 1024 * 1024)}\n`).runs.length, 1);
});

Deno.test("readStudy() keeps the text of what older YAML makes dates and numbers of", () => {
  const text =
    "model: m\npassthrough_kwargs: { a: 2026-01-31, b: 1:30, c: 0o17, d: ~, e: y, 1: x, null: z }\n";
  const { passthrough_kwargs } = planOf(text).runs[0]?.config ?? {};
  deepStrictEqual(passthrough_kwargs, {
    a: "2026-01-31",
    b: "1:30",
    c: 15,
    d: null,
    e: "y",
    1: "x",
    null: "z",
  });
});

Deno.test("readStudy() leaves ${VAR} as it is", () => {
  strictEqual(planOf("model: ${HOME}/m.gguf\n").runs[0]?.config.model, "${HOME}/m.gguf");
});

Deno.test("readStudy() throws on nothing", () => {
  const seeds = [
    "model: m\nsweep: { n: [1, 2] }\n",
    '{"model": "m", "n": [1, {"a": null}]}',
    "- &a [*a, <<: *a]\n? x\n",
  ];
  let state = 7;
  const random = (limit: number): number => (state = (state * 1103515245 + 12345) % 2147483648) % limit;
  const alphabet = "\n\t \"'&*!|>%@`{}[],:?-#<<~\\\u0001\ud83d0a".split("");
  for (let round = 0; round < 3_000; round++) {
    const letters = (seeds[random(seeds.length)] ?? "").split("");
    for (let edits = random(6); edits >= 0; edits--) {
      letters.splice(random(letters.length), random(2), alphabet[random(alphabet.length)] ?? "");
    }
    tell(letters.join(""), [{
      path: letters.slice(0, 5).join(""),
      source: "--set",
      text: letters.slice(3, 9).join(""),
    }]);
  }
});
