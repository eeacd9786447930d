import { join } from "node:path";
import { readRegularText } from "../../base/files.ts";
import { isJsonObject, type JsonObject } from "../../base/json.ts";
import { circumstancesOf, studyCircumstances } from "../../results/circumstances.ts";
import { headline } from "../../results/headline.ts";
import type { SkippedStudies } from "../../results/history/history.ts";
import type { StudyRuns } from "../../results/history/metric_history.ts";
import type { ResultRecord } from "../../results/record.ts";
import { type MachineFacts, machineOf } from "../earlier_studies.ts";
import { completedRecord, type IndexedConfiguration, type IndexedStudy } from "./history_index.ts";

const MOST_ENVIRONMENT_BYTES = 1_000_000;

/** What the studies of one configuration have in their results. */
export interface ConfigurationRuns {
  /** The oldest first. */
  readonly studies: readonly StudyRuns[];
  /** For people; null where nothing is known of it. */
  readonly machine: string | null;
  readonly skipped: SkippedStudies;
}

/**
 * Reads the newest `last` studies of a configuration that were made on the machine of the newest of them, with a model and
 * prompts of the same content. Only their results are read.
 */
export function readConfiguration(configuration: IndexedConfiguration, last: number): ConfigurationRuns {
  const found: StudyRuns[] = [];
  const skipped = { other_machine: 0, other_content: 0, no_runs: 0, older: 0, missing_results: 0 };
  let machine: { readonly facts: string | null; readonly text: string | null } | null = null;
  for (const study of configuration.studies) {
    if (found.length >= last) {
      skipped.older += 1;
      continue;
    }
    const environment = storedEnvironment(study.study_dir);
    const facts = factsOf(environment);
    if (machine !== null && facts !== machine.facts) {
      skipped.other_machine += 1;
      continue;
    }
    const { records, missing } = recordsOf(study);
    skipped.missing_results += missing;
    const own = records.filter((record) => isSameContent(record, configuration.join_hash));
    if (own.length === 0) {
      skipped[records.length === 0 ? "no_runs" : "other_content"] += 1;
      continue;
    }
    machine ??= { facts, text: machineText(environment) };
    found.push({
      study_dir: study.study_dir,
      started_at: study.started_at,
      llem_version: study.llem_version,
      runs: own.map(headline),
      circumstances: {
        ...studyCircumstances(environment),
        ...own[0] === undefined ? {} : circumstancesOf(own[0]),
      },
    });
  }
  return { studies: found.reverse(), machine: machine?.text ?? null, skipped };
}

/** A result of an earlier version does not tell its content: the hash of its configuration has to do. */
function isSameContent({ run }: ResultRecord, join_hash: string | null): boolean {
  const own = run.join_hash ?? null;
  return own === null || join_hash === null || own === join_hash;
}

function recordsOf(
  { study_dir, entries }: IndexedStudy,
): { readonly records: ResultRecord[]; readonly missing: number } {
  const completed = entries.filter(({ status }) => status === "completed");
  const records = completed.flatMap((entry) => completedRecord(study_dir, entry) ?? []);
  return { records, missing: completed.length - records.length };
}

function storedEnvironment(dir: string): JsonObject | null {
  try {
    const text = readRegularText(join(dir, "environment.json"), MOST_ENVIRONMENT_BYTES);
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** The same text for machines that are equally fast; null where the facts are not there. */
function factsOf(environment: JsonObject | null): string | null {
  try {
    return machineOf(environment as unknown as MachineFacts);
  } catch {
    return null;
  }
}

function machineText(environment: JsonObject | null): string | null {
  if (environment === null) return null;
  const { cpu_model, gpus } = environment;
  const boards = Array.isArray(gpus) ? gpus.map((gpu) => String(gpu).replace(/(?: GPU-\S+)? \S+$/, "")) : [];
  const counted = [...Map.groupBy(boards, (board) => board)].map(([board, { length }]) =>
    length > 1 ? `${length} x ${board}` : board
  );
  const parts = [...counted, ...typeof cpu_model === "string" ? [cpu_model] : []];
  return parts.length === 0 ? null : parts.join(", ");
}
