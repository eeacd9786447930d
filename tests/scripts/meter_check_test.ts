/** scripts/check-meter against boards (nvml_stub.c), an nvidia-smi and a Zeus that are fakes and say so: arithmetic and exit codes. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { hasNvmlLibrary } from "../../lib/meter/nvml/source.ts";
import { integrate, parseSmiLine, type SmiReading } from "../../scripts/meter_check/smi.ts";
import { ROOT, Sandbox } from "../e2e/llem.ts";
import { C_COMPILER, program, testWith } from "../support/needs.ts";
import { buildNvmlStub } from "../support/nvml_stub.ts";

const PYTHON = program("python3", "python3", "--version");
const NO_DRIVER = { what: "a machine without an NVIDIA driver", isMet: () => !hasNvmlLibrary() };

/** Boards of 100 W and 50 W of which it tells 80 W and nothing. */
const FAKE_SMI = `#!/bin/sh
# A fake of nvidia-smi.
[ "$*" = "--query-gpu=uuid,timestamp,power.draw.instant --format=csv,noheader,nounits -lms 100" ] || exit 2
while :; do
  now=$(date "+%Y/%m/%d %H:%M:%S.%3N")
  echo "GPU-a, $now, 80.00"
  echo "GPU-b, $now, [N/A]"
  sleep 0.1
done
`;

/** A fake of zeus.monitor: 7 J and 11 J in whatever window. */
const FAKE_ZEUS = `
class Measurement:
    gpu_energy = {0: 7.0, 1: 11.0}
class ZeusMonitor:
    def begin_window(self, name, sync):
        assert name == "window" and sync is False
    def end_window(self, name, sync):
        return Measurement()
`;

interface Checked {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Cells by board. */
  readonly boards: ReadonlyMap<string, readonly string[]>;
}

async function check(load: readonly string[], env: Readonly<Record<string, string>>): Promise<Checked> {
  const args = ["run", "-q", "-A", "--no-check", "--config", join(ROOT, "deno.json")];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args, join(ROOT, "scripts/meter_check/main.ts"), ...load],
    env: { ...env },
    stdin: "null",
  }).output();
  const out = new TextDecoder().decode(stdout);
  const rows = out.split("\n").filter((line) => line.startsWith("GPU-")).map((line) =>
    line.trim().split(/ {2,}/)
  );
  const boards = new Map(rows.map(([uuid = "", ...cells]) => [uuid, cells]));
  return { code, out, err: new TextDecoder().decode(stderr), boards };
}

function stubEnv(): Record<string, string> {
  return buildNvmlStub().env({
    boards: [
      { uuid: "GPU-a", power: { kind: "constant", value: 100 } },
      { uuid: "GPU-b", power: { kind: "constant", value: 50 } },
    ],
  });
}

/** A folder with these programs before all others on PATH. */
function pathWith(box: Sandbox, programs: Readonly<Record<string, string>>): string {
  Deno.mkdirSync(join(box.dir, "bin"));
  for (const [name, text] of Object.entries(programs)) Deno.chmodSync(box.write(`bin/${name}`, text), 0o755);
  return `${join(box.dir, "bin")}:${Deno.env.get("PATH")}`;
}

const near = (text: string | undefined, value: number, share: number): void =>
  assert.ok(Math.abs(Number(text) / value - 1) < share, `${text} is not ${value}`);

