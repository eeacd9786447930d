import { strictEqual } from "node:assert/strict";
import { userInfo } from "node:os";
import { expandHome, pathFrom } from "../../lib/base/expand_home.ts";
import { shellWord } from "../../lib/base/shell_word.ts";

Deno.test("expandHome() writes out the home folder, and only that of this user", () => {
  const env = { HOME: "/home/me" };
  for (
    const [path, whole] of [["~", "/home/me"], ["~/x", "/home/me/x"], ["~other/x", "~other/x"], [
      "a/~",
      "a/~",
    ]] as const
  ) {
    strictEqual(expandHome(path, env), whole);
  }
  for (const HOME of [undefined, "", "relative"]) {
    strictEqual(expandHome("~/x", { HOME }), `${userInfo().homedir}/x`);
  }
  strictEqual(pathFrom("/base", "a/../b", env), "/base/b");
  strictEqual(pathFrom("/base", "~/b", env), "/home/me/b");
});

Deno.test("shellWord() quotes what a shell would split or expand", () => {
  for (
    const [text, word] of [
      ["results/a_2026-01-01T00-00-00_ab2c", "results/a_2026-01-01T00-00-00_ab2c"],
      ["a b", "'a b'"],
      ["it's $1", `'it'\\''s $1'`],
      ["~", "'~'"],
      ["", "''"],
    ] as const
  ) {
    strictEqual(shellWord(text), word);
  }
});
