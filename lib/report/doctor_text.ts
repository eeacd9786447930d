import { largest } from "../base/numbers.ts";
import type { Palette } from "./color.ts";
import { printable } from "../base/text.ts";

/** The groups of checks, in the order in which they are told. */
export const DOCTOR_GROUPS = ["Energy", "Engines", "Process control", "Files", "Machine"] as const;

/** One thing that was looked at. */
export interface DoctorCheck {
  readonly group: typeof DOCTOR_GROUPS[number];
  readonly name: string;
  /** `missing` is not here and can be done without; `broken` keeps studies from being run, or those that need just it. */
  readonly status: "ok" | "warning" | "missing" | "broken";
  /** The uuid or number of the one board that it is about; left out where it is about the machine. */
  readonly board?: string;
  readonly detail: string;
  /** What to do, with the command where there is one; null where there is nothing to do. */
  readonly remedy: string | null;
}

/** What `llem doctor` found, without what only scripts read. */
export interface DoctorFindings {
  readonly ok: boolean;
  readonly checks: readonly DoctorCheck[];
}

/** The findings for people: a block for each group, a line for each check, the remedy below it. */
export function doctorText({ ok, checks }: DoctorFindings, { good, bad, weak }: Palette): string {
  const paint = { ok: good, warning: bad, missing: weak, broken: bad };
  const width = largest(checks.map(({ name }) => printable(name).length), 0);
  const lines = DOCTOR_GROUPS.flatMap((group) => {
    const own = checks.filter((check) => check.group === group);
    return own.length === 0 ? [] : [
      group,
      ...own.flatMap(({ name, status, detail, remedy }) => [
        `  ${paint[status](status.padEnd(7))}  ${printable(name).padEnd(width)}  ${printable(detail)}`
          .trimEnd(),
        ...remedy === null ? [] : [`           -> ${printable(remedy)}`],
      ]),
      "",
    ];
  });
  const count = (status: DoctorCheck["status"]): number =>
    checks.filter((check) => check.status === status).length;
  const verdict = ok
    ? count("broken") > 0
      ? "Studies can be run here, though not on what is broken."
      : "Studies can be run here."
    : "Studies cannot be run here before what is broken is mended.";
  const tally = `${count("warning")} to look at, ${count("missing")} missing, ${count("broken")} broken`;
  return `${[...lines, `${verdict} (${tally})`].join("\n")}\n`;
}
