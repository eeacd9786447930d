import { canonicalJson } from "../base/canonical_json.ts";
import { Problem } from "../base/problem.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import type { PromptsFile } from "../experiment/inputs.ts";
import type { InputsContext } from "./inputs_context.ts";
import type { PromptRows } from "./located_text.ts";
import { tooFewPrompts } from "./messages.ts";
import { arrange, type PromptOrder } from "./prompt_order.ts";
import { type PromptSource, promptSource } from "./prompt_source.ts";
import { writePrompts, type WrittenPrompts } from "./prompts_file.ts";
import { readPrompts } from "./read_prompts.ts";
import { promptsKey } from "./study_inputs.ts";

/** Prompts by `promptsKey`, their texts by path, and a sentence for each dataset that cannot be read. */
export interface MaterialisedPrompts {
  readonly prompts: ReadonlyMap<string, PromptsFile>;
  readonly texts: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  readonly problems: readonly string[];
}

/** Some prompts of a dataset that some configurations want. */
interface Wish {
  readonly key: string;
  readonly source: PromptSource;
  readonly order: PromptOrder;
  readonly count: number;
}

/** Reads every dataset of the configurations once, and writes down what each of them runs. Throws where aborted. */
export async function materialisePrompts(
  configs: readonly ExperimentConfig[],
  context: InputsContext,
): Promise<MaterialisedPrompts> {
  const prompts = new Map<string, PromptsFile>();
  const texts = new Map<string, Uint8Array<ArrayBuffer>>();
  const { wishes, problems } = wishesOf(configs, context);
  for (const [source, alike] of bySource(wishes)) {
    const rows = await collecting(problems, () => rowsFor(source, alike, context));
    if (rows === null) continue;
    for (const wish of alike) {
      const written = await collecting(problems, () => fulfil(wish, rows));
      if (written === null) continue;
      prompts.set(wish.key, written.file);
      texts.set(written.file.path, written.text);
    }
  }
  return { prompts, texts, problems: [...problems] };
}

function wishesOf(
  configs: readonly ExperimentConfig[],
  { base_dir, env }: InputsContext,
): { wishes: Wish[]; problems: Set<string> } {
  const wishes = new Map<string, Wish>();
  const problems = new Set<string>();
  for (const config of configs) {
    try {
      const source = promptSource(config, base_dir, env);
      if (source === null) continue;
      const order = { kind: config.dataset_order, seed: config.random_seed };
      const key = promptsKey(config);
      if (!wishes.has(key)) wishes.set(key, { key, source, order, count: config.n });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problems.add(error.message);
    }
  }
  return { wishes: [...wishes.values()], problems };
}

function bySource(wishes: readonly Wish[]): [PromptSource, Wish[]][] {
  const groups = Map.groupBy(wishes, ({ source }) => canonicalJson({ ...source }));
  return [...groups.values()].flatMap((alike) => alike[0] === undefined ? [] : [[alike[0].source, alike]]);
}

/** The rows that all of these wishes, of one dataset, can be met from: its beginning, or all of it. */
function rowsFor(source: PromptSource, wishes: readonly Wish[], context: InputsContext): Promise<PromptRows> {
  const counts = wishes.map(({ order, count }) => order.kind === "interleaved" ? count : Infinity);
  return readPrompts(source, counts.reduce((most, count) => Math.max(most, count), 0), context);
}

function fulfil({ source, order, count }: Wish, { prompts, origin, name }: PromptRows): WrittenPrompts {
  const { length } = prompts;
  if (length >= count) return writePrompts(arrange(prompts, order).slice(0, count), origin);
  throw new Problem(tooFewPrompts(name, { has: length, needs: count, isFile: source.kind === "file" }));
}

/** Null where it was a problem of the user's, which is then among the others. */
async function collecting<T>(problems: Set<string>, action: () => T | Promise<T>): Promise<T | null> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    problems.add(error.message);
    return null;
  }
}
