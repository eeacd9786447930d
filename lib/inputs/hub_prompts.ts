import type { DatasetRequest } from "../hub/dataset_request.ts";
import { findDataset } from "../hub/find_dataset.ts";
import { hubEnvironment } from "../hub/hub_environment.ts";
import { downloadWork } from "./download_work.ts";
import type { InputsContext } from "./inputs_context.ts";
import { readJsonFile } from "./json_prompts.ts";
import { nameTextColumn, useOtherPrompts } from "./messages.ts";
import { readParquet } from "./parquet_prompts.ts";
import type { LocatedText, PromptRows, RowChoice } from "./located_text.ts";
import type { HubSource } from "./prompt_source.ts";

/** At most `most` rows of a dataset of the hub. Throws Problem. */
export async function readHubPrompts(
  source: HubSource,
  most: number,
  context: InputsContext,
): Promise<PromptRows> {
  const { hub, split, subset, revision, column } = source;
  const instead = useOtherPrompts();
  const request: DatasetRequest = { kind: "dataset", id: hub, split, subset, revision, instead };
  const { env, signal } = context;
  const found = await findDataset(request, { hub: hubEnvironment(env), ...downloadWork(context) });
  const choice: RowChoice = { column, remedy: nameTextColumn(hub) };
  const prompts: LocatedText[] = [];
  for await (const path of found.files) {
    for await (const prompt of readFile(path, choice, signal)) {
      prompts.push(prompt);
      if (prompts.length === most) break;
    }
    if (prompts.length === most) break;
  }
  const part = [subset, split].filter((word) => word !== null).join(" ");
  const name = `${found.name} ${part}`;
  return { origin: column === null ? name : `${name} ${column}`, name, prompts };
}

function readFile(path: string, choice: RowChoice, signal: AbortSignal): AsyncGenerator<LocatedText> {
  return path.endsWith(".parquet") ? readParquet(path, choice, signal) : readJsonFile(path, choice, signal);
}
