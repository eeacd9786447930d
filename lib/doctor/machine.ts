import { libraryFloorProblem } from "../engines/llamacpp/library_floor.ts";
import type { Environment } from "../host/environment.ts";
import type { SystemLibraries } from "../host/system_libraries.ts";
import type { DoctorCheck } from "../report/doctor_text.ts";
import { isBusy, type OthersLoad } from "./load.ts";
import { endOthers, othersUse, systemLibraries } from "./messages.ts";

/** Work that waits for a core, per core, above which others disturb a measurement. */
const BUSY = 0.5;

/** The C and C++ libraries; what an engine needs of them its own check tells. */
export function libraryCheck({ glibc, glibcxx }: SystemLibraries): DoctorCheck {
  return check(
    "system libraries",
    libraryFloorProblem({ glibc, glibcxx }) === null,
    systemLibraries(glibc, glibcxx),
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
      "sudo cpupower frequency-set -g performance",
    ),
    others === null
      ? check(
        "load",
        loadPerMinute <= BUSY * cpus,
        `${loadPerMinute.toFixed(2)} on ${cpus} CPUs`,
        endOthers(),
      )
      : check("load", !isBusy(others), othersUse(others.others, others.cpus), endOthers()),
    swap_used_bytes === null ? null : check(
      "swap",
      swap_used_bytes === 0,
      swap_used_bytes === 0 ? "none in use" : `${Math.ceil(swap_used_bytes / 1024 ** 2)} MiB in use`,
      "free memory, then: sudo swapoff -a && sudo swapon -a",
    ),
    clock_source === null ? null : check(
      "clock source",
      clock_source !== "hpet" && clock_source !== "acpi_pm",
      clock_source,
      "the kernel parameter clocksource=tsc, where the CPU allows it",
    ),
    hypervisor === true
      ? check("virtual machine", false, `inside one${product === null ? "" : ` (${product})`}`, null)
      : null,
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