testWith([C_COMPILER, PYTHON], "check-meter prints joules and ratios of all three readers", async () => {
  using box = new Sandbox();
  Deno.mkdirSync(join(box.dir, "python/zeus"), { recursive: true });
  box.write("python/zeus/__init__.py", "");
  box.write("python/zeus/monitor.py", FAKE_ZEUS);
  const PATH = pathWith(box, { "nvidia-smi": FAKE_SMI });
  const load = ["sh", "-c", "echo loud; sleep 3; exit 4"];
  const end = await check(load, { ...stubEnv(), PATH, PYTHONPATH: join(box.dir, "python") });
  assert.equal(end.code, 0, end.err);
  assert.match(end.err, /^loud\n/);
  assert.match(end.err, /the load ended with 4/);
  const seconds = Number(/window of ([\d.]+) s/.exec(end.out)?.[1]);
  assert.ok(seconds >= 3);
  const [llem, counter, integral, smi, ratio, zeus, ofZeus] = end.boards.get("GPU-a") ?? [];
  for (const joules of [llem, counter, integral]) near(joules, 100 * seconds, 0.1);
  // The window of the others opens a little later.
  near(smi, 80 * seconds, 0.1);
  near(ratio, Number(llem) / Number(smi), 0.001);
  assert.equal(zeus, "7.0");
  near(ofZeus, Number(llem) / 7, 0.001);
  assert.deepEqual(end.boards.get("GPU-b")?.slice(3, 6), ["-", "-", "11.0"]);
});

testWith([C_COMPILER], "check-meter says which readers are missing and goes on without them", async () => {
  using box = new Sandbox();
  const PATH = pathWith(box, { "nvidia-smi": "#!/bin/sh\nexit 9\n", "python3": "#!/bin/sh\nexit 1\n" });
  const end = await check(["sleep", "1"], { ...stubEnv(), PATH });
  assert.equal(end.code, 0, end.err);
  assert.match(end.err, /without Zeus: python3 has no package zeus/);
  assert.match(end.err, /nvidia-smi tells no power\.draw\.instant/);
  assert.deepEqual(end.boards.get("GPU-a")?.slice(3), ["-", "-", "-", "-"]);
});

testWith([C_COMPILER], "check-meter tells how the load ended", async () => {
  using box = new Sandbox();
  const PATH = pathWith(box, { "nvidia-smi": "#!/bin/sh\nexit 9\n", "python3": "#!/bin/sh\nexit 1\n" });
  const end = await check(["llem-no-such-program"], { ...stubEnv(), PATH });
  assert.match(end.err, /the load ended with 127/);
});

testWith([NO_DRIVER], "check-meter says that there is no driver and exits with 3", async () => {
  const end = await check(["true"], {});
  assert.deepEqual([end.code, end.out], [3, ""]);
  assert.match(end.err, /no NVIDIA driver/);
});

Deno.test("parseSmiLine() reads what nvidia-smi writes, and nothing else", () => {
  const atMs = new Date(2026, 0, 31, 12, 0, 0, 123).getTime();
  const line = "GPU-a, 2026/01/31 12:00:00.123, ";
  assert.deepEqual(parseSmiLine(`${line}71.20`), { uuid: "GPU-a", atMs, powerW: 71.2 });
  for (const power of ["[N/A]", "[Unknown Error]", "[Not Supported]", ""]) {
    assert.deepEqual(parseSmiLine(line + power), { uuid: "GPU-a", atMs, powerW: null });
  }
  for (const text of ["", "NVIDIA-SMI has failed", "GPU-a, 71.20", "GPU-a, soon, 1", `${line}1, 2`]) {
    assert.equal(parseSmiLine(text), null, text);
  }
});

Deno.test("integrate() is exact for straight lines, with edges between readings and held ends", () => {
  const of = (uuid: string, ...points: [ms: number, w: number | null][]): SmiReading[] =>
    points.map(([ms, powerW]) => ({ uuid, atMs: 1e12 + ms, powerW }));
  const joules = (readings: SmiReading[], begin: number, end: number) =>
    integrate(readings, 1e12 + begin, 1e12 + end).get("GPU-a");
  const ramp = of("GPU-a", [0, 0], [500, 50], [700, null], [1000, 100], [2000, 200]);
  assert.ok(Math.abs((joules(ramp, 250, 1750) ?? NaN) - 150) < 1e-6);
  assert.ok(Math.abs((joules(of("GPU-a", [100, 60], [200, 60]), 0, 3000) ?? NaN) - 180) < 1e-6);
  assert.equal(joules(of("GPU-a", [0, null], [100, 5]), 0, 100), null);
  assert.equal(joules([], 0, 100), undefined);
});
