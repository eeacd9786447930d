import type { Image } from "../../experiment/inputs.ts";
import { callDocker, type DockerCli } from "../../process/docker.ts";
import {
  dockerPullLine,
  imageDiskFull,
  imageNotAllowed,
  imageUnavailable,
  pullingImage,
  pullLeftNoImage,
} from "./messages.ts";

/** What surrounds a pull. */
export interface PullContext {
  /** Ends it: the daemon gives up what nobody waits for. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Several are pulled side by side, so that each line has to name its image. Left out where one is. */
  readonly beside_others?: boolean;
}

/** Pulls an image, which takes as long as it takes, and looks at it then. The text says, in docker's words, why there is none. */
export async function pullImage(
  cli: DockerCli,
  name: string,
  inspect: () => Promise<Image | null>,
  { signal, say, beside_others = false }: PullContext,
): Promise<{ readonly image: Image } | { readonly problem: string }> {
  say(pullingImage(name));
  const layers = new Layers();
  const onLine = (line: string): void => {
    const told = layers.tell(line);
    if (told !== null) say(dockerPullLine(told, beside_others ? name : null));
  };
  const pulled = await callDocker(cli, ["pull", name], { signal, onLine });
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
    return state === "Pull complete" ? `${line.trim()} (${this.#done.size} of ${this.#known.size})` : null;
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
