/** What keeps two runs apart that are made at a time: real workers in two slots of a pool, started as llem starts them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { JsonObject } from "../../lib/base/json.ts";
import { makeLaunch } from "../../lib/launch/launch.ts";
import { openPlaces, type Places } from "../../lib/launch/place/places.ts";
import type { ResultRecord } from "../../lib/results/record.ts";
import { makeStudy } from "../support/attempts.ts";
import { OWN_CPUS, TWO_CPUS } from "../support/cpus.ts";
import { program, testWith } from "../support/needs.ts";
import { configOf, planOf } from "../support/plans.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { REPOSITORY } from "../support/worker_process.ts";

const PROGRAMS = [program("python3", "python3", "--version"), program("jq", "jq", "--version")];

/** A block of the page about workers, as a reader would paste it. */
function pasted(language: "python" | "bash"): string {
  const page = Deno.readTextFileSync(`${REPOSITORY}docs/worker-protocol.md`);
  return new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "ms").exec(page)?.[1] ??
    assert.fail(`no ${language}`);
}

/** Says what it has of the machine, itself and a child in a session of its own, and keeps its first port while it is measured. */
const PYTHON = `
import json, os, socket, subprocess, sys, time
assignment = json.loads(sys.stdin.readline())

def frame(type, **fields):
    sys.stdout.write("\\x1e" + json.dumps({"type": type, "token": assignment["token"], **fields}) + "\\n")
    sys.stdout.flush()

${pasted("python")}
ASK = "import os; print(*sorted(os.sched_getaffinity(0)))"
frame("hello", backend="slots", versions={}, pid=os.getpid(), devices=["cpu"])
child = subprocess.run([sys.executable, "-c", ASK], start_new_session=True, capture_output=True, text=True).stdout
if "CHOOSES" in os.environ:
    os.sched_setaffinity(0, [int(cpu) for cpu in os.environ["CHOOSES"].split()])
wait_at_gate()
with socket.create_server(("127.0.0.1", int(os.environ.get("LLEM_SLOT_PORT", "0")))):
    frame("phase", name="measure", edge="begin", t_ns=time.monotonic_ns())
    time.sleep(0.2)
    frame("phase", name="measure", edge="end", t_ns=time.monotonic_ns())
env = {name: value for name, value in os.environ.items()}
frame("result", slot={"cpus": sorted(os.sched_getaffinity(0)), "child": [int(cpu) for cpu in child.split()], "env": env})
`;

interface Slot {
  readonly cpus: readonly number[];
  readonly child: readonly number[];
  readonly env: Readonly<Record<string, string>>;
}

/** Two chains, each of a run of the worker in Python and one of the example in Bash, on two boards. */
async function study(pin: "auto" | "none", own: JsonObject = {}): Promise<readonly ResultRecord[]> {
  using folder = new TempFolder();
  folder.write("slots.py", PYTHON);
  let places: Places | null = null;
  const command = (argv: readonly string[]): JsonObject => ({
    argv: [...argv],
    waits_for_gate: true,
    env: own,
  });
  const configs = [
    configOf({ command: command(["python3", folder.at("slots.py")]) }),
    configOf({ n: 3, command: command([join(REPOSITORY, "examples/own-worker/worker.sh")]) }),
  ];
  // VLLM_PORT in llem's own environment would be that of every slot.
  const env = {
    PATH: Deno.env.get("PATH") ?? "",
    HOME: folder.path,
    VLLM_PORT: "18000",
    RAYON_NUM_THREADS: "7",
  };
  using made = await makeStudy(planOf(configs, { n_cycles: 2 }), {
    prepare: ({ path }) => {
      const boards = ["b0", "b1"].map((id) => ({ id, bus: null }));
      places = openPlaces({ mode: "staged", boards, pin, study_dir: path });
    },
    launch: (request) =>
      makeLaunch({
        self: { program: "", args: [] },
        python_main: null,
        docker: null,
        study_dir: request.study_dir,
        env,
      })(
        request,
      ),
    pool: { boards: 2, placeOf: (slot, boards) => places?.of(slot, boards) ?? assert.fail("no places") },
  });
  assert.equal(made.error, null);
  const records = made.events.flatMap((event) => event.type === "run_finished" ? [event.record] : []);
  for (const { outcome } of records) assert.equal(outcome.kind, "completed", JSON.stringify(outcome));
  assert.equal(records.length, 4);
  return records;
}

