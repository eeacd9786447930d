import { becomeSubreaper } from "../process/adopted.ts";
import { openContainment } from "../process/containment.ts";
import { descriptorProblem } from "../host/descriptors.ts";
import { guardProblem, missingGuardText } from "../process/guard_needs.ts";
import type { DoctorCheck } from "../report/doctor_text.ts";

const HOLDS = {
  group: "a run is held by its process group; a daemon that clears its environment can outlive a killed llem",
  cgroup: "a run is held by a control group of its own",
  pidns: "a run is held by a pid namespace",
};

/** How runs are held together here. Something always works: the process group. */
export async function processChecks(): Promise<DoctorCheck[]> {
  const { kind } = await openContainment(null);
  const problem = await guardProblem();
  const files = descriptorProblem();
  const remedy = kind === "group" ? "systemd-run --user --scope -p Delegate=yes llem run ..." : null;
  return [
    problem === null ? shellCheck() : check("shell", "broken", problem, null),
    ...files === null ? [] : [check("open files", "broken", files, null)],
    check("containment", "ok", `${kind}: ${HOLDS[kind]}`, remedy),
    await pidNamespaceCheck(),
    becomeSubreaper() ? check("orphans", "ok", "come to llem, which kills them", null) : check(
      "orphans",
      "warning",
      "are anybody's here: llem is the first process, or the kernel refuses",
      "docker run --init",
    ),
  ];
}

function shellCheck(): DoctorCheck {
  const missing = missingGuardText();
  return missing === null
    ? check("shell", "ok", "/bin/sh and what it needs are here", null)
    : check("shell", "warning", missing, "install coreutils and grep, or busybox");
}

async function pidNamespaceCheck(): Promise<DoctorCheck> {
  try {
    await openContainment("pidns");
    return check("pid namespace", "ok", "execution.containment: pidns works here", null);
  } catch (error) {
    return check(
      "pid namespace",
      "unavailable",
      (error as Error).message,
      "needed for execution.containment: pidns alone",
    );
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
