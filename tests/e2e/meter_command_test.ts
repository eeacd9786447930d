/** `llem meter` from outside: the compiled program, real processes, real signals; only the boards are not there (nvml_stub.c). */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parseMeterMessage } from "../../lib/meter/message_schema.ts";
import { REPLAY_VARIABLE } from "../../lib/meter/open_sources.ts";
import { allProcesses, readProcStat } from "../../lib/process/proc_stat.ts";
import type { EnergyRecord } from "../../lib/results/energy/record.ts";
import { inTerminal, latin1 } from "../faults/_terminal.ts";
import { C_COMPILER, SCRIPT, testWith } from "../support/needs.ts";
import { buildNvmlStub, type StubBoard } from "../support/nvml_stub.ts";
import { assertGone, type Ended, ended, LLEM, llem, pidIn, Sandbox, start, until } from "./llem.ts";

const BOARD: StubBoard = { uuid: "GPU-meter", power: { kind: "constant", value: 100 } };

/** What `--json` prints once the program is over. */
interface Metered {
  readonly schema: "llem.metered/1";
  readonly argv: readonly string[];
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly window_s: number;
  readonly energy: EnergyRecord | null;
  readonly energy_reason: string | null;
}

const env = (boards: readonly StubBoard[] = [BOARD]): Record<string, string> =>
  buildNvmlStub().env({ boards });

function meter(args: readonly string[], options: Deno.CommandOptions = {}): Promise<Ended> {
  return llem(["meter", ...args], { env: env(), ...options });
}

function lastObject(stdout: string): Metered {
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
}

/** Processes whose parent is that one. */
function childrenOf(pid: number): number[] {
  return [...allProcesses()].filter(({ ppid }) => ppid === pid).map((stat) => stat.pid);
}

/** The meter process is the child in a session of its own. */
function meterOf(pid: number): number | undefined {
  return childrenOf(pid).find((child) => readProcStat(child)?.session === child);
}

/** A metered shell script that has written `ready`; its own pid stands in `pid`. */
async function startScript(box: Sandbox, script: string, args: readonly string[] = []) {
  const path = box.write("script.sh", `cd "${box.dir}"\necho $$ > pid\n${script}`);
  const runner = start(["meter", ...args, "--", "sh", path], { env: env() });
  await until("the script is ready", () => Deno.statSync(join(box.dir, "ready")).isFile);
  const meterPid = await until("the meter process", () => meterOf(runner.pid));
  const pid = Number(Deno.readTextFileSync(join(box.dir, "pid")));
  return { runner, meterPid, pid };
}

testWith([C_COMPILER], "llem meter -- CMD tells the analytic joules within the printed budget", async () => {
  const boards: StubBoard[] = [
    BOARD,
    {
      uuid: "GPU-old",
      power: { kind: "constant", value: 40 },
      codes: [{ function: "nvmlDeviceGetTotalEnergyConsumption", code: 3 }],
    },
  ];
  const end = await meter(["--json", "--", "sh", "-c", "sleep 2"], { env: env(boards) });
  assert.equal(end.code, 0, end.stderr);
  assert.equal(end.stderr, "");
  const { energy, window_s, ...rest } = lastObject(end.stdout);
  assert.deepEqual(rest.argv, ["sh", "-c", "sleep 2"]);
  assert.deepEqual([rest.schema, rest.exit_code, rest.signal, rest.energy_reason], [
    "llem.metered/1",
    0,
    null,
    null,
  ]);
  assert.ok(energy !== null && window_s >= 2);
  for (const [uuid, watts] of [["GPU-meter", 100], ["GPU-old", 40]] as const) {
    const row = energy.devices.find((device) => device.uuid === uuid);
    const off = Math.abs((row?.joules ?? NaN) - watts * window_s);
    assert.ok(off <= (energy.uncertainty_j ?? NaN), `${uuid} is ${off} J off, +- ${energy.uncertainty_j}`);
  }
  assert.ok((energy.uncertainty_j ?? NaN) < 0.15 * (energy.headline_j ?? NaN), "the budget is no excuse");
  assert.match(energy.covers, /includes all work done on the boards meanwhile/);
  assert.equal(energy.verdict, "marginal");
  assert.deepEqual(
    energy.verdict_reasons.filter((reason) => !/shorter than 10 s|more than 5 %/.test(reason)),
    [],
  );
});

