import type { FailureRule } from "../../engines/failure_rule.ts";
import {
  commandMissing,
  libraryMissing,
  moduleMissing,
  packageMissing,
  PROGRAM_FAILURE,
  systemLibraryTooOld,
} from "./messages.ts";
import { rule } from "./rule.ts";

/** Programs, libraries and modules that are missing or do not fit each other. */
export const PROGRAM_RULES: readonly FailureRule[] = [
  {
    pattern: /version [`']((?:GLIBC|GLIBCXX|CXXABI)_[\w.]+)'? not found/,
    explain: ([, version = ""]) => systemLibraryTooOld(version),
  },
  rule(
    /libcuda\.so(?:\.1)?: cannot open shared object file/,
    PROGRAM_FAILURE.noDriverLibrary,
  ),
  {
    pattern: /(\S{1,200}?): cannot open shared object file/,
    explain: ([, library = ""]) => libraryMissing(library),
  },
  rule(
    /undefined symbol: \S+|symbol lookup error/,
    PROGRAM_FAILURE.librariesDoNotFit,
  ),
  rule(
    /wrong ELF class|invalid ELF header|Exec format error/,
    PROGRAM_FAILURE.wrongMachine,
  ),
  {
    pattern: /(?:ModuleNotFoundError: )?No module named '?([\w.]+)'?/,
    explain: ([, module = ""]) => moduleMissing(module),
  },
  {
    pattern: /No package metadata was found for ([\w.-]+)/,
    explain: ([, name = ""]) => packageMissing(name),
  },
  {
    pattern: /(?:^|: )([\w./-]+): (?:command )?not found$/m,
    explain: ([, name = ""]) => commandMissing(name),
  },
  rule(
    /illegal instruction|illegal hardware instruction/i,
    PROGRAM_FAILURE.illegalInstruction,
  ),
];
