import type { Issue } from "../base/issue.ts";
import { ENGINES } from "../engines/engines.ts";
import { LISTED_BACKENDS, usableEngines } from "../engines/listed.ts";
import { noWorkerForBackend } from "../launch/messages.ts";

/** The issues of a study after one for each backend among them that this version cannot run: to correct it would not help. */
export function afterUnsupported(issues: readonly Issue[]): Issue[] {
  const told = LISTED_BACKENDS.filter((backend) => ENGINES[backend].worker === null).flatMap((backend) => {
    const about = issues.find(({ path }) => path === backend || path.startsWith(`${backend}.`));
    if (about === undefined) return [];
    const message = noWorkerForBackend(backend, usableEngines());
    return [{ ...about, line: null, column: null, path: "backend", message, hint: null }];
  });
  return [...told, ...issues];
}
