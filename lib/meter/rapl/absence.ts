import type { AbsentMeter } from "../meter.ts";

/**
 * Lets everybody read the counters until the next boot, and after it. The names lie flat below /sys/class/powercap, so
 * that one pattern meets packages and their parts.
 */
const CHMOD = "sudo chmod a+r /sys/class/powercap/intel-rapl*/energy_uj";
const UDEV_RULE = `SUBSYSTEM=="powercap", ACTION=="add", RUN+="/bin/chmod a+r /sys%p/energy_uj"`;

/** How to let a user read the counters. On the host, where this is a container. */
export function permissionRemedy(inContainer: boolean): string {
  return `${inContainer ? "on the host: " : ""}\`${CHMOD}\`; to keep it after a reboot: ` +
    `\`echo '${UDEV_RULE}' | sudo tee /etc/udev/rules.d/70-rapl.rules\` ` +
    "(every user of the machine can then read them, which Linux prevents since CVE-2020-8694)";
}

/** What was found below the powercap tree. */
export interface RaplSurroundings {
  readonly root: string;
  /** `none`: no zone. `masked`: zones are listed, but nothing is behind them. `no_package`: none of them is a package. */
  readonly tree: "none" | "masked" | "no_package";
  readonly in_container: boolean;
  /** The CPU says that a hypervisor runs it. */
  readonly virtual: boolean;
}

/** Why no zone of energy can be found, and what would bring one. */
export function explainNoZones({ root, tree, in_container, virtual }: RaplSurroundings): AbsentMeter {
  if (tree === "masked") {
    return absent(
      `${root} lists energy counters, but this container masks what is behind them`,
      "start the container with `--security-opt systempaths=unconfined` (docker) or `--security-opt " +
        "unmask=/sys/devices/virtual/powercap` (podman); where it has a /sys of its own, also with " +
        "`-v /sys/class/powercap:/sys/class/powercap:ro -v /sys/devices/virtual/powercap:" +
        `/sys/devices/virtual/powercap:ro\`; a user other than root also needs readable files, ${
          permissionRemedy(true)
        }`,
    );
  }
  if (tree === "no_package") return absent(`no zone below ${root} is a CPU package`, null);
  if (virtual) {
    return absent(`no energy counters below ${root}: this is a virtual machine, which shows none`, null);
  }
  return absent(
    `no energy counters below ${root}: the CPU has none, or the kernel's module for them is not loaded` +
      (in_container ? ", or this container hides them" : ""),
    in_container
      ? "see on the host whether /sys/class/powercap holds intel-rapl:0; if so, start the container with " +
        "`-v /sys/class/powercap:/sys/class/powercap:ro -v /sys/devices/virtual/powercap:" +
        "/sys/devices/virtual/powercap:ro --security-opt systempaths=unconfined`"
      : "on an Intel CPU since 2011 or an AMD CPU since 2017: `sudo modprobe intel_rapl_msr`",
  );
}

/** None of the zones can be read. */
export function explainUnreadable(
  why: "permission" | "other",
  text: string,
  inContainer: boolean,
): AbsentMeter {
  return why === "permission"
    ? absent(`only root may read the energy counters (${text})`, permissionRemedy(inContainer))
    : absent(`the energy counters cannot be read (${text})`, null);
}

function absent(reason: string, remedy: string | null): AbsentMeter {
  return { meter: "rapl", reason, remedy };
}