testWith([C_COMPILER], "llem meter -- CMD does not ask who used the boards", async () => {
  using box = new Sandbox();
  const processes_file = box.write("processes", `${Deno.pid} compute 1000\n1 graphics 1000\n`);
  const end = await meter(["--json", "--", "sleep", "1"], { env: env([{ ...BOARD, processes_file }]) });
  const { energy } = lastObject(end.stdout);
  assert.equal(energy?.verdict, "marginal");
  assert.deepEqual(energy?.neighbours.map(({ pid, kind }) => [pid, kind]), [[Deno.pid, "compute"], [
    1,
    "graphics",
  ]]);
});

testWith(
  [C_COMPILER],
  "for people, llem meter -- CMD tells it on stderr and leaves stdout to the program",
  async () => {
    const end = await meter(["--", "sh", "-c", "echo out; echo err >&2; sleep 1"]);
    assert.equal(end.stdout, "out\n");
    assert.match(
      end.stderr,
      /^err\nllem: [\d.]+ J \+- [\d.]+ %, [\d.]+ W by nvml_counter over [\d.]+s \(marginal\)\n/,
    );
    assert.match(end.stderr, /GPU-meter: [\d.]+ J by counter/);
  },
);

testWith([C_COMPILER], "llem meter -- CMD ends as the program does", async () => {
  const cases: readonly (readonly [script: string, code: number, signal: string | null])[] = [
    ["exit 0", 0, null],
    ["exit 7", 7, null],
    // A number that stands for a signal is a number: the program was not killed.
    ["exit 143", 143, null],
    ["exit 255", 255, null],
    ["kill -TERM $$", 143, "SIGTERM"],
    ["kill -INT $$", 130, "SIGINT"],
    ["kill -KILL $$", 137, null],
    ["kill -USR1 $$", 138, null],
  ];
  for (const [script, code, signal] of cases) {
    const end = await meter(["--json", "--", "sh", "-c", script]);
    assert.deepEqual([end.code, end.signal], [code, signal], `${script}: ${end.stderr}`);
    const killed = /^kill -(\w+)/.exec(script)?.[1];
    const { exit_code, signal: told } = lastObject(end.stdout);
    assert.deepEqual([exit_code, told], killed === undefined ? [code, null] : [null, `SIG${killed}`], script);
  }
});

testWith(
  [C_COMPILER],
  "a program that cannot be started is one line and the exit code of a shell",
  async () => {
    using box = new Sandbox();
    const plain = box.write("plain", "#!/bin/sh\n");
    const lost = box.write("lost", "#!/no/such/interpreter\n");
    Deno.chmodSync(lost, 0o755);
    for (
      const [program, code, said] of [
        ["llem-no-such-program", 127, /no such program/],
        [join(box.dir, "nothing"), 127, /no such program/],
        [plain, 126, /not executable/],
        [box.dir, 126, /a folder/],
        [lost, 126, /Cannot start /],
      ] as const
    ) {
      const end = await meter(["--json", "--", program]);
      assert.deepEqual([end.code, end.stdout], [code, ""], end.stderr);
      assert.match(end.stderr, said);
      assert.equal(end.stderr.split("\n").length, 2, end.stderr);
    }
  },
);

Deno.test("without a meter the program is not started, and what would help is said", async () => {
  using box = new Sandbox();
  const trace = { [REPLAY_VARIABLE]: join(box.dir, "no-trace.jsonl") };
  for (const args of [["--", "touch", join(box.dir, "started")], ["--json"], []]) {
    const end = await llem(["meter", ...args], { env: trace });
    assert.deepEqual([end.code, end.stdout], [3, ""]);
    assert.match(end.stderr, /^llem: no meter is available: .*use an unmodified trace/);
  }
  assert.deepEqual([...Deno.readDirSync(box.dir)], []);
});

