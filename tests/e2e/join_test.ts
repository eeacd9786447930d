/** Agents that share a study directory, as real processes: killed, stopped beyond their lease, on a folder that forgets. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { exists } from "../../lib/base/files.ts";
import { libc } from "../../lib/base/libc.ts";
import type { Json } from "../../lib/base/json.ts";
import { readStudy } from "../../lib/archive/read_study.ts";
import { MockServer } from "../../lib/servers/mock/mock_server.ts";
import { mockOptions } from "../../lib/servers/mock/options.ts";
import { C_COMPILER, testWith } from "../support/needs.ts";
import { Random } from "../support/random.ts";
import { SLOW } from "../support/sampled.ts";
import { diskShim } from "../support/disk_shim.ts";
import { sharedDiskShim } from "../support/shared_disk_shim.ts";
import { type Ended, ended, llem, readJson, readManifest, Sandbox, start, until, WORKERS } from "./llem.ts";

// Loaded once, not in the middle of a test.
libc();

/** A study of so many experiments and cycles, each run of which is made by that fixture. */
function studyOf(
  box: Sandbox,
  { fixture = "ok", experiments = 3, cycles = 4, lease = 1, execution = {}, name = "shared" }: {
    readonly fixture?: string;
    readonly experiments?: number;
    readonly cycles?: number;
    readonly lease?: number;
    readonly execution?: Readonly<Record<string, Json>>;
    readonly name?: string;
  } = {},
): string {
  const study = {
    name,
    backend: "command",
    model: "none",
    command: { argv: [join(WORKERS, `${fixture}.sh`)] },
    sweep: { n: Array.from({ length: experiments }, (_, index) => index + 1) },
    execution: { n_cycles: cycles, cycle_order: "interleaved", ...execution },
    cluster: { lease_seconds: lease },
  };
  return box.write(`${name}.yaml`, JSON.stringify(study));
}

/** What a shared directory says once nobody is at work: every run once, with a result of its own. */
function assertComplete(dir: string, runs: number): void {
  const table = readStudy(dir);
  assert.equal(table.status, "completed");
  assert.equal(table.runs.length, runs);
  assert.deepEqual(table.runs.filter(({ standing }) => standing !== "completed"), []);
  assert.equal(new Set(table.runs.map(({ run_id }) => run_id)).size, runs);
  const manifest = readManifest(dir);
  assert.deepEqual([manifest.status, manifest.completed], ["completed", runs]);
  const summary = readJson<{ rows: { completed: number }[] }>(join(dir, "summary.json"));
  assert.equal(summary.rows.reduce((sum, { completed }) => sum + completed, 0), runs);
  const counted = linesOf(dir).filter((event) =>
    event["type"] === "run_finished" && event["kind"] === "completed" && event["superseded"] !== true
  );
  // An agent that was killed between the end and its line has none.
  assert.equal(new Set(counted.map((event) => event["run_id"])).size, counted.length);
  const ends = new Set(
    [...Deno.readDirSync(join(dir, "ends"))].map(({ name }) => name)
      // What a killed agent had not given its name yet.
      .filter((name) => !name.startsWith(".")),
  );
  assert.equal(ends.size, runs);
}

function linesOf(dir: string): Record<string, Json>[] {
  const folder = join(dir, "journals");
  return [...Deno.readDirSync(folder)].flatMap(({ name }) =>
    Deno.readTextFileSync(join(folder, name)).split("\n").flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        return [];
      }
    })
  );
}

interface Started {
  readonly child: Deno.ChildProcess;
  readonly end: Promise<Ended>;
}

function agent(args: readonly string[], options: Deno.CommandOptions = {}): Started {
  const child = start(["run", ...args], options);
  return { child, end: ended(child) };
}

Deno.test("agents share a study: killed and stopped ones lose no run, and none counts twice", async () => {
  using box = new Sandbox();
  const study = studyOf(box, { cycles: 8 });
  const dir = join(box.dir, "shared");
  const agents = [1, 2, 3, 4].map(() => agent([study, "--join", dir]));
  const [killed, stopped] = agents;
  assert.ok(killed !== undefined && stopped !== undefined);
  await until("the first end", () => [...Deno.readDirSync(join(dir, "ends"))].length > 1);
  killed.child.kill("SIGKILL");
  stopped.child.kill("SIGSTOP");
  const others = await Promise.all(agents.slice(2).map(({ end }) => end));
  stopped.child.kill("SIGCONT");
  const late = await stopped.end;
  await killed.end;
  for (const { code, stderr } of [...others, late]) assert.ok(code === 0 || code === 6, stderr);
  const last = await llem(["run", "--join", dir]);
  assert.equal(last.code, 0, last.stderr);
  assertComplete(dir, 24);
});

