import assert from "node:assert/strict";
import { readStudy } from "../../lib/study/read_study.ts";

function warnings(execution: string): string[] {
  const text = `model: none\nbackend: command\ncommand: { argv: [w] }\nexecution: ${execution}\n`;
  const { issues, warnings } = readStudy({ file: "s.yaml", text }, []);
  assert.deepEqual(issues, []);
  return warnings.map(({ line, path, message }) => `${line} ${path} ${message}`);
}

Deno.test("an audit without shared windows is said to have no effect, at its place", () => {
  const [told, ...more] = warnings("{ parallel: staged, audit: { pairs: 6 } }");
  assert.match(told ?? "", /^4 execution\.audit has no effect: execution\.parallel is staged/);
  assert.deepEqual(more, []);
  assert.match(warnings("{ audit: {} }")[0] ?? "", /execution\.parallel is off/);
  assert.deepEqual(warnings("{ parallel: shared, audit: { pairs: 6 } }"), []);
  assert.deepEqual(warnings("{ parallel: staged, audit: null }"), []);
});
