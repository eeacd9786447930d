import type { EngineCheck } from "../engines/engine.ts";
import { ENGINES } from "../engines/engines.ts";
import { LISTED_BACKENDS, usableEngines } from "../engines/listed.ts";
import type { DoctorCheck } from "../report/doctor_text.ts";

/** Which backends run here. */
export async function engineChecks(env: Readonly<Record<string, string>>): Promise<DoctorCheck[]> {
  const checks: DoctorCheck[] = [];
  // One after the other: each may start a process that loads an engine.
  for (const name of LISTED_BACKENDS) {
    const check = await ENGINES[name].worker?.check(env) ?? withoutWorker();
    checks.push({ group: "Engines", name, ...check });
  }
  return checks;
}

function withoutWorker(): EngineCheck {
  return { status: "missing", detail: "this version of llem has no worker for it", remedy: usableEngines() };
}