testWith(
  [C_COMPILER],
  "agents share a study on a folder that loses answers and hides new files",
  async () => {
    using box = new Sandbox();
    const study = studyOf(box, { fixture: "quick", experiments: 2, cycles: 8 });
    const dir = join(Deno.realPathSync(box.dir), "shared");
    const env = sharedDiskShim({ root: dir, lose: 30, lateMs: 150 });
    const agents = [1, 2, 3].map(() => agent([study, "--join", dir], { env }));
    const ends = await Promise.all(agents.map(({ end }) => end));
    for (const { code, stderr } of ends) assert.ok(code === 0 || code === 6, `${code} ${stderr}`);
    assert.ok(ends.some(({ code }) => code === 0));
    assertComplete(dir, 16);
  },
);

Deno.test("an agent that finds nothing to take waits for a lease and leaves with 6; a drained one leaves its chain", async () => {
  using box = new Sandbox();
  const study = studyOf(box, { fixture: "waits_for_file", experiments: 2, cycles: 1 });
  const dir = join(box.dir, "shared");
  const first = agent([study, "--join", dir, "--devices", "0"]);
  const folder = await until("its first run", () => {
    const [entry] = [...Deno.readDirSync(join(dir, "runs"))];
    return entry !== undefined && Deno.statSync(join(dir, "runs", entry.name, "pids")).size > 0
      ? entry.name
      : null;
  });
  const second = await llem(["run", "--join", dir, "--devices", "1"]);
  assert.equal(second.code, 6, second.stderr);
  assert.match(second.stderr, /others are at work on c1 \(\S+\)\. llem status \S+ shows them/);
  const status = await llem(["status", dir]);
  assert.match(status.stdout, /agents: 1 of 2 at work\n.*working +heartbeat .* ago +run 1, .*\n.*left/);
  const busy = await llem(["run", "--resume", dir]);
  assert.equal(busy.code, 75, busy.stderr);
  const same = await llem(["run", "--join", dir, "--devices", "0"]);
  assert.equal(same.code, 3, same.stderr);
  assert.match(same.stderr, /device 0 is held by process .*; name other devices with --devices/);
  first.child.kill("SIGUSR2");
  Deno.writeTextFileSync(join(dir, "runs", folder, "go"), "");
  assert.equal((await first.end).code, 140);
  const third = agent(["--join", dir]);
  const next = await until("the second run", () => {
    const found = [...Deno.readDirSync(join(dir, "runs"))].find(({ name }) => name.startsWith("0002_"));
    return found?.name ?? null;
  });
  Deno.writeTextFileSync(join(dir, "runs", next, "go"), "");
  assert.equal((await third.end).code, 0);
  assertComplete(dir, 2);
});

Deno.test("an agent that comes back after its lease goes on harmlessly: what it ends is superseded", async () => {
  using box = new Sandbox();
  const study = studyOf(box, { fixture: "waits_for_file", experiments: 1, cycles: 1 });
  const dir = join(box.dir, "shared");
  const runs = (count: number) => () => {
    const names = [...Deno.readDirSync(join(dir, "runs"))].map(({ name }) => name).sort();
    const [last = ""] = names.slice(-1);
    return names.length === count && Deno.statSync(join(dir, "runs", last, "pids")).size > 0 ? names : null;
  };
  const stopped = agent([study, "--join", dir]);
  await until("its run", runs(1));
  stopped.child.kill("SIGSTOP");
  // As long ago as a clock says that disagrees.
  for (const { name } of Deno.readDirSync(join(dir, "beats"))) {
    Deno.utimeSync(join(dir, "beats", name), 1e9, 1e9);
  }
  const other = agent(["--join", dir]);
  const names = await until("the run of the other", runs(2));
  for (const name of names.slice(-1)) Deno.writeTextFileSync(join(dir, "runs", name, "go"), "");
  assert.equal((await other.end).code, 0);
  // Nobody has killed what a silent agent has in hand.
  const worker = Number(Deno.readTextFileSync(join(dir, "runs", names[0] ?? "", "pids")));
  assert.ok(exists(`/proc/${worker}`));
  stopped.child.kill("SIGCONT");
  for (const name of names) Deno.writeTextFileSync(join(dir, "runs", name, "go"), "");
  const late = await stopped.end;
  assert.equal(late.code, 0, late.stderr);
  const ends = linesOf(dir).filter((event) => event["type"] === "run_finished");
  const counted = ends.filter((event) => event["superseded"] !== true && event["kind"] === "completed");
  assert.equal(counted.length, 1, JSON.stringify(ends));
  assert.equal(readStudy(dir).runs[0]?.attempt, 2);
  assertComplete(dir, 1);
});

