import type { Image } from "../../experiment/inputs.ts";
import { callDocker, type DockerCli } from "../../process/docker.ts";

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
  say(`pulling ${name}, which is not on this machine yet; images with an engine are many GB`);
  const onLine = (line: string): void => {
    if (!CHATTER.test(line)) say(`docker pull: ${line}`);
  };
  const pulled = await callDocker(cli, ["pull", name], { signal, onLine });
  const id = pulled.code === 0 ? await imageId(cli, name) : null;
  if (id !== null) return { image: { name, id } };
  const words = pulled.words === "" ? "docker pull left no such image" : pulled.words;
  return {
    problem: `runners: the image ${name} is not on this machine and cannot be pulled: ${words}. ` +
      "Pull or build it by hand, or name another one: docker:<image> in runners.",
  };
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
  const since = "problem" in now
    ? now.problem.replace(/\.$/, "")
    : `the name stands for ${now.image.id} by now`;
  return {
    problem:
      `runners: the image ${began.name} (${began.id}), with which the study began, is not on this machine ` +
      `any more: ${since}. Load it again (docker load), or start a new study.`,
  };
}

async function imageId(cli: DockerCli, name: string): Promise<string | null> {
  const args = ["image", "inspect", "--format", "{{.Id}}", name];
  const { code, stdout } = await callDocker(cli, args, { limit_ms: LIMIT_MS });
  const id = stdout.trim();
  return code === 0 && id !== "" ? id : null;
}
