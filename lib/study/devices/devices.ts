import type { Execution } from "../execution.ts";
import type { Findings } from "../findings.ts";
import type { IssueText } from "../messages.ts";
import {
  allAndOthers,
  deviceTwice,
  noDevice,
  notOneDevice,
  rangeBackwards,
  rangeTooLong,
  wrongForm,
} from "./messages.ts";
import { issueAt } from "../source_text.ts";
import { childOf, type MapTree, type Tree } from "../tree.ts";

/** Devices as the rest of llem names them. */
export interface ReadDevices {
  readonly devices: readonly string[];
  /** What is wrong with a device as it is written, and what to write. */
  readonly problems: readonly IssueText[];
}

/** More than any machine has: a longer range is a slip. */
const MOST_IN_RANGE = 64;

/**
 * Devices in one spelling, by what is written alone: `0-3` is four numbers, `cuda:1` is 1, a text with spaces is several.
 * Names of a form that is not known here are left as they are: the driver may know them.
 */
export function readDevices(texts: readonly string[]): ReadDevices {
  const devices: string[] = [];
  const problems: IssueText[] = [];
  const seen = new Set<string>();
  for (const word of texts.flatMap((text) => text.split(/[\s,]+/)).filter((word) => word !== "")) {
    const read = readWord(word);
    if (!Array.isArray(read)) {
      problems.push(read);
      continue;
    }
    for (const device of read) {
      if (seen.has(device.toLowerCase())) problems.push(deviceTwice(device));
      else devices.push(device);
      seen.add(device.toLowerCase());
    }
  }
  if (seen.has("all") && devices.length > 1) {
    problems.push(allAndOthers(devices.filter((device) => device !== "all")));
  }
  return { devices, problems };
}

function readWord(word: string): string[] | IssueText {
  if (/^\d+$/.test(word)) return [withoutZeros(word)];
  const range = /^(\d+)-(\d+)$/.exec(word);
  if (range !== null) return readRange(word, Number(range[1]), Number(range[2]));
  const numbered = /^(?:cuda|gpu|hip|rocm):?(\d+)$/i.exec(word)?.[1];
  if (numbered !== undefined) return [withoutZeros(numbered)];
  if (/^all$/i.test(word)) return ["all"];
  if (/^(any|auto|\*)$/i.test(word)) return notOneDevice(word);
  if (/^(-\d+|cpu|none|void|no|null|(gpu|mig|amd)-?)$/i.test(word)) return noDevice(word);
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]*$/i.test(word)) return [`GPU-${word}`];
  const prefixed = /^(gpu|mig|amd)-(.+)$/i.exec(word);
  if (prefixed !== null) return [`${(prefixed[1] ?? "").toUpperCase()}-${prefixed[2] ?? ""}`];
  const pci = /^(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}:[0-9a-f]{2}\.[0-7])$/i.exec(word);
  if (pci !== null) return [`${(pci[1] ?? "0").slice(-4).padStart(4, "0")}:${pci[2] ?? ""}`.toLowerCase()];
  return isNoName(word) ? wrongForm(word) : [word];
}

/** Half a range, a range of names, or signs that stand in no device's name, such as the brackets of a list. */
function isNoName(word: string): boolean {
  return /^(?:(?:cuda|gpu|hip|rocm):?)?\d+[-.:]+\d*$/i.test(word) || !/^[\w.:/-]+$/.test(word);
}

function readRange(word: string, first: number, last: number): string[] | IssueText {
  if (first > last) return rangeBackwards(word, `${last}-${first}`);
  if (last - first >= MOST_IN_RANGE) return rangeTooLong(word, MOST_IN_RANGE);
  return Array.from({ length: last - first + 1 }, (_, place) => String(first + place));
}

function withoutZeros(digits: string): string {
  return digits.replace(/^0+(?=\d)/, "");
}

/** The execution block with its devices in one spelling. */
export function withReadDevices(findings: Findings, root: MapTree, execution: Execution): Execution {
  const { devices, problems } = readDevices(execution.devices);
  const place = placeOf(root);
  for (const problem of problems) {
    findings.found.push({ kind: "value", issue: issueAt(place, "execution.devices", problem) });
  }
  return { ...execution, devices: [...devices] };
}

function placeOf(root: MapTree): Tree {
  const execution = childOf(root, "execution");
  return execution === null ? root : childOf(execution, "devices") ?? execution;
}