for (const signal of ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGINT", "SIGQUIT"] as const) {
  testWith(
    [C_COMPILER],
    `${signal} goes on to the program, whose end counts, and the meter goes too`,
    async () => {
      using box = new Sandbox();
      const name = signal.slice("SIG".length);
      const script = `trap 'echo got ${name}; exit 9' ${name}\ntouch ready\nwhile :; do sleep 0.05; done`;
      const { runner, meterPid } = await startScript(box, script, ["--json"]);
      runner.kill(signal);
      const end = await ended(runner);
      assert.deepEqual([end.code, end.signal], [9, null], end.stderr);
      assert.match(end.stdout, new RegExp(`^got ${name}\n\\{.*"exit_code":9,.*\\}\n$`));
      await assertGone([meterPid]);
    },
  );
}

testWith([C_COMPILER], "a program that ignores a signal is waited for", async () => {
  using box = new Sandbox();
  const script = `trap '' INT TERM\ntouch ready\nwhile [ ! -e go ]; do sleep 0.05; done\nexit 5`;
  const { runner, pid } = await startScript(box, script);
  for (const signal of ["SIGINT", "SIGTERM"] as const) runner.kill(signal);
  // Both have come through: the kernel handles signals of a process in no more time than this sleep takes.
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.ok(readProcStat(pid) !== null && readProcStat(runner.pid) !== null);
  box.write("go", "");
  assert.equal((await ended(runner)).code, 5);
});

testWith([C_COMPILER], "where llem is killed the meter goes and the program lives on", async () => {
  using box = new Sandbox();
  const { runner, meterPid, pid } = await startScript(
    box,
    `touch ready\nwhile [ ! -e go ]; do sleep 0.05; done\ntouch done`,
  );
  runner.kill("SIGKILL");
  await runner.status;
  await assertGone([meterPid]);
  assert.ok(!["Z", "X", undefined].includes(readProcStat(pid)?.state), "the program was taken along");
  box.write("go", "");
  await until("the program has ended by itself", () => Deno.statSync(join(box.dir, "done")).isFile);
  await ended(runner);
});

testWith([C_COMPILER], "stdin, stdout and stderr of the program are ours", async () => {
  const child = start(["meter", "--", "sh", "-c", "cat; echo aside >&2"], { env: env(), stdin: "piped" });
  const big = "line of text\n".repeat(20_000);
  const writer = child.stdin.getWriter();
  const told = writer.write(new TextEncoder().encode(big)).then(() => writer.close());
  const end = await ended(child);
  await told;
  assert.equal(end.stdout, big);
  assert.match(end.stderr, /^aside\nllem: /);
});

testWith(
  [C_COMPILER],
  "live without a terminal is NDJSON, the hello first, until a signal comes",
  async () => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      const child = start(["meter"], { env: env() });
      const meterPid = await until("the meter process", () => meterOf(child.pid));
      const [seen, rest] = child.stdout.tee();
      let text = "";
      for await (const piece of seen.pipeThrough(new TextDecoderStream())) {
        text += piece;
        if (text.split("\n").length > 10) break;
      }
      child.kill(signal);
      const [stdout, status] = await Promise.all([new Response(rest).text(), child.status]);
      await child.stderr.cancel();
      assert.deepEqual([status.code, status.signal], [signal === "SIGINT" ? 130 : 143, signal]);
      const lines = stdout.trimEnd().split("\n");
      assert.equal(JSON.parse(lines[0] ?? "").type, "hello");
      for (const line of lines) {
        const message = parseMeterMessage(line);
        assert.ok(!("damage" in message), `${line}: ${JSON.stringify(message)}`);
      }
      await assertGone([meterPid]);
    }
  },
);

