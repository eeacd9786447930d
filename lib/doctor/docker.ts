import { enginesForContainers } from "../engines/listed.ts";
import type { DoctorCheck } from "../report/doctor_text.ts";
import { askServer } from "../launch/docker/preflight.ts";
import { findDocker } from "../launch/docker/program.ts";
import { dockerMissing, dockerNeededBy, dockerSilent, dockerWorks } from "./messages.ts";

/**
 * Whether runs can be made in containers: the program and its daemon. What an image lacks a study's own
 * start tells.
 */
export async function dockerCheck(env: Readonly<Record<string, string>>): Promise<DoctorCheck> {
  const found = findDocker(env);
  const needed = dockerNeededBy(enginesForContainers());
  if ("problem" in found) return check("missing", dockerMissing(), needed);
  const server = await askServer(found.cli);
  if ("problem" in server) return check("unavailable", dockerSilent(found.cli.program), needed);
  return check("ok", dockerWorks(found.cli.program, server.version, server.rootless ? "rootless" : ""), null);
}

function check(status: DoctorCheck["status"], detail: string, remedy: string | null): DoctorCheck {
  return { group: "Engines", name: "docker", status, detail, remedy };
}
