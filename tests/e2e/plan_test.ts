import assert from "node:assert/strict";
import { llem, Sandbox } from "./llem.ts";

const STUDY = `backend: llamacpp
model: tiny-random
sweep: { llamacpp.n_threads: [1, 2], n: [3, 0] }
execution: { n_cycles: 2, cycle_order: reverse }
`;

Deno.test("llem plan says how much it is, what varies only, and what is left out", async () => {
  using box = new Sandbox();
  const { code, stdout, stderr } = await llem([
    "plan",
    box.write("s.yaml", STUDY),
    "--set",
    "execution.cycle_gap_seconds=0",
  ]);
  assert.deepEqual([code, stderr], [0, ""]);
  const lines = stdout.split("\n");
  assert.equal(lines[0], "2 experiments x 2 cycles = 4 runs, 2 points skipped");
  assert.match(
    lines[1] ?? "",
    /^time: unknown before a first run, at most 40m 00s by the time limits of runs; no gaps$/,
  );
  assert.match(lines[2] ?? "", /^backend llamacpp; model tiny-random; order reverse; design [0-9a-f]{16}$/);
  assert.deepEqual(lines.slice(4, 9).map((line) => line.trim().split(/\s+/)), [
    ["run", "cycle", "llamacpp.n_threads"],
    ["1", "1", "1"],
    ["2", "1", "2"],
    ["3", "2", "2"],
    ["4", "2", "1"],
  ]);
  assert.equal(lines.at(-2), "  2 points (llamacpp): n must be a whole number >= 1, found 0");
});

Deno.test("llem plan --explain says where a value comes from, as text and as JSON", async () => {
  using box = new Sandbox();
  const study = box.write("s.yaml", STUDY);
  const text = await llem(["plan", study, "--explain", "llamacpp.n_threads"]);
  assert.deepEqual([text.code, text.stderr], [0, ""]);
  assert.equal(
    text.stdout,
    `llamacpp.n_threads: 1 from ${study}:3:31 (sweep); 2 from ${study}:3:34 (sweep)\n`,
  );
  const json = await llem(["plan", study, "--explain", "n_cycles", "--json"]);
  assert.equal(json.code, 2);
  assert.equal(JSON.parse(json.stdout).issues[0].hint, 'did you mean "execution.n_cycles"?');
  const { stdout } = await llem(["plan", study, "--explain", "model", "--json", "-m", "other"]);
  assert.deepEqual(JSON.parse(stdout).explained[0].values[0].from, "option");
});
