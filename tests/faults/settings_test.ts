import assert from "node:assert/strict";
import { join } from "node:path";
import { type Ended, llem, ran, records, runFolder, Sandbox, WORKERS } from "../e2e/llem.ts";

function studyOf(box: Sandbox, env: Readonly<Record<string, string>> = {}): string {
  const command = { argv: [join(WORKERS, "surroundings.sh")], env };
  const study = { backend: "command", model: "none", command, energy: { backend: null }, params: { y: 1 } };
  return box.write("study.yaml", JSON.stringify(study));
}

function refused({ code, stdout, stderr }: Ended, message: RegExp): void {
  assert.equal(code, 2, stderr);
  assert.match(stderr, message);
  const [invalid] = records(stdout);
  assert.ok(invalid?.event === "invalid");
  assert.match(invalid.issues.map((issue) => issue.message).join(), message);
}

Deno.test("fault 61: a value of the command line that YAML would take away is refused, and nothing is run", async () => {
  using box = new Sandbox();
  const study = studyOf(box);
  const lost = [
    ["%Y-%m-%d", /a directive \(%\)/],
    ["5 # five", /a comment \(#\)/],
    ["x:", /without a value/],
  ] as const;
  const ends = await Promise.all(
    lost.map(([value]) =>
      llem(["run", study, "-o", join(box.dir, "out"), "--json", "--set", `params.x=${value}`])
    ),
  );
  for (const [index, end] of ends.entries()) {
    refused(end, lost[index]?.[1] ?? /^$/);
    assert.match(end.stderr, /--set params\.x: .*(quotes|null)/);
  }
  assert.deepEqual([...Deno.readDirSync(box.dir)].map(({ name }) => name), ["study.yaml"]);
  const { stdout } = await llem([
    "plan",
    study,
    "--json",
    "--set",
    'params.x="%Y-%m-%d"',
    "--set",
    "params.y=~",
  ]);
  assert.deepEqual(JSON.parse(stdout).runs[0].config.params, { x: "%Y-%m-%d", y: null });
});

Deno.test("fault 62: a study cannot take its worker to other devices than those that are named", async () => {
  using box = new Sandbox();
  const run = async (env: Readonly<Record<string, string>>): Promise<Ended> =>
    await llem(["run", studyOf(box, env), "-o", join(box.dir, "out"), "--json", "--devices", "1"], {
      env: { LLEM_LOCK_DIR: box.dir },
    });
  refused(await run({ CUDA_VISIBLE_DEVICES: "0" }), /is "0", but execution\.devices \(--devices\) lists "1"/);
  refused(await run({ CUDA_DEVICE_ORDER: "FASTEST_FIRST" }), /is "FASTEST_FIRST", but execution\.devices/);
  refused(await run({ LLEM_ATTEMPT_ID: "x" }), /is reserved/);
  const { code, dir, stderr } = ran(await run({ CUDA_VISIBLE_DEVICES: "1", OWN: "yes" }));
  assert.equal(code, 0, stderr);
  const env = Deno.readTextFileSync(join(runFolder(dir, 1), "env"));
  assert.match(env, /^CUDA_VISIBLE_DEVICES=(1|GPU-.*)$/m);
  assert.match(env, /^OWN=yes$/m);
});