function slotsOf(records: readonly ResultRecord[]): Slot[] {
  const told = records.flatMap(({ measurement }) => measurement?.["slot"] ?? []);
  return told as unknown as Slot[];
}

testWith(
  [TWO_CPUS, ...PROGRAMS],
  "two slots at a time have CPUs, ports and caches of their own, and say so",
  async () => {
    const records = await study("auto");
    const slots = slotsOf(records);
    const [one, two] = slots;
    assert.ok(one !== undefined && two !== undefined && slots.length === 2);
    assert.deepEqual(one.cpus.filter((cpu) => two.cpus.includes(cpu)), []);
    for (const { cpus, child, env } of slots) {
      assert.ok(cpus.length >= 1 && cpus.every((cpu) => OWN_CPUS.includes(cpu)));
      assert.deepEqual(child, cpus);
      assert.equal(env["OMP_NUM_THREADS"], env["LLEM_SLOT_CORES"]);
      assert.equal(env["RAYON_NUM_THREADS"], "7", "llem's own environment goes before");
      assert.equal(env["VLLM_PORT"], env["LLEM_SLOT_PORT"]);
      assert.equal(Number(env["MASTER_PORT"]), Number(env["LLEM_SLOT_PORT"]) + 39);
      assert.match(env["TRITON_CACHE_DIR"] ?? "", /\/\.llem-cache\/b[01]\/triton$/);
      assert.equal(env["TOKENIZERS_PARALLELISM"], undefined);
    }
    for (
      const name of [
        "LLEM_SLOT",
        "LLEM_SLOT_PORT",
        "MASTER_PORT",
        "VLLM_CACHE_ROOT",
        "TMPDIR",
        "LLEM_ATTEMPT_ID",
      ]
    ) {
      assert.notEqual(one.env[name], two.env[name], name);
    }
    assert.deepEqual(records.flatMap(({ warnings }) => warnings), []);
  },
);

testWith(PROGRAMS, "with pin: none all CPUs are anybody's, and what the study sets stands", async () => {
  const slots = slotsOf(await study("none", { OMP_NUM_THREADS: "3", MASTER_PORT: "29511" }));
  assert.equal(slots.length, 2);
  for (const { cpus, env } of slots) {
    assert.deepEqual(cpus, OWN_CPUS);
    assert.deepEqual([env["OMP_NUM_THREADS"], env["MASTER_PORT"]], ["3", "29511"]);
    assert.equal(env["MKL_NUM_THREADS"], undefined);
    assert.equal(env["LLEM_SLOT_CORES"], undefined);
  }
  assert.notEqual(slots[0]?.env["LLEM_SLOT_PORT"], slots[1]?.env["LLEM_SLOT_PORT"]);
});

testWith(
  [TWO_CPUS, ...PROGRAMS],
  "a run whose engine chooses other CPUs than its slot's says so",
  async () => {
    const records = await study("auto", { CHOOSES: OWN_CPUS.join(" ") });
    const warned = records.filter(({ warnings }) => warnings.length > 0);
    assert.equal(warned.length, 2);
    for (const { warnings } of warned) {
      assert.deepEqual(warnings.map(({ code }) => code), ["left_its_cpus"]);
      assert.match(warnings[0]?.text ?? "", /^Process \d+ of the run may use CPUs outside its slot \(/);
    }
  },
);

Deno.test("what the page about workers says to paste in Bash is what its example has", () => {
  const example = Deno.readTextFileSync(`${REPOSITORY}examples/own-worker/worker.sh`);
  assert.ok(example.includes(pasted("bash")));
  const inPython = Deno.readTextFileSync(`${REPOSITORY}examples/own-worker/worker.py`);
  for (const line of pasted("python").trim().split("\n").slice(1)) assert.ok(inPython.includes(line), line);
});
