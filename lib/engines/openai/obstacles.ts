import { resolve } from "node:path";
import { pathFrom } from "../../base/expand_home.ts";
import { exists } from "../../base/files.ts";
import { Problem } from "../../base/problem.ts";
import { type ExperimentConfig, promptCount } from "../../experiment/config.ts";
import { parseTarget } from "../../experiment/engines/openai/target.ts";
import { isPathLike } from "../../experiment/model_name.ts";
import { HIDDEN } from "../../experiment/secret_names.ts";
import { resolveProgram } from "../../process/resolve_program.ts";
import type { WorkPlace } from "../engine.ts";
import {
  certificatesTrouble,
  inBackend,
  keyEmpty,
  modelOfServerMissing,
  programOfServer,
} from "./messages.ts";

type Place = Pick<WorkPlace, "env" | "base_dir">;
type Section = NonNullable<ExperimentConfig["openai"]>;

/** A fact of a configuration that is looked at once, however many experiments share it. */
type Look = (place: Place) => string | null | Promise<string | null>;

/** Why servers and their files cannot be used, a sentence each: what files tell but for traces, which are read. */
export function openaiObstacles(configs: readonly ExperimentConfig[], place: Place): string[] {
  const found = [...looks(configs, filesOf).values()].map((look) => look(place));
  return [...new Set(found)].filter((text) => typeof text === "string");
}

/** The same, with the traces: their format, and whether they are long enough. */
export async function openaiObstaclesWithTraces(
  configs: readonly ExperimentConfig[],
  place: Place,
): Promise<string[]> {
  const found: (string | null)[] = openaiObstacles(configs, place);
  for (const look of looks(configs, traceOf).values()) found.push(await look(place));
  return [...new Set(found)].filter((text) => text !== null);
}

function looks(
  configs: readonly ExperimentConfig[],
  of: (config: ExperimentConfig, section: Section) => readonly (readonly [string, Look])[],
): ReadonlyMap<string, Look> {
  return new Map(configs.flatMap((config) => config.openai === null ? [] : of(config, config.openai)));
}

function filesOf(config: ExperimentConfig, section: Section): [string, Look][] {
  const { api_key_env, base_url, ca_file, server } = section;
  const found: [string, Look][] = [];
  if (base_url !== null) found.push([`url ${base_url}`, () => addressTrouble(base_url)]);
  if (api_key_env !== null) found.push([`key ${api_key_env}`, ({ env }) => keyTrouble(api_key_env, env)]);
  if (ca_file !== null) found.push([`ca ${ca_file}`, (place) => certificateTrouble(ca_file, place)]);
  // What is in an image, the image alone knows.
  if (server === null || server.image !== null) return found;
  const { argv, env } = server;
  found.push([`argv ${JSON.stringify([argv[0], env["PATH"]])}`, (place) => programTrouble(server, place)]);
  const { model } = config;
  if ([...argv, ...Object.values(env)].some((text) => text.includes("{model}"))) {
    found.push([`model ${model}`, (place) => modelTrouble(model, place)]);
  }
  return found;
}

function addressTrouble(baseUrl: string): string | null {
  if (baseUrl.includes(HIDDEN)) return null;
  try {
    parseTarget(baseUrl);
    return null;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return inBackend(error.message);
  }
}

/** One that is not there at all is told with the other variables of a study. */
function keyTrouble(variable: string, env: Place["env"]): string | null {
  return env[variable]?.trim() === "" ? keyEmpty(variable) : null;
}

function certificateTrouble(caFile: string, { base_dir, env }: Place): string | null {
  const path = pathFrom(base_dir, caFile, env);
  try {
    return Deno.readTextFileSync(path).includes("CERTIFICATE-----") ? null : certificatesTrouble(path, null);
  } catch (error) {
    // Without the name of the call, which follows.
    return certificatesTrouble(path, (error as Error).message.split(": ")[0] ?? "");
  }
}

/** The program as the start of the server looks for it. */
function programTrouble(
  { argv: [name = ""], env: own }: NonNullable<Section["server"]>,
  { base_dir, env }: Place,
): string | null {
  if (name.includes(HIDDEN) || name.includes("{")) return null;
  const { PATH: searchPath = "" } = { ...env, ...own };
  const program = resolveProgram(name, { baseDir: base_dir, searchPath });
  return program.path === null ? programOfServer(program.message) : null;
}

/** Any other name is one that the server knows, or asks a hub for. */
function modelTrouble(model: string, { base_dir }: Place): string | null {
  const path = resolve(base_dir, model);
  return isPathLike(model) && !exists(path) ? modelOfServerMissing(path, model.startsWith("~")) : null;
}

function traceOf(config: ExperimentConfig, { load: { arrivals, file } }: Section): [string, Look][] {
  if (arrivals !== "trace" || file === null) return [];
  const count = promptCount(config);
  return [[`trace ${count} ${file}`, async ({ base_dir, env }) => {
    // Its reader is loaded where a study has a trace, and nowhere else.
    const { loadTrace, TraceError } = await import("../../experiment/traces/trace.ts");
    try {
      loadTrace(pathFrom(base_dir, file, env), count);
      return null;
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
      return inBackend(error.message);
    }
  }]];
}
