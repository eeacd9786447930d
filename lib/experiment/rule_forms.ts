import { notCombinable, settingNeeded } from "./messages.ts";
import type { Read, Rule, RuleBreak } from "./rule.ts";

/** True where a draft has a value at that path: null is as good as none. */
export function isGiven(read: Read, path: string): boolean {
  return (read(path) ?? null) !== null;
}

/** A field that means something only where another one has a value. */
export function needs(path: string, other: string, value: boolean): Rule {
  return (read): RuleBreak | null => {
    if (!isGiven(read, path) || read(other) === value) return null;
    return { at: path, fields: [path, other], ...settingNeeded(other, value) };
  };
}

/** Two fields that cannot be combined. */
export function excludes(path: string, other: string): Rule {
  return (read): RuleBreak | null => {
    if (!isGiven(read, path) || !isGiven(read, other)) return null;
    return { at: path, fields: [path, other], ...notCombinable(other) };
  };
}
