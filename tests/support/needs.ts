/**
 * Tests that need more than a plain machine. Where the need is not met the test is ignored in sight: its name says
 * what it would take, and scripts/test repeats these lines at its end.
 */

import { fileURLToPath } from "node:url";
import { ownCgroup } from "../../lib/process/cgroup.ts";

/** Something a test needs from the machine. */
export interface Need {
  /** As it reads after "needs": `a C compiler`. */
  readonly what: string;
  readonly isMet: () => boolean;
}

/** Like Deno.test, for a test that needs something. */
export function testWith(
  needs: readonly Need[],
  name: string,
  body: (test: Deno.TestContext) => void | Promise<void>,
): void {
  const missing = needs.filter((need) => !isMet(need)).map((need) => need.what);
  if (missing.length === 0) return Deno.test(name, body);
  Deno.test({ name: `${name} [not run: needs ${missing.join(", ")}]`, ignore: true, fn: body });
}

const known = new Map<Need, boolean>();

/** Asked once in a file: an answer may take a while. */
function isMet(need: Need): boolean {
  const met = known.get(need) ?? need.isMet();
  known.set(need, met);
  return met;
}

/** A program on PATH that answers to these arguments with exit code 0. */
export function program(what: string, name: string, ...args: readonly string[]): Need {
  return { what, isMet: () => succeeds(name, args) };
}

export const ROOT_USER: Need = { what: "root", isMet: () => Deno.uid() === 0 };
export const C_COMPILER = program("a C compiler (cc)", "cc", "--version");
/** The interpreter that scripts/setup-test-python makes. */
export const TEST_PYTHON = fileURLToPath(new URL("../../.tools/python/bin/python", import.meta.url));
export const PYTHON_READERS = program(
  "pandas and pyarrow (scripts/setup-test-python)",
  TEST_PYTHON,
  "-c",
  "import pandas, pyarrow.parquet",
);
/** Programs that take exports. */
export const EXPORT_READERS = program(
  "pandas, pyarrow, DuckDB and prometheus_client (scripts/setup-test-python)",
  TEST_PYTHON,
  "-c",
  "from importlib.metadata import version; [version(name) for name in " +
    "('pandas', 'pyarrow', 'duckdb', 'prometheus_client')]",
);
/** By which vLLM, SGLang and TensorRT-LLM rename their processes. */
export const SETPROCTITLE = program(
  "setproctitle (scripts/setup-test-python)",
  TEST_PYTHON,
  "-c",
  "import setproctitle",
);
/** One that makes containers of Linux, and not only a program that would ask it. */
export const DOCKER_DAEMON = program(
  "a docker daemon",
  "docker",
  "version",
  "--format",
  "{{.Server.Version}}",
);
export const NVIDIA_GPU = program("an NVIDIA GPU", "nvidia-smi", "-L");
/** A program without the rights of root: the modes of files hold for it, too. */
export const NO_CAPABILITIES = program(
  "setpriv of util-linux and a capability set of one's own",
  "setpriv",
  "--bounding-set=-all",
  "--inh-caps=-all",
  "true",
);
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

/** A control group of version 2 that we may divide. */
export const CGROUP: Need = {
  what: "a control group (version 2) that may be divided",
  isMet: () => {
    const own = ownCgroup();
    return own !== null && makesFolder(`${own}/llem-test-${Deno.pid}-probe`);
  },
};
/** A terminal of one's own for a program. */
export const SCRIPT = program("script of util-linux", "script", "--version");
/** Where the kernel hands foreign binaries to an emulator, it alone can tell whether one runs. */
export const NO_EMULATORS: Need = {
  what: "a kernel without emulators in binfmt_misc",
  isMet: () => {
    try {
      const names = [...Deno.readDirSync("/proc/sys/fs/binfmt_misc")].map(({ name }) => name);
      return names.every((name) => name === "register" || name === "status");
    } catch {
      return true;
    }
  },
};

function succeeds(name: string, args: readonly string[]): boolean {
  try {
    return new Deno.Command("timeout", {
      args: ["20", name, ...args],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).outputSync().success;
  } catch {
    return false;
  }
}

function makesFolder(path: string): boolean {
  try {
    Deno.mkdirSync(path);
    Deno.removeSync(path);
    return true;
  } catch {
    return false;
  }
}
