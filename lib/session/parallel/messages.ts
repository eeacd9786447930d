/** Texts about several runs at a time. */
import type { Issue } from "../../base/issue.ts";
import { plural } from "../../base/text.ts";

type IssueText = Pick<Issue, "message" | "hint">;

/** Nothing says how many devices a run takes. */
export function demandUnknown(backend: string): IssueText {
  return {
    message: `cannot tell how many devices a run of backend ${backend} takes`,
    hint: "set execution.devices_per_run, or let the settings of the engine say it",
  };
}

/** `execution.devices_per_run` is fewer than a run asks for. */
export function devicesTooFew(given: number, asked: number): IssueText {
  return {
    message: `is ${given}, but the settings of a run ask for ${plural(asked, "device")}`,
    hint: `remove it, or set it to ${asked} or more`,
  };
}

/** There are fewer devices than one run takes. */
export function runsNeedMore(there: number, needed: number): IssueText {
  return {
    message: `a run takes ${plural(needed, "device")}, but there ${there === 1 ? "is" : "are"} ${there}`,
    hint: `name ${needed} or more in execution.devices, or let a run take fewer`,
  };
}

/** The same before a session begins, as a sentence. */
export function cannotPlace(
  { key, message, hint }: IssueText & { readonly key: string },
): string {
  return `execution.${key}: ${message}${hint === null ? "" : ` (${hint})`}`;
}
