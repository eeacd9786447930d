import { isJsonObject, type JsonObject } from "../base/json.ts";
import { ownPrecision } from "../experiment/sections.ts";
import { SERVED_MODEL } from "../experiment/model_name.ts";
import type { Load } from "../experiment/load.ts";
import { shortModel } from "./run_folder.ts";
import type { RecordParallel, ResultRecord } from "./record.ts";

/** What a table says once above all rows: what ran on what. Null is not known. */
export interface RunAbout {
  readonly model: string | null;
  /** The number format of the weights, as the engine calls it. */
  readonly weights: string | null;
  readonly parameters: number | null;
  /** As the worker names them. */
  readonly devices: readonly string[];
  /** The backend and the versions of what it consists of. */
  readonly engine: string;
  readonly llem_version: string;
  readonly load: Load | null;
  /** How runs shared the machine; left out where they were made one at a time. */
  readonly parallel?: RecordParallel["mode"];
}

/** Versions of what is no part of an engine. */
const NOT_ENGINE: readonly string[] = ["llem", "python"];
/** The first ones name the engine, the others what it stands on. */
const MOST_VERSIONS = 2;

/** One build that older records call by the version in its library, newer ones by its release. */
const OTHER_SPELLINGS: Readonly<Record<string, string>> = { "llama_cpp 0.5.0-dev": "v0.5.0" };

/** From the record of a run that ended well. */
export function aboutOf(record: ResultRecord): RunAbout {
  const { run, config, worker, measurement, load = null, llem_version } = record;
  const model = measurement?.model ?? {};
  const versions = Object.entries(worker?.versions ?? {}).filter(([name]) => !NOT_ENGINE.includes(name))
    .slice(0, MOST_VERSIONS).map(([name, version]) =>
      `${name} ${OTHER_SPELLINGS[`${name} ${version}`] ?? version}`
    );
  return {
    // A worker of the user's own that needs no model is given one called so.
    model: config.model === "none" ? null : shortModel(servedName(config.model, model)),
    weights: weightsOf(model) ?? textOf(ownPrecision(config as unknown as JsonObject)),
    parameters: numberOf(model["n_params"]) ?? numberOf(model["parameters"]),
    devices: worker?.devices ?? [],
    engine: versions.length === 0 ? config.backend : `${config.backend} (${versions.join(", ")})`,
    llem_version,
    load,
    ...run.parallel === undefined || run.parallel === null ? {} : { parallel: run.parallel.mode },
  };
}

/** The name that the server gave its model, where the study leaves it to the server. */
function servedName(asked: string, { name }: JsonObject): string {
  return asked === SERVED_MODEL ? textOf(name) ?? asked : asked;
}

function weightsOf(model: JsonObject): string | null {
  const quantisation = isJsonObject(model["quantisation"]) ? model["quantisation"]["quant_method"] : null;
  return textOf(model["ftype"]) ?? textOf(quantisation) ?? textOf(model["dtype"]);
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