Deno.test("an agent that leaves takes nothing from the others that their workers are started from", async () => {
  using box = new Sandbox();
  await using mock = new MockServer(mockOptions({ ttft_ms: 2, tick_ms: 5 }));
  const study = box.write(
    "served.json",
    JSON.stringify({
      backend: "openai",
      model: "mock",
      openai: { base_url: `http://127.0.0.1:${mock.port}/v1` },
      dataset: { n: 1, input_len: 4, output_len: 4 },
      execution: { n_cycles: 8 },
      cluster: { lease_seconds: 1 },
    }),
  );
  const dir = join(box.dir, "shared");
  const leaving = agent([study, "--join", dir]);
  await until("the study", () => exists(join(dir, "plan.json")));
  const staying = agent(["--join", dir]);
  await until("both at work", () => [...Deno.readDirSync(join(dir, "journals"))].length === 2);
  leaving.child.kill("SIGUSR2");
  const { code, stderr } = await staying.end;
  await leaving.end;
  assert.equal(code, 0, stderr);
  assertComplete(dir, 8);
  assert.deepEqual([...Deno.readDirSync(join(dir, "tmp"))], []);
});

Deno.test("whoever joins lets the worker of an agent live that is only silent", async () => {
  using box = new Sandbox();
  const study = studyOf(box, { fixture: "waits_for_file", experiments: 1, cycles: 1 });
  const dir = join(box.dir, "shared");
  const stopped = agent([study, "--join", dir]);
  const pids = await until("its worker", () => {
    const [entry] = [...Deno.readDirSync(join(dir, "runs"))];
    const path = join(dir, "runs", entry?.name ?? "", "pids");
    return entry !== undefined && Deno.statSync(path).size > 0 ? path : null;
  });
  stopped.child.kill("SIGSTOP");
  await until("its silence", () => {
    const beats = [...Deno.readDirSync(join(dir, "beats"))].filter(({ name }) => !name.includes("."));
    const [beat] = beats.map(({ name }) => Deno.statSync(join(dir, "beats", name)).mtime?.getTime() ?? 0);
    return beat !== undefined && Date.now() - beat > 1200 ? beat : null;
  });
  const other = agent(["--join", dir]);
  const next = await until("the run of the other", () => {
    const found = [...Deno.readDirSync(join(dir, "runs"))].find(({ name }) => name.endsWith("_a2"));
    return found?.name ?? null;
  });
  const [pid = ""] = Deno.readTextFileSync(pids).trim().split("\n");
  assert.ok(!/^State:\s+[ZX]/m.test(Deno.readTextFileSync(`/proc/${pid}/status`)));
  Deno.writeTextFileSync(join(dir, "runs", next, "go"), "");
  const { code, stderr } = await other.end;
  assert.deepEqual([code, /were killed/.test(stderr)], [0, false], stderr);
  stopped.child.kill("SIGCONT");
  Deno.writeTextFileSync(join(pids, "..", "go"), "");
  assert.equal((await stopped.end).code, 0);
  const ends = linesOf(dir).filter((event) => event["type"] === "run_finished").map((event) => event["kind"]);
  // Measured while its runner stood still, the run of the first may be void; a failure it is not.
  assert.equal(ends.filter((kind) => kind === "completed" || kind === "interrupted").length, ends.length);
  assertComplete(dir, 1);
});

Deno.test("ends keep their own text where the other name of each cannot be removed, and one that cannot be read says so", async () => {
  using box = new Sandbox();
  const study = studyOf(box, { fixture: "quick", experiments: 2, cycles: 1 });
  const dir = join(Deno.realPathSync(box.dir), "shared");
  const env = diskShim({ root: dir, fail: { ops: ["unlink"], errno: 5, path: "ends/" } });
  const { code, stderr } = await llem(["run", study, "--join", dir], { env });
  assert.equal(code, 0, stderr);
  const names = [...Deno.readDirSync(join(dir, "ends"))].map(({ name }) => name);
  const ends = names.filter((name) => !name.startsWith("."));
  assert.equal(ends.length, 2);
  for (const name of ends) {
    const { finished } = readJson<{ finished: Record<string, Json> }>(join(dir, "ends", name));
    assert.equal(`${finished["config_hash"]}-c${finished["cycle"]}`, name);
  }
});

