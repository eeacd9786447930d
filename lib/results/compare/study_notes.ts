import { serverMeant, sharedServer, startsServer } from "../../experiment/own_server.ts";
import { auditText } from "../audit.ts";
import type { StudyTable } from "../study_table.ts";
import * as messages from "./messages.ts";
import type { Sample } from "./samples.ts";
import type { ComparedStudy } from "./study_comparison.ts";
import { REFUSING } from "../circumstances.ts";

export function comparedStudy({ dir, name, status, runs, audit }: StudyTable): ComparedStudy {
  const of = (standing: string): number => runs.filter((run) => run.standing === standing).length;
  return {
    dir,
    name,
    status,
    completed: of("completed"),
    total: runs.length,
    missing: of("missing"),
    ...audit === undefined ? {} : { audit },
  };
}

/** What neighbours change in a study of which windows overlap, or were to. */
export function auditNotes({ dir, audit }: ComparedStudy): string[] {
  return audit === undefined ? [] : [messages.audited(dir, auditText(audit))];
}

/** What of a study that is not whole is compared. */
export function standingNotes({ dir, status, completed, total, missing }: ComparedStudy): string[] {
  return [
    ...status === "running" ? [messages.isStillRunning(dir, completed, total)] : [],
    ...status !== "running" && completed + missing < total
      ? [messages.isIncomplete(dir, completed, total)]
      : [],
    ...missing > 0 ? [messages.resultsMissing(dir, missing)] : [],
  ];
}

/** Circumstances that did not stay as they were while a study ran, as after a resume on a newer driver. */
export function changeNotes(samples: readonly Sample[]): string[] {
  const all = new Set(samples.flatMap(({ runs }) => runs.map(({ circumstances }) => circumstances)));
  // Settings bring their own engine, model and boards: what must not change by itself is told.
  const watched = [...REFUSING].filter((what) => WATCHED.has(what));
  return watched.flatMap((what) => {
    const values = [...new Set([...all].flatMap((circumstances) => circumstances[what] ?? []))];
    return values.length > 1 ? [messages.changedWithin(what, values)] : [];
  });
}

const WATCHED: ReadonlySet<string> = new Set(["driver", "power limit"]);

/** What the servers of a study mean for what a run is. */
export function serverNotes(samples: readonly Sample[]): string[] {
  const served = samples.filter(({ config }) => serverMeant(config) !== null);
  const isShared = served.some(({ config }) => sharedServer(config) !== null);
  const isForeign = served.some(({ config }) => !startsServer(config));
  return [
    ...isShared ? [messages.serversShared()] : [],
    ...isForeign ? [messages.serverNotOurs()] : [],
  ];
}
