import type { ResultRecord } from "./record.ts";

/**
 * The bytes of a result.json: indented for people, but for the fields of the measurement, one a line. What a worker nests
 * there would cost as many bytes of indent as it has levels, for each of its values.
 */
export function recordFile(record: ResultRecord): Uint8Array<ArrayBuffer> {
  const members = Object.entries(record).filter(([, value]) => value !== undefined).map(([name, value]) =>
    ` ${JSON.stringify(name)}: ${name === "measurement" ? linesOf(value) : indented(value)}`
  );
  return new TextEncoder().encode(`{\n${members.join(",\n")}\n}\n`);
}

function indented(value: unknown): string {
  return JSON.stringify(value, null, 1).replaceAll("\n", "\n ");
}

function linesOf(measurement: ResultRecord["measurement"]): string {
  if (measurement === null) return "null";
  const fields = Object.entries(measurement).filter(([, value]) => value !== undefined);
  const lines = fields.map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return `{\n${lines.join(",\n")}\n }`;
}