testWith([C_COMPILER], "live ends with its reader", async () => {
  const pipe = new Deno.Command("bash", {
    args: ["-c", '"$LLEM" meter | head -3; echo "${PIPESTATUS[0]}"'],
    env: { ...env(), LLEM },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const end = await ended(pipe);
  const lines = end.stdout.trimEnd().split("\n");
  assert.equal(lines.length, 4);
  assert.deepEqual([lines[3], end.stderr], ["0", ""]);
});

testWith([C_COMPILER], "live ends with an error where the meter does", async () => {
  const child = start(["meter"], { env: env() });
  const meterPid = await until("the meter process", () => meterOf(child.pid));
  const out = new Response(child.stdout).text();
  Deno.kill(meterPid, "SIGKILL");
  const [status, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
  await out;
  assert.equal(status.code, 3);
  assert.match(stderr, /the meter process (has ended|ended before it answered)/);
});

testWith([C_COMPILER, SCRIPT], "live on a terminal is a table that is drawn again", async () => {
  using box = new Sandbox();
  await using terminal = inTerminal(
    box,
    `${exports()}"$LLEM" meter & pid=$!; echo $pid > "$BOX/pid"; wait $pid; echo "rc $?"`,
  );
  const frames = (): string[] => latin1(terminal.bytes()).split("\x1b[H\x1b[2J").slice(1);
  await until("three frames", () => frames().length >= 3);
  Deno.kill(Number(Deno.readTextFileSync(join(box.dir, "pid"))), "SIGTERM");
  await terminal.ended();
  const frame = frames().at(-2) ?? "";
  assert.match(frame, /^device +power W +energy J +over s/);
  assert.match(frame, /Stub GPU 0 GPU-meter +100(\.0)? /);
  assert.match(latin1(terminal.bytes()), /rc 143/);
});

testWith([C_COMPILER, SCRIPT], "Ctrl-Z stops llem meter and its program, and both go on", async () => {
  using box = new Sandbox();
  const script = `${exports()}set -m
"$LLEM" meter --json -- sh -c 'echo $$ > "$BOX/child"; while [ ! -e "$BOX/go" ]; do sleep 0.05; done; exit 6' > "$BOX/out" &
echo $! > "$BOX/pid"
while [ ! -e "$BOX/stop" ]; do sleep 0.05; done
kill -TSTP %1
while [ ! -e "$BOX/cont" ]; do sleep 0.05; done
fg %1
echo "rc $?"`;
  await using terminal = inTerminal(box, script);
  const pids: number[] = [];
  for (const name of ["child", "pid"]) pids.push(await until(name, () => pidIn(join(box.dir, name))));
  box.write("stop", "");
  await until("both are stopped", () => pids.every((pid) => readProcStat(pid)?.state === "T"));
  box.write("go", "");
  box.write("cont", "");
  await terminal.ended();
  assert.match(latin1(terminal.bytes()), /rc 6/);
  assert.equal(lastObject(Deno.readTextFileSync(join(box.dir, "out"))).exit_code, 6);
});

testWith(
  [C_COMPILER, SCRIPT],
  "in the foreground of a terminal an interrupt is left to the terminal",
  async () => {
    using box = new Sandbox();
    box.write(
      "script.sh",
      `trap 'echo interrupted' INT
touch "$BOX/ready"
while [ ! -e "$BOX/go" ]; do sleep 0.05; done
exit 4`,
    );
    // Its stdin is no terminal; it is in the foreground all the same.
    const script = `${exports()}trap : INT
"$LLEM" meter --json -- sh "$BOX/script.sh" < /dev/null > "$BOX/out"
echo "rc $?"`;
    await using terminal = inTerminal(box, script);
    await until("the program is ready", () => Deno.statSync(join(box.dir, "ready")).isFile);
    const runner = await until("llem", () =>
      [...allProcesses()].find(({ pid }) => {
        const argv = argvOf(pid);
        return argv[1] === "meter" && argv.includes(join(box.dir, "script.sh"));
      }));
    const out = (): string => Deno.readTextFileSync(join(box.dir, "out"));
    // What a terminal sends goes to its whole foreground group, so what comes to us alone is not passed on.
    Deno.kill(runner.pid, "SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(out(), "");
    Deno.kill(-runner.pgrp, "SIGINT");
    await until("the program has heard it", () => out() === "interrupted\n");
    box.write("go", "");
    await terminal.ended();
    assert.match(latin1(terminal.bytes()), /rc 4/);
  },
);

function argvOf(pid: number): string[] {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0");
  } catch {
    return [];
  }
}

/** The stub's variables as lines of a shell script. */
function exports(): string {
  return Object.entries(env()).map(([name, value]) => `export ${name}='${value}'\n`).join("");
}
