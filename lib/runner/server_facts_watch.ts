import { isJsonObject } from "../base/json.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { serverMeant } from "../experiment/own_server.ts";
import type { Measurement } from "../experiment/outcome.ts";
import { factsDifference, factWarnings, type ServerFacts } from "../results/server_facts.ts";
import type { RecordWarning } from "../results/warning.ts";

/** Compares what the servers of a study say of themselves, run after run, where the study asks for the same one. */
export class ServerFactsWatch {
  readonly #first = new Map<string, ServerFacts>();

  /** What of the server of this run is not as in the first run with it; nothing where it tells nothing. */
  warnings(config: ExperimentConfig, measurement: Measurement | null): readonly RecordWarning[] {
    const serving = measurement?.["serving"];
    const facts = isJsonObject(serving) ? serving["server_facts"] : null;
    const server = serverMeant(config);
    if (server === null || !isJsonObject(facts)) return [];
    const first = this.#first.get(server);
    if (first !== undefined) return factWarnings(factsDifference(first, facts));
    this.#first.set(server, facts);
    return [];
  }
}
