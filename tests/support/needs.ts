/**
 * Tests that need more than a plain machine. Where the need is not met the test is ignored in sight: its name says
 * what it would take, and scripts/test repeats these lines at its end.
 */

/** Something a test needs from the machine. */
export interface Need {
  /** As it reads after "needs": `a C compiler`. */
  readonly what: string;
  readonly isMet: () => boolean;
}

/** Like Deno.test, for a test that needs something. */
export function testWith(needs: readonly Need[], name: string, body: () => void | Promise<void>): void {
  const missing = needs.filter((need) => !need.isMet()).map((need) => need.what);
  if (missing.length === 0) return Deno.test(name, body);
  Deno.test({ name: `${name} [not run: needs ${missing.join(", ")}]`, ignore: true, fn: body });
}

/** A program on PATH that answers to these arguments with exit code 0. */
export function program(what: string, name: string, ...args: readonly string[]): Need {
  return { what, isMet: () => succeeds(name, args) };
}

export const ROOT_USER: Need = { what: "root", isMet: () => Deno.uid() === 0 };
export const C_COMPILER = program("a C compiler (cc)", "cc", "--version");
export const STRACE = program("strace", "strace", "-V");
/** A file system of one's own, to be filled. */
export const TMPFS = program(
  "the right to mount a tmpfs",
  "unshare",
  "-m",
  "mount",
  "-t",
  "tmpfs",
  "none",
  "/mnt",
);
/** A pid namespace of one's own. */
export const PID_NAMESPACE: Need = {
  what: "the right to make a pid namespace",
  isMet: () => succeeds("unshare", ["-p", "-f", "true"]) || succeeds("unshare", ["-U", "-p", "-f", "true"]),
};

/** A control group of version 1 of one's own, with this controller; gone with the test. */
export class CgroupV1 implements Disposable {
  readonly path: string;

  constructor(controller: "memory" | "pids") {
    this.path = `/sys/fs/cgroup/${controller}/llem-test-${crypto.randomUUID()}`;
    Deno.mkdirSync(this.path);
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

  /** Its processes have ended by now; what is left goes to the group above. */
  [Symbol.dispose](): void {
    for (const pid of this.read("cgroup.procs").split("\n").filter((line) => line !== "")) {
      try {
        Deno.writeTextFileSync(`${this.path}/../cgroup.procs`, pid);
      } catch {
        // It has ended meanwhile.
      }
    }
    Deno.removeSync(this.path);
  }
}

export const MEMORY_CGROUP = cgroupV1("memory", "memory.limit_in_bytes");
export const PIDS_CGROUP = cgroupV1("pids", "pids.max");

function cgroupV1(controller: "memory" | "pids", file: string): Need {
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

function succeeds(name: string, args: readonly string[]): boolean {
  try {
    return new Deno.Command(name, { args: [...args], stdin: "null", stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}
