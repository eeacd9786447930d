import type { ResultRecord } from "./record.ts";

/**
 * The bytes of a result.json: indented for people, but for what a worker may send much of: a field of the measurement
 * takes a line, and so does a phase. What is nested there would cost as many bytes of indent as it has levels, for each of
 * its values.
 */
export function recordFile(record: ResultRecord): Uint8Array<ArrayBuffer> {
  const { measurement, phases } = record;
  const members = Object.entries(record).filter(([, value]) => value !== undefined).map(([name, value]) => {
    const text = name === "measurement" && measurement !== null
      ? linesOf("{}", Object.entries(measurement).filter(([, part]) => part !== undefined).map(memberText))
      : name === "phases"
      ? linesOf("[]", phases.map((phase) => JSON.stringify(phase)))
      : JSON.stringify(value, null, 1).replaceAll("\n", "\n ");
    return ` ${JSON.stringify(name)}: ${text}`;
  });
  return new TextEncoder().encode(`{\n${members.join(",\n")}\n}\n`);
}

function memberText([name, value]: readonly [string, unknown]): string {
  return `${JSON.stringify(name)}: ${JSON.stringify(value)}`;
}

function linesOf(brackets: "{}" | "[]", lines: readonly string[]): string {
  return lines.length === 0 ? brackets : `${brackets[0]}\n  ${lines.join(",\n  ")}\n ${brackets[1]}`;
}
