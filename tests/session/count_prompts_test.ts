import assert from "node:assert/strict";
import { countPrompts } from "../../lib/session/count_prompts.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("countPrompts() counts lines that hold anything, up to a number", () => {
  using folder = new TempFolder();
  const path = folder.write(
    "p.jsonl",
    '{"_made": 1}\n{"prompt": "a"}\n\n  \r\n{"prompt": "b"}\r\n{"prompt": "c"}',
  );
  assert.deepEqual([countPrompts(path, 101), countPrompts(path, 2)], [3, 2]);
  assert.deepEqual([countPrompts(folder.write("empty", ""), 9), countPrompts(folder.path, 9)], [0, null]);
});
