/** Runs every check of engines that only a GPU can prove, and says of each in one line what came of it. */
import { join } from "node:path";
import { isJsonObject, type JsonObject } from "../../lib/base/json.ts";
import { readGpus } from "../../lib/host/gpus.ts";
import { LLEM } from "../benchmark/places.ts";
import { COMMON, GPU_CHECKS, type GpuCheck } from "./checks.ts";

/** What came of a check; a fault is why the claim does not hold. */
type Verdict =
  | { readonly kind: "holds" }
  | { readonly kind: "fails"; readonly fault: string }
  | { readonly kind: "not_run"; readonly reason: string };

/** Where the checks are run. */
interface Place {
  readonly python: string;
  /** A folder or a model of the hub; null where none was named. */
  readonly model: string | null;
  readonly gpus: number;
}

const FAILED = 1;

async function main(args: readonly string[]): Promise<number> {
  const place = {
    python: Deno.env.get("LLEM_PYTHON") ?? "python3",
    model: args[0] ?? null,
    gpus: readGpus().length,
  };
  let failed = 0;
  for (const check of GPU_CHECKS) {
    const verdict = await verdictOf(check, place);
    if (verdict.kind === "fails") failed++;
    console.log(lineOf(check, verdict));
  }
  return failed === 0 ? 0 : FAILED;
}

function lineOf({ name, claim }: GpuCheck, verdict: Verdict): string {
  switch (verdict.kind) {
    case "holds":
      return `${name}: holds: ${claim}`;
    case "fails":
      return `${name}: FAILS: ${claim} ${verdict.fault}`;
    case "not_run":
      return `${name}: not run: ${verdict.reason}`;
  }
}

async function verdictOf(check: GpuCheck, { python, model, gpus }: Place): Promise<Verdict> {
  const needed = check.gpus ?? 1;
  if (!await hasModule(python, check.module)) return { kind: "not_run", reason: `no ${check.module} here` };
  if (gpus < needed) return { kind: "not_run", reason: `it needs ${needed} GPUs, and there are ${gpus}` };
  if (model === null) return { kind: "not_run", reason: "no model was named" };
  const fault = await faultOfRun(check, model, python);
  return fault === null ? { kind: "holds" } : { kind: "fails", fault };
}

async function hasModule(python: string, module: string): Promise<boolean> {
  const code = `from importlib.util import find_spec; exit(find_spec("${module}") is None)`;
  try {
    const { success } = await new Deno.Command(python, { args: ["-c", code], stdout: "null", stderr: "null" })
      .output();
    return success;
  } catch {
    return false; // no such interpreter
  }
}

async function faultOfRun(
  { draft, fault, name }: GpuCheck,
  model: string,
  python: string,
): Promise<string | null> {
  const folder = Deno.makeTempDirSync({ prefix: `llem-${name}-` });
  try {
    const study = join(folder, "study.yaml");
    Deno.writeTextFileSync(study, JSON.stringify({ model, ...COMMON, ...draft }));
    const { success, stderr } = await new Deno.Command(LLEM, {
      args: ["run", study, "-o", folder],
      env: { LLEM_PYTHON: python },
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) return new TextDecoder().decode(stderr).trim().split("\n").slice(-5).join(" | ");
    return fault(recordIn(folder));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** The record of the one run of the one study in a folder; empty where there is none. */
function recordIn(folder: string): JsonObject {
  const [study] = [...Deno.readDirSync(folder)].filter(({ isDirectory }) => isDirectory);
  const runs = join(folder, study?.name ?? "", "runs");
  const [run] = [...Deno.readDirSync(runs)];
  const record: unknown = JSON.parse(Deno.readTextFileSync(join(runs, run?.name ?? "", "result.json")));
  return isJsonObject(record) ? record : {};
}

if (import.meta.main) Deno.exit(await main(Deno.args));
