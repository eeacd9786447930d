import type { Image } from "../../experiment/inputs.ts";
import type { DockerCli } from "../../process/docker.ts";
import { findImage, findSameImage, type FoundImage } from "./image.ts";
import { othersStillPulled } from "./messages.ts";
import type { PullContext } from "./pull.ts";

/** A daemon reads three layers of each image at a time; more images share the same line and the same disk. */
const AT_ONCE = 3;

/** What images are looked for with. */
export interface ImageSearch extends Omit<PullContext, "beside_others"> {
  /** What a study that is gone on with began with, by the same keys. */
  readonly images?: ReadonlyMap<string, Image>;
}

/** The images of a study by what needs them, and a sentence for each that cannot be had. */
export interface FoundImages {
  readonly found: ReadonlyMap<string, Image>;
  readonly problems: readonly string[];
}

/** Finds the images of those names, the missing ones pulled side by side; what several keys need is looked for once. */
export async function findImages(
  cli: DockerCli,
  wanted: ReadonlyMap<string, string>,
  { images: began, ...context }: ImageSearch,
): Promise<FoundImages> {
  const searches = new Map([...wanted].map(([key, name]) => {
    const image = began?.get(key);
    return [image?.id ?? name, { name, image }] as const;
  }));
  const pull = { ...context, beside_others: searches.size > 1 };
  const answers = new Map<string, FoundImage>();
  const left = searches.entries();
  const takeFrom = async (): Promise<void> => {
    // One iterator for all: each takes what nobody else has taken.
    for (const [of, { name, image }] of left) {
      if (context.signal.aborted) return;
      const answer =
        await (image === undefined ? findImage(cli, name, pull) : findSameImage(cli, image, pull));
      answers.set(of, answer);
      // All problems are told together in the end, which may be an hour away.
      const isLast = answers.size === searches.size || context.signal.aborted;
      if ("problem" in answer && !isLast) context.say(`${answer.problem} ${othersStillPulled()}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, takeFrom));
  const found = new Map<string, Image>();
  const problems = new Set<string>();
  for (const [key, name] of wanted) {
    const answer = answers.get(began?.get(key)?.id ?? name);
    if (answer === undefined) continue;
    if ("image" in answer) found.set(key, answer.image);
    else problems.add(answer.problem);
  }
  return { found, problems: [...problems] };
}
