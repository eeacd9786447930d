import type { ExperimentConfig } from "../experiment/config.ts";
import type { Run } from "../experiment/run.ts";
import { type FetchedModels, fetchModels } from "../inputs/fetch_models.ts";
import type { WantedModel } from "../inputs/finding.ts";
import type { InputsContext } from "../inputs/inputs_context.ts";
import { prepareInputs } from "../inputs/prepare_inputs.ts";
import { type FileMark, markFile } from "../inputs/file_mark.ts";
import { markModels } from "../inputs/model_marks.ts";
import { ENGINES } from "../engines/engines.ts";
import { INPUTS_FILE, restoreInputs, type StudyInputs } from "../inputs/study_inputs.ts";
import { vanishedModels } from "../inputs/vanished_models.ts";
import { distinctConfigs } from "../results/varied.ts";
import { STOP_SIGNALS } from "../process/inherited.ts";
import type { StopSwitch } from "../process/stop.ts";
import type { DockerHost } from "../launch/docker/host.ts";
import { CommandError, EXIT } from "../base/refusal.ts";
import { inputsUnreadable, promptsChanged, stoppedBeforeFirstRun } from "./messages.ts";

/** How inputs are looked for. */
interface InputSearch extends Pick<InputsContext, "base_dir" | "say" | "progress"> {
  readonly stop: StopSwitch;
  /** What runs in containers are started with; null where none is. */
  readonly docker: DockerHost | null;
}

/**
 * Models and prompts of a plan's runs; what is on the hub alone is downloaded. Throws CommandError with everything that
 * is missing, after `problems` that are known already, and where the user stops it.
 */
export async function findInputs(
  runs: readonly Run[],
  search: InputSearch,
  problems: readonly string[] = [],
): Promise<StudyInputs> {
  const env = Deno.env.toObject();
  const { stop, docker: _, ...told } = search;
  const context = { ...told, env, signal: stop.signal };
  const { inputs, wanted, problems: missing } = await unlessStopped(
    stop,
    () => prepareInputs(distinctConfigs(runs), context),
  );
  refuse([...problems, ...missing]);
  const { docker } = search;
  const models = wanted.length === 0 ? new Map() : await fetch(wanted, context, stop);
  const found = inputs.with({ models, images: docker?.images ?? new Map() });
  const configs = distinctConfigs(runs);
  return found.with({
    marks: markModels(configs, found),
    programs: markPrograms(configs, { base_dir: told.base_dir, env }),
  });
}

function markPrograms(
  configs: readonly ExperimentConfig[],
  at: { readonly base_dir: string; readonly env: Readonly<Record<string, string>> },
): FileMark[] {
  const paths = new Set(configs.flatMap((config) => {
    const { worker } = ENGINES[config.backend];
    return worker?.kind === "user_program" ? worker.files?.({ config, ...at }) ?? [] : [];
  }));
  return [...paths].map(markFile).filter((mark) => mark !== null);
}

async function fetch(
  wanted: readonly WantedModel[],
  context: InputsContext,
  stop: StopSwitch,
): Promise<FetchedModels["models"]> {
  const { models, problems } = await unlessStopped(stop, () => fetchModels(wanted, context));
  refuse(problems);
  return models;
}

/**
 * Makes sure that what the study began with is still there for the runs that are left to make. Throws as
 * {@link findInputs} does.
 */
export function refuseVanishedInputs(
  todo: readonly Run[],
  stored: StudyInputs,
  { stop }: Pick<InputSearch, "stop">,
  problems: readonly string[],
): void {
  refuseStopped(stop);
  refuse([...problems, ...vanishedModels(distinctConfigs(todo), stored)]);
}

/** Prompts of a study are part of what it measures. Throws CommandError. */
export function refuseChangedPrompts(dir: string, inputs: StudyInputs): void {
  const changed = inputs.changedPrompts(dir);
  if (changed.length === 0) return;
  throw new CommandError(EXIT.usage, promptsChanged(changed));
}

/** What a study began with; null for one of an llem that wrote nothing down. Throws CommandError. */
export function storedInputs(dir: string): StudyInputs | null {
  try {
    return restoreInputs(dir);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new CommandError(EXIT.usage, inputsUnreadable(`${dir}/${INPUTS_FILE}`, (error as Error).message));
  }
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new CommandError(EXIT.preflight, problems.join("\nllem: "));
}

/** Ends the command as its signal does, where one came meanwhile: nothing has been made yet that is to be kept. */
async function unlessStopped<T>(stop: StopSwitch, act: () => Promise<T>): Promise<T> {
  try {
    const value = await act();
    if (!stop.signal.aborted) return value;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
  throw stopped(stop);
}

function refuseStopped(stop: StopSwitch): void {
  if (stop.signal.aborted) throw stopped(stop);
}

function stopped({ requested }: StopSwitch): CommandError {
  const signal = requested ?? "SIGTERM";
  return new CommandError(STOP_SIGNALS[signal], stoppedBeforeFirstRun(signal));
}
