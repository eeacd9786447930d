import type { RunRequest } from "../../session/run_request.ts";

/** The study that a command line names, and the page that it is to end with; null for none. */
export type WhatToRun = Pick<RunRequest, "file" | "resume"> & {
  readonly report: { readonly file: string | null } | null;
};

/**
 * What `--resume` and `--report` say with and without a value. A file for the value of `--resume` is the study file, and so is
 * one of YAML or JSON for that of `--report` where no other is named.
 */
export function whatToRun(
  argument: string | undefined,
  options: { readonly resume?: string | true | undefined; readonly report?: string | true | undefined },
  isFile: (path: string) => boolean,
): WhatToRun {
  const { resume, report } = options;
  const isStudy = typeof report === "string" && argument === undefined && isStudyFile(report) &&
    isFile(report);
  const file = argument ?? (isStudy ? report : null);
  const reported = report === undefined ? null : { file: report === true || isStudy ? null : report };
  if (resume === undefined) return { file, resume: null, report: reported };
  if (resume === true) return { file, resume: { dir: null }, report: reported };
  return isFile(resume)
    ? { file: resume, resume: { dir: null }, report: reported }
    : { file, resume: { dir: resume }, report: reported };
}

/** True for a path that is named as study files are. */
export function isStudyFile(path: string): boolean {
  return /\.(ya?ml|json)$/i.test(path);
}
