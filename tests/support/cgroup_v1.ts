/** Control groups of version 1 of a test's own: needs root and a machine that still mounts them. */
import type { Need } from "./needs.ts";

type Controller = "freezer" | "memory" | "pids";

/** Gone with the test, and so is whoever is still in it. */
export class CgroupV1 implements Disposable {
  readonly path: string;

  constructor(controller: Controller) {
    this.path = `/sys/fs/cgroup/${controller}/llem-test-${Deno.pid}-${crypto.randomUUID().slice(0, 8)}`;
    Deno.mkdirSync(this.path);
  }

  /** Whoever writes his id here is in. */
  get procs(): string {
    return `${this.path}/cgroup.procs`;
  }

  add(pid: number): void {
    this.write("cgroup.procs", String(pid));
  }

  write(file: string, text: string): void {
    Deno.writeTextFileSync(`${this.path}/${file}`, text, { create: false });
  }

  read(file: string): string {
    return Deno.readTextFileSync(`${this.path}/${file}`);
  }

  pids(): number[] {
    return this.read("cgroup.procs").split("\n").filter((pid) => pid !== "").map(Number);
  }

  [Symbol.dispose](): void {
    for (let tries = 500; tries > 0; tries--) {
      for (const pid of this.pids()) kill(pid);
      try {
        return Deno.removeSync(this.path);
      } catch {
        // The dead leave a moment later.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      }
    }
  }
}

/** A frozen process of version 1 does not die of SIGKILL until it is thawed: the only state D one can make at will. */
export const FREEZER = needOf("freezer", "freezer.state");
/** Whatever may fork without end runs inside one of these, and nowhere else. */
export const PIDS_CGROUP = needOf("pids", "pids.max");
export const MEMORY_CGROUP_V1 = needOf("memory", "memory.limit_in_bytes");

function needOf(controller: Controller, file: string): Need {
  return {
    what: `the right to make a ${controller} cgroup (version 1)`,
    isMet: () => {
      try {
        using group = new CgroupV1(controller);
        return Deno.statSync(`${group.path}/${file}`).isFile;
      } catch {
        return false;
      }
    },
  };
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
}
