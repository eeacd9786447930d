/** A memory cgroup of a test's own, by whichever version the machine has: needs the right to make one (root). */
import { join } from "node:path";
import { isNamedVictim } from "../../lib/host/oom_kills.ts";
import type { Need } from "./needs.ts";

/** Processes that write 0 into its cgroup.procs are members; goes away with the test. */
export class MemoryCgroup implements Disposable {
  readonly path: string;

  constructor(limitBytes: number) {
    const { parent, limit, swap } = hierarchy();
    this.path = join(parent, `llem-test-${Deno.pid}-${crypto.randomUUID().slice(0, 8)}`);
    Deno.mkdirSync(this.path);
    try {
      write(join(this.path, limit), String(limitBytes));
      // Where there is swap it would be filled first.
      if (exists(join(this.path, swap.file))) write(join(this.path, swap.file), swap.value(limitBytes));
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    // The last member may not have been buried yet.
    for (let tries = 0;; tries++) {
      try {
        return Deno.removeSync(this.path);
      } catch (error) {
        if (tries > 100) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      }
    }
  }
}

interface Hierarchy {
  /** An absolute folder in which groups with a limit can be made. */
  readonly parent: string;
  readonly limit: string;
  readonly swap: { readonly file: string; readonly value: (limitBytes: number) => string };
}

/** The root of the memory controller. Below another group that group's limits would count as well. */
function hierarchy(): Hierarchy {
  const mounts = Deno.readTextFileSync("/proc/self/mounts").split("\n").map((line) => line.split(" "));
  const v1 = mounts.find(([, , type, options = ""]) => type === "cgroup" && /\bmemory\b/.test(options))?.[1];
  if (v1 !== undefined) {
    return {
      parent: v1,
      limit: "memory.limit_in_bytes",
      swap: { file: "memory.memsw.limit_in_bytes", value: String },
    };
  }
  const v2 = mounts.find(([, , type]) => type === "cgroup2")?.[1];
  if (v2 === undefined) throw new Error("No memory controller is mounted");
  const controllers = Deno.readTextFileSync(join(v2, "cgroup.subtree_control"));
  if (!/\bmemory\b/.test(controllers)) throw new Error("The memory controller is not handed down");
  return { parent: v2, limit: "memory.max", swap: { file: "memory.swap.max", value: () => "0" } };
}

export const MEMORY_CGROUP: Need = {
  what: "the right to make a memory cgroup (root)",
  isMet: () => {
    try {
      using group = new MemoryCgroup(64 * 1024 * 1024);
      return new Deno.Command("/bin/sh", {
        args: ["-c", 'echo 0 >"$1/cgroup.procs"', "join", group.path],
        stderr: "null",
      }).outputSync().success;
    } catch {
      return false;
    }
  },
};

export const KERNEL_LOG: Need = {
  what: "a kernel log that can be read (root, no container)",
  isMet: () => isNamedVictim(1) !== null,
};

function write(path: string, text: string): void {
  Deno.writeTextFileSync(path, text, { create: false });
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
