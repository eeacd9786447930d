import { monotonicMs } from "../../base/clock.ts";
import type { Image } from "../../experiment/inputs.ts";
import { callDocker, type DockerCli } from "../../process/docker.ts";
import {
  dockerPullLine,
  imageDiskFull,
  imageNotAllowed,
  imageUnavailable,
  pullingImage,
  pullLeftNoImage,
  stillPulling,
} from "./messages.ts";

/** A layer of many GB says nothing for minutes, which looks like a pull that hangs. */
const SILENCE_MS = 60_000;

/** What surrounds a pull. */
export interface PullContext {
  /** Ends it: the daemon gives up what nobody waits for. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Several are pulled side by side, so that each line has to name its image. Left out where one is. */
  readonly beside_others?: boolean;
  /** After so long without a line one of ours says that it goes on; a minute where it is left out. */
  readonly silence_ms?: number;
}

/** Pulls an image, which takes as long as it takes, and looks at it then. The text says, in docker's words, why there is none. */
export async function pullImage(
  cli: DockerCli,
  name: string,
  inspect: () => Promise<Image | null>,
  { signal, say, beside_others = false, silence_ms = SILENCE_MS }: PullContext,
): Promise<{ readonly image: Image } | { readonly problem: string }> {
  const beganMs = monotonicMs();
  const layers = new Layers();
  let timer = 0;
  const tell = (line: string): void => {
    say(line);
    clearTimeout(timer);
    timer = setTimeout(() => {
      tell(stillPulling(name, Math.round((monotonicMs() - beganMs) / 1000), layers.count));
    }, silence_ms);
  };
  tell(pullingImage(name));
  const onLine = (line: string): void => {
    const told = layers.tell(line);
    if (told !== null) tell(dockerPullLine(told, beside_others ? name : null));
  };
  const pulled = await callDocker(cli, ["pull", name], { signal, onLine }).finally(() => clearTimeout(timer));
  const image = pulled.code === 0 ? await inspect() : null;
  return image === null ? { problem: pullProblem(name, pulled.words) } : { image };
}

function pullProblem(name: string, words: string): string {
  if (/no space left on device|disk quota exceeded/i.test(words)) return imageDiskFull(name, words);
  // "denied" is also what a registry says of a repository that is not there, and docker adds that it may not exist.
  if (/unauthorized|authentication required|toomanyrequests|denied: /i.test(words)) {
    return imageNotAllowed(name, words);
  }
  return imageUnavailable(name, words === "" ? pullLeftNoImage() : words);
}

/** What `docker pull` says of every layer, of which only its end is told, with how many there are. */
class Layers {
  readonly #known = new Set<string>();
  readonly #done = new Set<string>();

  /** A line for people; null for one that is left out. */
  tell(line: string): string | null {
    const [, layer = "", state = ""] = /^([0-9a-z]+): (.+)$/.exec(line.trim()) ?? [];
    if (!STATES.has(state)) return line;
    this.#known.add(layer);
    if (!DONE.has(state)) return null;
    this.#done.add(layer);
    return state === "Pull complete" ? `${line.trim()} (${this.count})` : null;
  }

  /** `3 of 30`; null where docker has told of none. */
  get count(): string | null {
    return this.#known.size === 0 ? null : `${this.#done.size} of ${this.#known.size}`;
  }
}

const DONE: ReadonlySet<string> = new Set(["Pull complete", "Already exists"]);
const STATES: ReadonlySet<string> = new Set([
  ...DONE,
  "Waiting",
  "Pulling fs layer",
  "Verifying Checksum",
  "Download complete",
]);
