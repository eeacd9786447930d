import assert from "node:assert/strict";
import { formatIssue, type Issue } from "../../lib/base/issue.ts";

Deno.test("formatIssue() gives place, path, message and hint as far as they are known", () => {
  const whole: Issue = {
    file: "study.yaml",
    line: 3,
    column: 7,
    path: "decoder.temperature",
    message: "must be at most 2, found 3",
    hint: "2 is the most",
  };
  const cases: readonly (readonly [change: Partial<Issue>, text: string])[] = [
    [{}, "study.yaml:3:7 decoder.temperature: must be at most 2, found 3 (2 is the most)"],
    [{ hint: null }, "study.yaml:3:7 decoder.temperature: must be at most 2, found 3"],
    [{ column: null }, "study.yaml:3 decoder.temperature: must be at most 2, found 3 (2 is the most)"],
    [
      { line: null, column: null },
      "study.yaml decoder.temperature: must be at most 2, found 3 (2 is the most)",
    ],
    [{ path: "" }, "study.yaml:3:7: must be at most 2, found 3 (2 is the most)"],
    [
      { file: "--set", line: null, column: null },
      "--set decoder.temperature: must be at most 2, found 3 (2 is the most)",
    ],
    [
      { file: null, line: null, column: null },
      "decoder.temperature: must be at most 2, found 3 (2 is the most)",
    ],
    [{ file: null, line: null, column: null, path: "", hint: null }, "must be at most 2, found 3"],
  ];
  for (const [change, text] of cases) assert.equal(formatIssue({ ...whole, ...change }), text);
});
