import { libraryFloorProblem } from "../engines/llamacpp/library_floor.ts";
import type { Environment } from "../host/environment.ts";
import type { SystemLibraries } from "../host/system_libraries.ts";
import type { DoctorCheck } from "../report/doctor_text.ts";
import { isBusy, type OthersLoad } from "./load.ts";
import * as messages from "./messages.ts";

/** Work that waits for a core, per core, above which others disturb a measurement. */
const BUSY = 0.5;

/** The C and C++ libraries; what an engine needs of them its own check tells. */
export function libraryCheck({ glibc, glibcxx }: SystemLibraries): DoctorCheck {
  return check(
    "system libraries",
    libraryFloorProblem({ glibc, glibcxx }) === null,
    messages.systemLibraries(glibc, glibcxx),
    null,
  );
}

/** What of the machine makes numbers scatter. None of it keeps a study from being run. */
export function machineChecks(
  environment: Environment,
  loadPerMinute: number,
  /** What others used while doctor looked; the load average stands in where that is not known. */
  others: OthersLoad | null = null,
): DoctorCheck[] {
  const { cpu_governor, cpus, swap_used_bytes, clock_source, hypervisor, product, container } = environment;
  const checks: (DoctorCheck | null)[] = [
    cpu_governor === null ? null : check(
      "CPU governor",
      cpu_governor === "performance",
      cpu_governor,
      messages.governorAdvice(),
    ),
    others === null
      ? check(
        "load",
        loadPerMinute <= BUSY * cpus,
        messages.loadAverage(loadPerMinute, cpus),
        messages.stopOthers(),
      )
      : check("load", !isBusy(others), messages.othersUse(others.others, others.cpus), messages.stopOthers()),
    swap_used_bytes === null ? null : check(
      "swap",
      swap_used_bytes === 0,
      messages.swapInUse(swap_used_bytes),
      messages.swapAdvice(),
    ),
    clock_source === null ? null : check(
      "clock source",
      clock_source !== "hpet" && clock_source !== "acpi_pm",
      clock_source,
      messages.clockSourceAdvice(),
    ),
    hypervisor === true ? check("virtual machine", false, messages.virtualMachine(product), null) : null,
    container === null ? null : check("container", true, container, null),
  ];
  return checks.filter((one) => one !== null);
}

function check(name: string, isFine: boolean, detail: string, remedy: string | null): DoctorCheck {
  return {
    group: "Machine",
    name,
    status: isFine ? "ok" : "warning",
    detail,
    remedy: isFine ? null : remedy,
  };
}
