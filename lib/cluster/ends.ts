import { isJsonObject, type JsonObject, jsonObjectIn } from "../base/json.ts";
import { SHARED, type SharedFiles } from "./shared_files.ts";

/** A run, whichever attempt. */
interface OfRun {
  readonly config_hash: string;
  readonly cycle: number;
}

/** The one end that a run has in a round. A further round is begun only by whoever asks for what failed again. */
export interface SharedEnd {
  /** 1-based. */
  readonly round: number;
  /** Whose attempt it is, and the journal's line of it; both null where the file was cut off by a crash. */
  readonly agent: string | null;
  readonly finished: JsonObject | null;
}

/** The name of an end in the folder of ends. */
export function endName({ config_hash, cycle }: OfRun, round: number): string {
  return `${config_hash}-c${cycle}${round === 1 ? "" : `.r${round}`}`;
}

/**
 * Who of several agents has made a run: the first to put its end there. The end holds the journal's line of the attempt, so
 * that an agent that dies before it has written the line has lost nothing.
 */
export class Ends {
  readonly #files: SharedFiles;
  readonly #agent: string;

  constructor(files: SharedFiles, agent: string) {
    this.#files = files;
    this.#agent = agent;
  }

  /** The end of a run in its last round; null where it has none. */
  last(run: OfRun): SharedEnd | null {
    let end: SharedEnd | null = null;
    for (let round = 1;; round++) {
      const text = this.#files.read(pathOf(run, round));
      if (text === null) return end;
      end = endIn(text, round);
    }
  }

  /** True where this attempt is the end of the run in that round, false where another one is. Throws SaveError. */
  take(run: OfRun, round: number, finished: JsonObject): boolean {
    const name = pathOf(run, round);
    const text = `${JSON.stringify({ agent: this.#agent, finished })}\n`;
    if (this.#files.create(name, text)) return true;
    const found = this.#files.read(name);
    return found !== null && isSame(endIn(found, round), this.#agent, finished);
  }
}

/** An end as its file tells it. */
export function endIn(text: string, round: number): SharedEnd {
  const { agent, finished } = jsonObjectIn(text) ?? {};
  return typeof agent === "string" && isJsonObject(finished)
    ? { round, agent, finished }
    : { round, agent: null, finished: null };
}

/** Attempts have names of their own (mkdir decides), so that the run's identity tells them apart. */
function isSame({ agent, finished }: SharedEnd, own: string, mine: JsonObject): boolean {
  return agent === own && finished?.["run_id"] === mine["run_id"];
}

function pathOf(run: OfRun, round: number): string {
  return `${SHARED.ends}/${endName(run, round)}`;
}
