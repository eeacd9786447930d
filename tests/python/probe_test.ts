import assert from "node:assert/strict";
import { readProcStat } from "../../lib/process/proc_stat.ts";
import type { Probe } from "../../lib/python/known_facts.ts";
import { askPython, probePython } from "../../lib/python/probe.ts";
import { isCpuBuild } from "../../lib/python/python_facts.ts";
import "../support/libc.ts";
import { testWith } from "../support/needs.ts";
import { ENGINE_PYTHON, fakePython, having, REAL_PYTHON } from "../support/pythons.ts";
import { TempFolder } from "../support/temp_folder.ts";

const env = Deno.env.toObject();

/** Why nothing came of it. */
function trouble(probe: Probe): string {
  assert.ok("trouble" in probe, JSON.stringify(probe));
  return probe.trouble;
}

testWith(
  [ENGINE_PYTHON],
  "the probe tells versions and torch's build without importing anything",
  async () => {
    using folder = new TempFolder();
    // Whatever is printed at start-up does not spoil the answer.
    folder.write("sitecustomize.py", "print('noise on stdout', end='')\n");
    const probe = await askPython(REAL_PYTHON, { env: { ...env, PYTHONPATH: folder.path } });
    assert.ok("facts" in probe, JSON.stringify(probe));
    const { packages, version, executable, pip } = probe.facts;
    assert.match(packages["torch"] ?? "", /^2\.13\.0/);
    assert.equal(packages["transformers"], "5.24.0");
    assert.equal(packages["bitsandbytes"], null);
    assert.match(version, /^3\.\d+\.\d+$/);
    assert.equal(executable, REAL_PYTHON);
    assert.equal(pip, true);
    assert.equal(isCpuBuild(probe.facts), !(packages["torch"] ?? "").includes("+cu"));
  },
);

Deno.test("the probe names an interpreter that is not there, ends badly, says nonsense or is too old", async () => {
  using folder = new TempFolder();
  const ask = async (name: string, text: string): Promise<string> =>
    trouble(await askPython(folder.write(name, text), { env }));
  assert.match(
    trouble(await askPython(folder.at("gone"), { env })),
    /^Cannot start .*gone: .* does not exist/,
  );
  assert.match(await ask("lost", "#!/no/such/interpreter\n"), /^Cannot start/);
  assert.equal(
    await ask("ends", "#!/bin/sh\necho first >&2\necho last words >&2\nexit 3\n"),
    "it ended with exit code 3: last words",
  );
  assert.equal(await ask("dies", "#!/bin/sh\nkill -SEGV $$\n"), "it died of SIGSEGV");
  assert.match(
    await ask("babbles", "#!/bin/sh\necho '{}'\necho 'Python 3.12'\n"),
    /^it did not answer like/,
  );
  const old = trouble(await askPython(fakePython(folder, "old", { version: "3.9.18" }), { env }));
  assert.equal(old, "it is Python 3.9.18, and the worker needs 3.10");
});

Deno.test("an interpreter that does not answer is killed with all it started, and so is one that is called off", async () => {
  using folder = new TempFolder();
  const path = folder.write("hangs", '#!/bin/sh\nsleep 600 &\necho $$ $! >"$0.pids"\nwait\n');
  const alive = (): string[] => {
    const pids = Deno.readTextFileSync(`${path}.pids`).trim().split(" ").map(Number);
    return pids.map(readProcStat).filter((stat) => stat !== null && stat.state !== "Z").map(String);
  };
  assert.equal(trouble(await askPython(path, { env, limit_ms: 300 })), "it did not answer within 0.3 s");
  assert.deepEqual(await settled(alive), []);
  const stop = new AbortController();
  const asked = askPython(path, { env, signal: stop.signal });
  setTimeout(() => stop.abort(), 300);
  assert.equal(trouble(await asked), "the check was cancelled");
  assert.deepEqual(await settled(alive), []);
});

/** The kernel needs a moment to take away what was killed. */
async function settled(alive: () => string[]): Promise<string[]> {
  for (let tries = 0; tries < 100 && alive().length > 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return alive();
}

Deno.test("probePython() asks each interpreter once", async () => {
  using folder = new TempFolder();
  const path = fakePython(folder, "python", { packages: having("torch") });
  const [one, other] = await Promise.all([probePython(path, { env }), probePython(path, { env })]);
  assert.equal(one, other);
  assert.equal(await probePython(path, { env }), one);
  assert.equal(folder.read("python.asked"), "asked\n");
});
