/** Texts about RAPL, the energy counters of CPU packages and memory. Remedies are clauses that stand in brackets. */

/** Opens the counters to all users until the next boot. The names are flat in /sys/class/powercap: one pattern matches all. */
const CHMOD = "sudo chmod a+r /sys/class/powercap/intel-rapl*/energy_uj";
const UDEV_RULE = `SUBSYSTEM=="powercap", ACTION=="add", RUN+="/bin/chmod a+r /sys%p/energy_uj"`;

const POWERCAP_MOUNTS = "-v /sys/class/powercap:/sys/class/powercap:ro " +
  "-v /sys/devices/virtual/powercap:/sys/devices/virtual/powercap:ro";

/** How to let users read the counters; on the host, if this is a container. */
export function permissionRemedy(inContainer: boolean): string {
  return `${inContainer ? "on the host: " : ""}\`${CHMOD}\`; to keep it after a reboot: ` +
    `\`echo '${UDEV_RULE}' | sudo tee /etc/udev/rules.d/70-rapl.rules\` ` +
    "(every user can then read the counters, which Linux prevents by default because of CVE-2020-8694)";
}

export function countersMasked(root: string): string {
  return `${root} lists energy counters, but this container masks them`;
}

export function maskedRemedy(): string {
  return "start the container with `--security-opt systempaths=unconfined` (docker) or `--security-opt " +
    "unmask=/sys/devices/virtual/powercap` (podman); if it has a /sys of its own, also with " +
    `\`${POWERCAP_MOUNTS}\`; users other than root also need readable files, ${permissionRemedy(true)}`;
}

export function noPackageZone(root: string): string {
  return `no zone in ${root} is a CPU package`;
}

export function noCountersInVm(root: string): string {
  return `no energy counters in ${root}: this is a virtual machine without them`;
}

export function noCounters(root: string, inContainer: boolean): string {
  return `no energy counters in ${root}: the CPU has none, or the kernel module for them is not loaded` +
    (inContainer ? ", or this container hides them" : "");
}

export function noCountersRemedy(inContainer: boolean): string {
  return inContainer
    ? "check on the host whether /sys/class/powercap contains intel-rapl:0; if so, start the container with " +
      `\`${POWERCAP_MOUNTS} --security-opt systempaths=unconfined\``
    : "on an Intel CPU since 2011 or an AMD CPU since 2017: `sudo modprobe intel_rapl_msr`";
}

export function countersForRootOnly(reason: string): string {
  return `only root may read the energy counters (${reason})`;
}

export function countersUnreadable(reason: string): string {
  return `the energy counters cannot be read (${reason})`;
}

// What RAPL cannot report.

export function countersOnly(): string {
  return "RAPL has energy counters only";
}

export function noState(): string {
  return "powercap reports no temperature, clock or utilization";
}

export function noRange(): string {
  return "the kernel reports no range, so an overflow of the counter cannot be corrected";
}

/** Zones that would count energy twice, such as cores and platform. */
export function overlappingParts(names: readonly string[]): string {
  return `${names.join(", ")} left out: their energy overlaps with that of the packages`;
}

// Troubles of one zone.

export function zoneUnreadable(uuid: string, reason: string): string {
  return `the energy of ${uuid} cannot be read: ${reason}`;
}

export function zoneNameless(path: string): string {
  return `${path}/name cannot be read`;
}

export function counterAboveRange(path: string, value: string, rangeUj: number): string {
  return `${path} contains ${value}, more than its range of ${rangeUj} uJ`;
}

export function counterNotANumber(path: string, text: string): string {
  return `${path} does not contain a number: ${JSON.stringify(text)}`;
}

export function energyLost(uuid: string, reason: string): string {
  return `the energy counted for ${uuid} until now is lost: ${reason}`;
}

export function notReadForTooLong(seconds: number): string {
  return `the counter was not read for ${
    seconds.toFixed(0)
  } s, in which it may have overflowed more than once`;
}

export function steppedTooFar(mostW: number): string {
  return `the counter advanced faster than at ${mostW} W, so it must have been reset`;
}

export function duplicateCounter(uuid: string, other: string): string {
  return `${uuid} duplicates the counter of ${other} (both grew alike at every reading), so it is left out from now on; ` +
    `${other} includes the energy of both`;
}
