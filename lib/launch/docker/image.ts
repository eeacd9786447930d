import type { Image } from "../../experiment/inputs.ts";
import { callDocker, type DockerCli } from "../../process/docker.ts";
import { digestFor, isPinned } from "./image_name.ts";
import { imageNameMoved, nameMeansOtherImage, studyImageGone } from "./messages.ts";
import { type PullContext, pullImage } from "./pull.ts";

const LIMIT_MS = 10_000;

/** An image, or why there is none, as a sentence. */
export type FoundImage = { readonly image: Image } | { readonly problem: string };

/** The image of that name, pulled where it is not here. */
export async function findImage(cli: DockerCli, name: string, context: PullContext): Promise<FoundImage> {
  const known = await inspectImage(cli, name);
  if (known !== null) return { image: known };
  return await pullImage(cli, name, () => inspectImage(cli, name), context);
}

/**
 * The image that a study began with, however its name has moved on: the one that is here, else the one that its registry
 * gives for its digest, else what the name means now where that is the same.
 */
export async function findSameImage(cli: DockerCli, began: Image, context: PullContext): Promise<FoundImage> {
  if (await inspectImage(cli, began.id) !== null) {
    await tellMove(cli, began, context);
    return { image: began };
  }
  const { digest } = began;
  const now = await findImage(cli, digest ?? began.name, context);
  // By its digest it is the same whatever the id: that depends on how a daemon stores images.
  if ("image" in now && digest !== undefined) return { image: { ...began, id: now.image.id } };
  if ("image" in now && now.image.id === began.id) return now;
  const since = "problem" in now ? now.problem.replace(/\.$/, "") : nameMeansOtherImage(now.image.id);
  return { problem: studyImageGone(began.name, began.id, since) };
}

/** Says that the name of a study's image means another one by now. */
async function tellMove(cli: DockerCli, began: Image, { say }: PullContext): Promise<void> {
  if (isPinned(began.name)) return;
  const now = await inspectImage(cli, began.name);
  if (now !== null && now.id !== began.id) say(imageNameMoved(began.name, now.id, began.digest ?? began.id));
}

/** Null where no such image is here. */
async function inspectImage(cli: DockerCli, name: string): Promise<Image | null> {
  const args = ["image", "inspect", "--format", "{{.Id}} {{json .RepoDigests}}", name];
  const { code, stdout } = await callDocker(cli, args, { limit_ms: LIMIT_MS });
  const [, id = "", digests = ""] = /^(\S+) ?(.*)$/.exec(stdout.trim()) ?? [];
  if (code !== 0 || id === "") return null;
  const digest = digestFor(name, parseList(digests));
  return digest === null ? { name, id } : { name, id, digest };
}

/** Nothing where it is no list of texts: an image that was built here has no digest, and some programs say null. */
function parseList(text: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}
