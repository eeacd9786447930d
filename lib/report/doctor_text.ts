import { largest } from "../base/numbers.ts";
import type { Palette } from "./color.ts";
import { printable } from "../base/text.ts";
import {
  CHECK_LABELS,
  checksCounted,
  noStudiesCanRun,
  someStudiesCanRun,
  studiesCanRun,
  studiesCanRunElsewhere,
} from "./messages.ts";

/** The groups of checks, in their order. */
export const DOCTOR_GROUPS = ["Energy", "Engines", "Process control", "Files", "Machine"] as const;

/** One thing that was looked at. */
export interface DoctorCheck {
  readonly group: typeof DOCTOR_GROUPS[number];
  readonly name: string;
  /**
   * `missing` can be installed or opened, `unavailable` is not to be had on this machine, `unsupported` not in this version of
   * llem: all three can be done without. `broken` keeps studies from being run, or those that need just it.
   */
  readonly status: "ok" | "warning" | "missing" | "unavailable" | "unsupported" | "broken";
  /** The uuid or number of the one board that it is about; left out where it is about the machine. */
  readonly board?: string;
  /** The backend whose studies alone it is about; left out where it is about the machine. */
  readonly backend?: string;
  readonly detail: string;
  /** What to do, with the command where there is one; null where there is nothing to do. */
  readonly remedy: string | null;
  /** What was measured, for scripts; left out where nothing was. */
  readonly figures?: Readonly<Record<string, number | null>>;
}

/** What `llem doctor` found, without what only scripts read. */
export interface DoctorFindings {
  readonly ok: boolean;
  readonly checks: readonly DoctorCheck[];
}

/** The findings for people: a block for each group, a line for each check, the remedy below it. */
export function doctorText({ ok, checks }: DoctorFindings, palette: Palette): string {
  const nameWidth = largest(checks.map(({ name }) => printable(name).length), 0);
  const labelWidth = largest(checks.map(({ status }) => CHECK_LABELS[status].length), 0);
  const lines = DOCTOR_GROUPS.flatMap((group) => {
    const own = checks.filter((check) => check.group === group);
    return own.length === 0 ? [] : [
      group,
      ...own.flatMap(({ name, status, detail, remedy }) => [
        `  ${paint(status, palette)(CHECK_LABELS[status].padEnd(labelWidth))}  ${
          printable(name).padEnd(nameWidth)
        }  ${printable(detail)}`.trimEnd(),
        ...remedy === null ? [] : [`${" ".repeat(labelWidth + 4)}-> ${printable(remedy)}`],
      ]),
      "",
    ];
  });
  return `${[...lines, `${verdict({ ok, checks })} (${tally(checks)})`].join("\n")}\n`;
}

function paint(status: DoctorCheck["status"], { good, bad, weak }: Palette): Palette["good"] {
  if (status === "ok") return good;
  return status === "warning" || status === "broken" ? bad : weak;
}

/** One sentence: what the errors keep from being run. */
function verdict({ ok, checks }: DoctorFindings): string {
  const errors = checks.filter(({ status }) => status === "broken");
  if (errors.length === 0) return studiesCanRun();
  if (ok) return studiesCanRunElsewhere();
  const machine = errors.some(({ board, backend }) => board === undefined && backend === undefined);
  const able = usableBackends(checks);
  if (machine || able.length === 0) return noStudiesCanRun();
  return someStudiesCanRun(able, errors.flatMap(({ backend }) => backend ?? []));
}

/** The backends whose studies can be run here, as far as their own checks tell. */
export function usableBackends(checks: readonly DoctorCheck[]): string[] {
  return checks.flatMap(({ backend, status }) =>
    backend !== undefined && (status === "ok" || status === "warning") ? [backend] : []
  );
}

function tally(checks: readonly DoctorCheck[]): string {
  const count = (status: DoctorCheck["status"]): number =>
    checks.filter((check) => check.status === status).length;
  return checksCounted({
    warning: count("warning"),
    missing: count("missing"),
    unavailable: count("unavailable"),
    unsupported: count("unsupported"),
    broken: count("broken"),
  });
}
