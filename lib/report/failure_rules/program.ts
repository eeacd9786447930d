import type { FailureRule } from "../../engines/failure_rule.ts";
import { rule } from "./rule.ts";

/** Programs, libraries and modules that are missing or do not fit each other. */
export const PROGRAM_RULES: readonly FailureRule[] = [
  {
    pattern: /version [`']((?:GLIBC|GLIBCXX|CXXABI)_[\w.]+)'? not found/,
    explain: ([, version]) => ({
      cause: `The program needs ${version}, which the C or C++ library of this system is too old for.`,
      remedy: "Use a build for an older system, a container with a newer one, or a newer system.",
    }),
  },
  rule(
    /libcuda\.so(?:\.1)?: cannot open shared object file/,
    "The library of the NVIDIA driver, libcuda.so.1, is not there: no driver, or a container without the GPU.",
    "Install the driver; in a container use the NVIDIA container toolkit (--gpus all, or --nv).",
  ),
  {
    pattern: /(\S{1,200}?): cannot open shared object file/,
    explain: ([, library]) => ({
      cause: `The shared library ${library} is not installed, or not where the loader looks.`,
      remedy: "Install its package, or add its folder to LD_LIBRARY_PATH (command.env of the study).",
    }),
  },
  rule(
    /undefined symbol: \S+|symbol lookup error/,
    "Two libraries do not fit each other: one was built against another version.",
    "Reinstall both from the same release, such as torch and the extension that is named.",
  ),
  rule(
    /wrong ELF class|invalid ELF header|Exec format error/,
    "A program or library is damaged or built for another kind of processor.",
    "Install the build for this machine (uname -m).",
  ),
  {
    pattern: /(?:ModuleNotFoundError: )?No module named '?([\w.]+)'?/,
    explain: ([, module]) => ({
      cause: `The Python that ran has no module ${module}.`,
      remedy:
        `Install it there (python3 -m pip install ...), or let command.argv name the python of its environment.`,
    }),
  },
  {
    pattern: /No package metadata was found for ([\w.-]+)/,
    explain: ([, name]) => ({
      cause: `The Python that ran has no package ${name}.`,
      remedy: "Install it there with pip.",
    }),
  },
  {
    pattern: /(?:^|: )([\w./-]+): (?:command )?not found$/m,
    explain: ([, name]) => ({
      cause: `A shell script calls ${name}, which is not in PATH.`,
      remedy: "Install it, or set PATH in command.env.",
    }),
  },
  rule(
    /illegal instruction|illegal hardware instruction/i,
    "The processor lacks instructions (AVX2, AVX-512 ...) that this build uses.",
    "Install a build for this processor, or run it on a newer one.",
  ),
];
