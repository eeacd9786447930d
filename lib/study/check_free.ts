import type { Json } from "../base/json.ts";
import { isTooSmall } from "./check_scalar.ts";
import type { Findings } from "./findings.ts";
import { joinPath } from "./paths.ts";
import { finiteNumber, type IssueText, losesDigits, mustBe, roundsToZero } from "./messages.ts";
import { issueAt } from "./source_text.ts";
import type { Tree } from "./tree.ts";
import { found } from "./wording.ts";

/** A value of any form, as long as JSON can hold it. */
export function checkFree(findings: Findings, tree: Tree, path: string): Json | undefined {
  if (tree.kind === "list") {
    return tree.items.map((item, index) => checkFree(findings, item, joinPath(path, String(index))) ?? null);
  }
  if (tree.kind === "map") {
    const parts = [...tree.entries].map((
      [key, entry],
    ) => [key, checkFree(findings, entry.value, joinPath(path, key))]);
    return Object.fromEntries(parts.filter(([, value]) => value !== undefined));
  }
  const { value, written } = tree;
  if (typeof value !== "number") return value;
  if (!Number.isFinite(value)) return refuseFree(findings, tree, path, mustBe(finiteNumber(), found(tree)));
  if (isTooSmall(value, written)) return refuseFree(findings, tree, path, roundsToZero(found(tree)));
  // A whole number beyond 2^53 would silently become its neighbour.
  const isWhole = written === null || /^[-+]?\d+$/.test(written);
  if (isWhole && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return refuseFree(findings, tree, path, losesDigits(found(tree)));
  }
  return value;
}

function refuseFree(findings: Findings, tree: Tree, path: string, text: string | IssueText): undefined {
  if (findings.told.has(tree)) return;
  findings.told.add(tree);
  findings.found.push({ kind: "value", issue: issueAt(tree, path, text) });
}
