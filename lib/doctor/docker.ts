import { enginesForContainers } from "../engines/listed.ts";
import type { DoctorCheck } from "../report/doctor_text.ts";
import { askServer } from "../launch/docker/preflight.ts";
import { findDocker } from "../launch/docker/program.ts";

const NEEDED_BY = `needed for runners: { ${
  enginesForContainers().map((backend) => `${backend}: docker`).join(", ")
} } alone`;

/**
 * Whether runs can be made in containers: the program and its daemon. What an image lacks a study's own
 * start tells.
 */
export async function dockerCheck(env: Readonly<Record<string, string>>): Promise<DoctorCheck> {
  const found = findDocker(env);
  if ("problem" in found) return check("missing", "the docker program is not here", NEEDED_BY);
  const server = await askServer(found.cli);
  if ("problem" in server) {
    return check("missing", `${found.cli.program} is here; its daemon does not answer`, NEEDED_BY);
  }
  const mode = server.rootless ? ", rootless" : "";
  return check(
    "ok",
    `${found.cli.program}, daemon ${server.version}${mode}: runners: docker works here`,
    null,
  );
}

function check(status: DoctorCheck["status"], detail: string, remedy: string | null): DoctorCheck {
  return { group: "Engines", name: "docker", status, detail, remedy };
}
