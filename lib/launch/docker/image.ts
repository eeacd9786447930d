import type { Image } from "../../experiment/inputs.ts";
import { callDocker, type DockerCli } from "../../process/docker.ts";
import {
  dockerPullLine,
  imageUnavailable,
  nameMeansOtherImage,
  pullingImage,
  pullLeftNoImage,
  studyImageGone,
} from "./messages.ts";

const LIMIT_MS = 10_000;
/** What `docker pull` says of every layer many times over. */
const CHATTER = /: (Waiting|Pulling fs layer|Verifying Checksum|Download complete)$/;

/**
 * The image of that name, pulled where it is not here. The text says, in docker's words, why there is none.
 */
export async function findImage(
  cli: DockerCli,
  name: string,
  { signal, say }: { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<{ readonly image: Image } | { readonly problem: string }> {
  const known = await imageId(cli, name);
  if (known !== null) return { image: { name, id: known } };
  say(pullingImage(name));
  const onLine = (line: string): void => {
    if (!CHATTER.test(line)) say(dockerPullLine(line));
  };
  const pulled = await callDocker(cli, ["pull", name], { signal, onLine });
  const id = pulled.code === 0 ? await imageId(cli, name) : null;
  if (id !== null) return { image: { name, id } };
  const words = pulled.words === "" ? pullLeftNoImage() : pulled.words;
  return { problem: imageUnavailable(name, words) };
}

/** The image that a study began with, however its name has moved on. */
export async function findSameImage(
  cli: DockerCli,
  began: Image,
  how: Parameters<typeof findImage>[2],
): ReturnType<typeof findImage> {
  if (await imageId(cli, began.id) !== null) return { image: began };
  const now = await findImage(cli, began.name, how);
  if ("image" in now && now.image.id === began.id) return now;
  const since = "problem" in now ? now.problem.replace(/\.$/, "") : nameMeansOtherImage(now.image.id);
  return { problem: studyImageGone(began.name, began.id, since) };
}

async function imageId(cli: DockerCli, name: string): Promise<string | null> {
  const args = ["image", "inspect", "--format", "{{.Id}}", name];
  const { code, stdout } = await callDocker(cli, args, { limit_ms: LIMIT_MS });
  const id = stdout.trim();
  return code === 0 && id !== "" ? id : null;
}
