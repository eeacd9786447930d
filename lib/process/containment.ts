import { join } from "node:path";
import { type Cage, type Containment, groupCage } from "./cage.ts";
import { attemptCgroupName, makerOf, ownCgroup } from "./cgroup.ts";
import { cgroupCage } from "./cgroup_cage.ts";
import { SYSTEM_SHELL } from "./helper_programs.ts";
import { pidNamespaceCage } from "./pid_namespace_cage.ts";
import { readProcStat } from "./proc_stat.ts";
import { spawnHelper } from "./spawn_helper.ts";
import { cgroupNotDivisible } from "./messages.ts";

/** A way of holding attempts that was seen to work here. */
export interface ContainmentMethod {
  readonly kind: Containment;
  /** Makes the cage of one attempt. Throws what the system threw. */
  makeCage(): Promise<Cage>;
}

export const groupContainment: ContainmentMethod = {
  kind: "group",
  makeCage: () => Promise.resolve(groupCage),
};

/**
 * The way that was asked for, tried once; null asks for the best that works: a control group, else the process group.
 * A pid namespace is never taken unasked: inside it a worker's process ids are not those that NVML and ps tell.
 * Throws, with the reason, where what was asked for does not work here.
 */
export async function openContainment(wanted: Containment | null): Promise<ContainmentMethod> {
  switch (wanted) {
    case "group":
      return groupContainment;
    case "cgroup":
      return await tried(cgroupContainment());
    case "pidns":
      return await tried({ kind: "pidns", makeCage: () => pidNamespaceCage() });
    case null:
      return await tried(cgroupContainment()).catch(() => groupContainment);
  }
}

/** Removes empty control groups of runners that are gone: one that was killed leaves its last one where its guard was, too. */
function removeStale(parent: string): void {
  try {
    for (const { name } of Deno.readDirSync(parent)) {
      const maker = makerOf(name);
      if (maker !== null && !lives(maker)) removeIfEmpty(join(parent, name));
    }
  } catch {
    // They cost a name each; nothing depends on it.
  }
}

function lives({ pid, start_ticks }: NonNullable<ReturnType<typeof makerOf>>): boolean {
  const stat = readProcStat(pid);
  return stat !== null && (start_ticks === null || stat.start_ticks === start_ticks);
}

function removeIfEmpty(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Somebody lives in it, or another runner was faster.
  }
}

/** Numbers the control groups of this process. */
let cgroupsMade = 0;

function cgroupContainment(): ContainmentMethod {
  const parent = ownCgroup();
  if (parent !== null) removeStale(parent);
  return {
    kind: "cgroup",
    makeCage: () => {
      const runner = readProcStat(Deno.pid);
      if (parent === null || runner === null) {
        return Promise.reject(new Error(cgroupNotDivisible()));
      }
      cgroupsMade += 1;
      return Promise.resolve(cgroupCage(join(parent, attemptCgroupName(runner, cgroupsMade))));
    },
  };
}

/** Holds a short-lived process once: being allowed to make a group does not mean being allowed to move into it. */
async function tried(method: ContainmentMethod): Promise<ContainmentMethod> {
  const cage = await method.makeCage();
  try {
    await holdOne(cage);
    return method;
  } finally {
    await cage.close();
  }
}

/** Throws what the system said where that does not work. */
async function holdOne(cage: Cage): Promise<void> {
  const spec = cage.wrap({ program: SYSTEM_SHELL[0], args: ["-c", "read -r _; exit 0"], cwd: "/", env: {} });
  const child = spawnHelper(spec.program, {
    args: [...spec.args],
    detached: true,
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  });
  try {
    cage.admit(child.pid);
    await child.stdin.close();
    const { success, stderr } = await child.output();
    if (!success) {
      throw new Error(new TextDecoder().decode(stderr).trim() || "a process in it could not be run");
    }
  } finally {
    cage.kill(child.pid);
  }
}
