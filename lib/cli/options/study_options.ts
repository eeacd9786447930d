import { type Command as Commander, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { BACKENDS, DEFAULT_BACKEND } from "../../experiment/engines.ts";
import { CYCLE_ORDERS, PARALLEL_MODES } from "../../study/execution.ts";
import { backendHelp, notASetting, notAWidth, orderHelp, parallelHelp, STUDY_HELP } from "./messages.ts";
import { pathArgument } from "./path_argument.ts";
import type { Override } from "../../study/study.ts";

/** Flags of `run` and `plan` and the paths they stand for. A plain text is taken as it is, any other read as YAML. */
const STUDY_FLAGS = [
  { option: "model", path: "model", source: "--model", plain: true },
  { option: "backend", path: "backend", source: "--backend", plain: true },
  { option: "dataset", path: "dataset", source: "--dataset", plain: true },
  { option: "prompts", path: "n", source: "-n", plain: false },
  { option: "n", path: "n", source: "-n", plain: false },
  { option: "inputLen", path: "dataset.input_len", source: "--input-len", plain: false },
  { option: "outputLen", path: "dataset.output_len", source: "--output-len", plain: false },
  { option: "precision", path: "precision", source: "--precision", plain: true },
  { option: "batchSize", path: "pytorch.batch_size", source: "--batch-size", plain: false },
  { option: "server", path: "openai.base_url", source: "--server", plain: true },
  { option: "concurrency", path: "openai.concurrency", source: "--concurrency", plain: false },
  { option: "rate", path: "openai.load.rate", source: "--rate", plain: false },
  { option: "cycles", path: "execution.n_cycles", source: "--cycles", plain: false },
  { option: "minCycles", path: "execution.min_cycles", source: "--min-cycles", plain: false },
  { option: "maxCycles", path: "execution.max_cycles", source: "--max-cycles", plain: false },
  { option: "timeBudget", path: "execution.time_budget_seconds", source: "--time-budget", plain: false },
  { option: "order", path: "execution.cycle_order", source: "--order", plain: true },
  { option: "parallel", path: "execution.parallel", source: "--parallel", plain: true },
  { option: "seed", path: "execution.shuffle_seed", source: "--seed", plain: false },
] as const;

/** Flags of `run` alone. */
const RUN_FLAGS = [
  { option: "timeout", path: "execution.experiment_timeout_seconds", source: "--timeout" },
  { option: "retries", path: "execution.retries", source: "--retries" },
  { option: "maxFailures", path: "execution.max_failures", source: "--max-failures" },
  { option: "giveUpAfter", path: "execution.give_up_after", source: "--give-up-after" },
] as const;

/** What commander makes of the options of {@link studyOptions}, as far as it is looked at by name. */
export type StudyOptions = {
  set?: Override[] | undefined;
  model?: string | undefined;
  server?: string | undefined;
  until?: Record<string, string> | undefined;
};

type Values = Readonly<Record<string, unknown>>;

/**
 * Adds the options by which both `run` and `plan` make a study. Each in a statement of its own, since types that grow
 * over a chain this long take the compiler minutes.
 */
export function studyOptions(
  command: Commander<[]>,
  about: string,
): Commander<[string | undefined], StudyOptions> {
  command.argument("[study]", about, pathArgument);
  command.option("-m, --model <model>", STUDY_HELP.model);
  command.option("-b, --backend <backend>", backendHelp(BACKENDS, DEFAULT_BACKEND));
  command.option("-d, --dataset <dataset>", STUDY_HELP.dataset);
  command.option("-n, --prompts <n>", STUDY_HELP.prompts);
  command.addOption(new Option("--n <n>").hideHelp());
  command.option("--input-len <n>", STUDY_HELP.inputLen);
  command.option("--output-len <n>", STUDY_HELP.outputLen);
  command.option("-p, --precision <precision>", STUDY_HELP.precision);
  command.option("--batch-size <n>", STUDY_HELP.batchSize);
  command.option("--server <url>", STUDY_HELP.server);
  command.option("--concurrency <n>", STUDY_HELP.concurrency);
  command.option("--rate <n>", STUDY_HELP.rate);
  command.option("--set <key=value>", STUDY_HELP.set, collectSetting);
  command.option("--cycles <n>", STUDY_HELP.cycles);
  command.option("--until <metric=width>", STUDY_HELP.until, collectWidth);
  command.option("--min-cycles <n>", STUDY_HELP.minCycles);
  command.option("--max-cycles <n>", STUDY_HELP.maxCycles);
  command.option("--time-budget <seconds>", STUDY_HELP.timeBudget);
  command.option("--order <order>", orderHelp(CYCLE_ORDERS));
  command.option("--parallel <mode>", parallelHelp(PARALLEL_MODES));
  command.option("--seed <n>", STUDY_HELP.seed);
  return command as unknown as Commander<[string | undefined], StudyOptions>;
}

function collectSetting(text: string, before: Override[] | undefined): Override[] {
  const cut = text.indexOf("=");
  if (cut <= 0) throw new InvalidArgumentError(notASetting(text));
  return [...before ?? [], { path: text.slice(0, cut).trim(), text: text.slice(cut + 1), source: "--set" }];
}

/** Names of metrics may hold dots, so that they make one value and no path. */
function collectWidth(text: string, before: Record<string, string> = {}): Record<string, string> {
  const cut = text.lastIndexOf("=");
  if (cut <= 0) throw new InvalidArgumentError(notAWidth(text));
  return { ...before, [text.slice(0, cut).trim()]: text.slice(cut + 1).trim() };
}

/** What the options of {@link studyOptions} set. */
export function studyOverrides(
  options: Values & StudyOptions,
): Override[] {
  const flags = STUDY_FLAGS.flatMap(({ option, path, source, plain }): Override[] => {
    const text = options[option];
    if (typeof text !== "string") return [];
    return [plain && !isFlow(text) ? { path, value: text, source } : { path, text, source }];
  });
  const { until } = options;
  const widths: Override[] = until === undefined
    ? []
    : [{ path: "execution.until", value: until, source: "--until" }];
  return [...options.set ?? [], ...flags, ...widths];
}

/** What the options of `run` alone set. */
export function runOverrides(
  options: Values & { readonly devices?: string[] | undefined },
): Override[] {
  const overrides = RUN_FLAGS.flatMap(({ option, path, source }): Override[] => {
    const text = options[option];
    return typeof text === "string" ? [{ path, text, source }] : [];
  });
  const { devices } = options;
  if (devices !== undefined) {
    overrides.push({ path: "execution.devices", value: devices, source: "--devices" });
  }
  if (options["gaps"] === false) {
    overrides.push({ path: "execution.experiment_gap_seconds", value: 0, source: "--no-gaps" });
    overrides.push({ path: "execution.cycle_gap_seconds", value: 0, source: "--no-gaps" });
  }
  return overrides;
}

/** True for `[a, b]` and `{ key: value }`: several values, or a mapping, in place of a name. */
function isFlow(text: string): boolean {
  return /^\s*(?:\[[^]*\]|\{[^]*\})\s*$/.test(text);
}