Deno.test("ends that were cut off are gone over, and what a journal alone tells is not made again", async () => {
  using box = new Sandbox();
  const study = studyOf(box, { fixture: "quick", experiments: 4, cycles: 1 });
  const dir = join(box.dir, "shared");
  assert.equal((await llem(["run", study, "--join", dir])).code, 0);
  const [lost, cut, pipe, folder] = [...Deno.readDirSync(join(dir, "ends"))].map(({ name }) => name).sort();
  assert.ok(lost !== undefined && cut !== undefined && pipe !== undefined && folder !== undefined);
  for (const name of [lost, cut, pipe, folder]) Deno.removeSync(join(dir, "ends", name));
  Deno.writeTextFileSync(join(dir, "ends", cut), "");
  await new Deno.Command("mkfifo", { args: [join(dir, "ends", pipe)] }).output();
  Deno.mkdirSync(join(dir, "ends", folder));
  const [journal] = [...Deno.readDirSync(join(dir, "journals"))].map(({ name }) =>
    join(dir, "journals", name)
  );
  assert.ok(journal !== undefined);
  const lines = Deno.readTextFileSync(journal).split("\n");
  const isOfOthers = (line: string): boolean =>
    !line.includes('"type":"run_finished"') || line.includes(`"${lost.replace(/-c1$/, "")}"`);
  Deno.writeTextFileSync(journal, lines.filter(isOfOthers).join("\n"));
  assert.equal(readStudy(dir).runs.filter(({ standing }) => standing === "completed").length, 1);
  const again = await llem(["run", "--join", dir]);
  assert.equal(again.code, 0, again.stderr);
  const counted = linesOf(dir).filter((event) => event["type"] === "run_finished");
  assert.equal(counted.length, 4, JSON.stringify(counted));
  assert.equal(readStudy(dir).status, "completed");
});

Deno.test("an agent whose clock is off by hours still sees that others are at work, and a stop reaches them", async () => {
  using box = new Sandbox();
  const study = studyOf(box, { fixture: "waits_for_file", experiments: 1, cycles: 1 });
  const dir = join(Deno.realPathSync(box.dir), "shared");
  const first = agent([study, "--join", dir]);
  const folder = await until("its run", () => {
    const [entry] = [...Deno.readDirSync(join(dir, "runs"))];
    return entry === undefined ? null : join(dir, "runs", entry.name);
  });
  // As if it were on another machine: nothing but its heartbeat is seen of it.
  for (const { name } of Deno.readDirSync(join(dir, "agents"))) {
    const path = join(dir, "agents", name);
    Deno.writeTextFileSync(
      path,
      Deno.readTextFileSync(path).replace(/"host": "[^"]*"/, '"host": "elsewhere"'),
    );
  }
  const env = diskShim({ root: dir, clock: box.write("clock", "7200") });
  const second = await llem(["run", "--join", dir], { env });
  assert.equal(second.code, 6, second.stderr);
  assert.match((await llem(["stop", "--drain", dir], { env })).stdout, /agents/);
  await until("the mark", () => exists(join(dir, "stop.json")) ? true : null);
  Deno.writeTextFileSync(join(folder, "go"), "");
  assert.equal((await first.end).code, 0);
});

Deno.test("an agent refuses another study, one that grows, another machine and a folder of somebody's", async () => {
  using box = new Sandbox();
  const dir = join(box.dir, "shared");
  const [study, other] = [studyOf(box), studyOf(box, { experiments: 2, name: "other" })];
  const growing = studyOf(box, {
    name: "growing",
    execution: { n_cycles: null, until: { output_tokens_per_second: 0.1 } },
  });
  assert.equal((await llem(["run", growing, "--join", dir])).code, 2);
  const nothing = await llem(["run", "--join", join(box.dir, "nothing")]);
  assert.deepEqual([nothing.code, /holds no study yet/.test(nothing.stderr)], [2, true]);
  assert.equal((await llem(["run", study, "--join", box.dir])).code, 2);
  assert.equal((await llem(["run", study, "--join", dir])).code, 0);
  const kept = await llem(["run", study, "--join", dir, "--cycles", "4", "--timeout", "77", "--no-gaps"]);
  assert.match(
    kept.stderr,
    /keeping the original settings: execution\.experiment_timeout_seconds stays null, not 77\./,
  );
  const refused = await llem(["run", other, "--join", dir]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /name was "shared", is "other"/);
  Deno.removeSync(join(dir, "ends"), { recursive: true });
  Deno.removeSync(join(dir, "journals"), { recursive: true });
  const hardware = readJson<{ hardware: Record<string, string> }>(join(dir, "hardware.json"));
  hardware.hardware["llem"] = "0.0.0";
  Deno.writeTextFileSync(join(dir, "hardware.json"), JSON.stringify(hardware));
  const foreign = await llem(["run", "--join", dir]);
  assert.equal(foreign.code, 3, foreign.stderr);
  assert.match(foreign.stderr, /llem +0\.0\.0 +\S/);
});

