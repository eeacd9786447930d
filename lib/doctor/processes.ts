import { becomeSubreaper } from "../process/adopted.ts";
import { openContainment } from "../process/containment.ts";
import { descriptorProblem } from "../host/descriptors.ts";
import { guardProblem, missingGuardText } from "../process/guard_needs.ts";
import type { DoctorCheck } from "../report/doctor_text.ts";
import * as messages from "./messages.ts";

/** How runs are held together here. Something always works: the process group. */
export async function processChecks(): Promise<DoctorCheck[]> {
  const { kind } = await openContainment(null);
  const problem = await guardProblem();
  const files = descriptorProblem();
  const remedy = kind === "group" ? "systemd-run --user --scope -p Delegate=yes llem run ..." : null;
  return [
    problem === null ? shellCheck() : check("shell", "broken", problem, null),
    ...files === null ? [] : [check("open files", "broken", files, null)],
    check("containment", "ok", messages.containment(kind), remedy),
    await pidNamespaceCheck(),
    becomeSubreaper()
      ? check("orphans", "ok", messages.orphansReaped(), null)
      : check("orphans", "warning", messages.orphansLost(), "docker run --init"),
  ];
}

function shellCheck(): DoctorCheck {
  const missing = missingGuardText();
  return missing === null
    ? check("shell", "ok", messages.shellWorks(), null)
    : check("shell", "warning", missing, messages.shellAdvice());
}

async function pidNamespaceCheck(): Promise<DoctorCheck> {
  try {
    await openContainment("pidns");
    return check("pid namespace", "ok", messages.pidNamespaceWorks(), null);
  } catch (error) {
    const remedy = messages.pidNamespaceNeededBy();
    return check("pid namespace", "unavailable", (error as Error).message, remedy);
  }
}

function check(
  name: string,
  status: DoctorCheck["status"],
  detail: string,
  remedy: string | null,
): DoctorCheck {
  return { group: "Process control", name, status, detail, remedy };
}
