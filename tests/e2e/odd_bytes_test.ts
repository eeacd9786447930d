/** Names, variables and folders of old file systems may hold any bytes. Arguments: tests/scripts/utf8_entry_test.ts. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { variableNotUtf8 } from "../../lib/cli/messages.ts";
import { LLEM, Sandbox, WORKERS } from "./llem.ts";

/** Runs a line of bash, which can write any bytes, with the program as $LLEM. */
function bash(script: string, box: Sandbox): { code: number; text: string } {
  const { code, stdout, stderr } = new Deno.Command("bash", {
    args: ["-c", script],
    cwd: box.dir,
    env: { LLEM, NO_COLOR: "1" },
  }).outputSync();
  const text = new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout);
  assert.doesNotMatch(text, /panicked|Uncaught|\n\s+at /);
  return { code, text };
}

Deno.test("fault 68: variables that are not UTF-8 count as not set, which is said once, and the study runs", () => {
  using box = new Sandbox();
  box.study(["ok"]);
  const setting = `export HF_HOME=$'/data/mod\\xe8les' NO_COLOR=$'\\xe9' LS_COLORS=$'\\xff'`;
  const ran = bash(`${setting}; "$LLEM" run test.yaml -o out`, box);
  assert.equal(ran.code, 0, ran.text);
  for (const name of ["HF_HOME", "NO_COLOR", "LS_COLORS"]) {
    const warning = variableNotUtf8(name);
    assert.equal(ran.text.split(warning).length, 2, ran.text);
  }
  const quiet = bash(`${setting}; "$LLEM" run test.yaml -o out -q`, box);
  assert.deepEqual(quiet, { code: 0, text: "" });
});

Deno.test("fault 68: a working folder that is not UTF-8 is refused in one line, and files of such names beside ours are not", () => {
  using box = new Sandbox();
  box.study(["ok"]);
  Deno.copyFileSync(join(WORKERS, "ok.sh"), join(box.dir, "ok.sh"));
  const refused = bash(`mkdir $'d\\xe9' && cd $'d\\xe9' && "$LLEM" plan ../test.yaml`, box);
  assert.equal(refused.code, 2);
  assert.match(
    refused.text,
    /^llem: the working folder cannot be used: .*d\\xE9.* is not valid UTF-8\. Change to another one \(cd\)\.\n$/,
  );
  const ran = bash(
    `"$LLEM" run test.yaml -o out -q && DIR=$(echo out/test_*) &&
     touch $'out/x\\xe9' "$DIR"/$'y\\xe9' "$DIR"/runs/$'z\\xe9' &&
     "$LLEM" status "$DIR" && "$LLEM" show "$DIR" && "$LLEM" run test.yaml -o out --resume`,
    box,
  );
  assert.equal(ran.code, 0, ran.text);
  assert.match(ran.text, /test: completed, 1 of 1 run completed/);
});

Deno.test("fault 68: results behind a link to a folder that is not UTF-8 are refused before anything is made", () => {
  using box = new Sandbox();
  box.study(["ok"]);
  const refused = bash(
    `mkdir $'d\\xe9' && ln -s $'d\\xe9' link && "$LLEM" run test.yaml -o link/out; echo "$?"; ls link`,
    box,
  );
  assert.match(
    refused.text,
    /link\/out leads to a folder whose path is not UTF-8\. Rename that folder, or choose another with -o/,
  );
  assert.match(refused.text, /\n3\n$/);
});
