import { ENGINES } from "../engines/engines.ts";
import { LISTED_BACKENDS } from "../engines/listed.ts";
import { startMock } from "../servers/mock/start_mock.ts";
import type { DoctorCheck } from "../report/doctor_text.ts";

/** Which backends run here, with results in that folder. */
export async function engineChecks(
  env: Readonly<Record<string, string>>,
  results: string,
): Promise<DoctorCheck[]> {
  const checks: DoctorCheck[] = [];
  // One after the other: each may start a process that loads an engine.
  for (const name of LISTED_BACKENDS) {
    const check = await ENGINES[name].worker.check(env, results, startMock);
    checks.push({ group: "Engines", name, backend: name, ...check });
  }
  return checks;
}