testWith([C_COMPILER], "what an agent leaves that died while it made the study is taken over", async () => {
  using box = new Sandbox();
  const study = studyOf(box, { fixture: "quick", cycles: 1 });
  const dir = join(Deno.realPathSync(box.dir), "shared");
  const env = diskShim({ root: dir, kill: { call: 1, phase: "after", path: "inputs.json" } });
  const killed = await llem(["run", study, "--join", dir], { env });
  assert.equal(killed.signal, "SIGKILL", killed.stderr);
  const alone = await llem(["run", "--join", dir]);
  assert.equal(alone.code, 2);
  assert.match(alone.stderr, /the first agent makes it, from a study file/);
  const next = await llem(["run", study, "--join", dir]);
  assert.equal(next.code, 0, next.stderr);
  assertComplete(dir, 3);
});

Deno.test("--retry-failed makes failed runs of a shared study again, and lost results with --resume", async () => {
  using box = new Sandbox();
  const study = studyOf(box, { fixture: "fails_once", experiments: 2, cycles: 1 });
  const dir = join(box.dir, "shared");
  assert.equal((await llem(["run", study, "--join", dir])).code, 1);
  assert.equal((await llem(["run", "--join", dir])).code, 1);
  const again = await llem(["run", "--resume", dir, "--retry-failed"]);
  assert.equal(again.code, 0, again.stderr);
  assert.equal(readManifest(dir).completed, 2);
  const [run] = readStudy(dir).runs;
  assert.ok(run !== undefined && run.result_file !== null);
  Deno.removeSync(join(dir, run.result_file));
  assert.equal(readStudy(dir).runs[0]?.standing, "missing");
  assert.equal((await llem(["run", "--resume", dir])).code, 0);
  assert.deepEqual(readStudy(dir).runs.map(({ standing }) => standing), ["completed", "completed"]);
});

testWith(
  [C_COMPILER, SLOW],
  "six agents under random kills and stops on a folder that forgets: every run once, none lost",
  async () => {
    for (let seed = 1; seed <= 5; seed++) {
      using box = new Sandbox();
      const random = new Random(seed);
      const study = studyOf(box, { experiments: 3, cycles: 20 });
      const dir = join(Deno.realPathSync(box.dir), "shared");
      const env = sharedDiskShim({ root: dir, lose: 20, lateMs: 300 });
      const agents: Started[] = [];
      const isOver = new Set<Started>();
      const begin = (): void => {
        const one = agent([study, "--join", dir], { env });
        agents.push(one);
        void one.end.then(() => isOver.add(one));
      };
      for (let index = 0; index < 6; index++) begin();
      for (let trouble = 0; trouble < 14; trouble++) {
        await pause(random.integer(200, 900));
        const there = agents.filter((one) => !isOver.has(one));
        if (there.length === 0) break;
        const { child } = random.pick(there);
        if (random.next() < 0.5) {
          signal(child, "SIGKILL");
          begin();
          continue;
        }
        signal(child, "SIGSTOP");
        setTimeout(() => signal(child, "SIGCONT"), random.integer(500, 3000));
      }
      const ends = await Promise.all(agents.map(({ end }) => end));
      for (const { code, signal, stderr } of ends) {
        assert.ok(code === 0 || code === 6 || signal === "SIGKILL", `seed ${seed}: ${code} ${stderr}`);
      }
      const last = await llem(["run", "--join", dir]);
      assert.equal(last.code, 0, `seed ${seed}: ${last.stderr}`);
      assertComplete(dir, 60);
      const lines = linesOf(dir).filter((event) => event["type"] === "run_finished");
      const superseded = lines.filter((event) => event["superseded"] === true).length;
      console.log(
        `seed ${seed}: ${agents.length} agents, ${lines.length} ends of attempts, ${superseded} superseded`,
      );
    }
  },
);

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function signal(child: Deno.ChildProcess, name: Deno.Signal): void {
  try {
    child.kill(name);
  } catch {
    // It has ended.
  }
}
