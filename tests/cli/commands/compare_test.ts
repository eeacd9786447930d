import assert from "node:assert/strict";
import { join } from "node:path";
import { parseArguments } from "../../../lib/cli/arguments.ts";
import { compareExitCode } from "../../../lib/cli/commands/compare/exit_code.ts";
import { readMargins } from "../../../lib/cli/commands/compare/margins_file.ts";
import type { CompareCommand } from "../../../lib/cli/commands/compare/options.ts";
import { CommandError } from "../../../lib/base/refusal.ts";
import type { CompareVerdict } from "../../../lib/results/compare/study_comparison.ts";
import { TempFolder } from "../../support/temp_folder.ts";

function compareOf(...args: readonly string[]): CompareCommand {
  const parsed = parseArguments(["compare", ...args]);
  assert.equal(parsed.kind, "compare", JSON.stringify(parsed));
  return parsed as CompareCommand;
}

function refusal(...args: readonly string[]): string {
  const parsed = parseArguments(["compare", ...args]);
  assert.ok(parsed.kind === "text" && parsed.exitCode === 2, JSON.stringify(parsed));
  return parsed.text;
}

Deno.test("compare takes metrics with directions, margins, runs to leave out and names to allow, each repeated", () => {
  const { options, dirs, format, gate, strict } = compareOf(
    ..."a b --metric score:more --metric ttft_ms --margin 1% --margin ttft_ms=7.5% --confidence 99".split(
      " ",
    ),
    ...[
      "--allow",
      "driver",
      "--allow",
      "power limit",
      "--without",
      "s/0001_c1=a = b",
      "--match",
      "n, model",
      "--gate",
      "--md",
    ],
  );
  assert.deepEqual([dirs, format, gate, strict], [["a", "b"], "md", true, false]);
  assert.deepEqual(options, {
    baseline: null,
    by: null,
    match: ["n", "model"],
    metrics: [{ name: "score", better: "more" }, { name: "ttft_ms", better: null }],
    margins: { "*": 0.01, ttft_ms: 0.075 },
    confidence: 0.99,
    adjust: "holm",
    across_boards: false,
    allow: ["driver", "power limit"],
    without: [{ run_id: "s/0001_c1", reason: "a = b" }],
  });
});

Deno.test("compare refuses values that mean nothing, and says what would", () => {
  assert.match(refusal("--margin", "2"), /"2" is not a margin such as 2% or ttft_ms=5%/);
  assert.match(refusal("--margin", "=5%"), /not a margin/);
  assert.match(refusal("--margin", "100%"), /not a margin/);
  assert.match(refusal("--metric", "score:up"), /score:less or score:more/);
  assert.match(refusal("--confidence", "0.95"), /from 50 to 99.9 percent/);
  assert.match(refusal("--without", "0001_c1"), /RUN=reason/);
  assert.match(refusal("--adjust", "fdr"), /holm, bh, none/);
  assert.match(refusal("--json", "--csv"), /cannot be used with/);
});

Deno.test("a file has margins by metric, in YAML or JSON; anything else is refused with its place", () => {
  using box = new TempFolder();
  const file = (text: string): string => {
    const path = join(box.path, "margins.yaml");
    Deno.writeTextFileSync(path, text);
    return path;
  };
  assert.deepEqual(readMargins(file("# of ours\nttft_ms: 5%\nscore: 0.5 %\n")), {
    ttft_ms: 0.05,
    score: 0.005,
  });
  assert.deepEqual(readMargins(file('{"score": "3%"}')), { score: 0.03 });
  const refused = (path: string, reason: RegExp): void =>
    assert.throws(
      () => readMargins(path),
      (error) => error instanceof CommandError && reason.test(error.message),
    );
  refused(file("score: 5\n"), /margins.yaml: "score: 5" is not a margin/);
  refused(file("- score\n"), /one METRIC: 5% a line/);
  refused(file(""), /one METRIC: 5% a line/);
  refused(file("score: [1\n"), /margins.yaml:/);
  refused(join(box.path, "none.yaml"), /none.yaml/);
  refused(box.path, /folder/);
});

Deno.test("a gate's exit code never means two things: worse, not comparable, undecided", () => {
  const code = (verdicts: readonly CompareVerdict[], asked: string, refuses = false): number =>
    compareExitCode(
      {
        rows: verdicts.map((verdict) => ({ verdict })) as never,
        differences: {
          declared: [],
          undeclared: refuses ? [{ what: "driver", base: 1, other: 2, refuses }] : [],
        },
      },
      { gate: asked.includes("gate"), strict: asked.includes("strict") },
    );
  assert.equal(code([], ""), 3);
  assert.equal(code(["not_comparable", "not_comparable"], ""), 3);
  assert.equal(code(["worse", "not_comparable"], ""), 0);
  assert.equal(code(["worse", "not_comparable"], "gate"), 1);
  assert.equal(code(["better", "not_comparable"], "gate"), 3);
  assert.equal(code(["worse", "undecided"], "gate strict"), 1);
  assert.equal(code(["better", "undecided"], "gate"), 0);
  assert.equal(code(["better", "undecided"], "gate strict"), 6);
  assert.equal(code(["better", "undecided"], "strict"), 6);
  assert.equal(code(["same", "small", "different"], "gate strict"), 0);
  assert.equal(code(["worse"], "gate", true), 3);
});
