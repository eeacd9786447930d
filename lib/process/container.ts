import { sleep } from "../base/abort.ts";
import { callDocker, type DockerCli, failureWords } from "./docker.ts";
import type { SpawnFailure } from "./spawn.ts";
import { containerNotStarted, containerRemovalTimedOut, containerStillListed } from "./messages.ts";

/** Labels of a container and their values. */
export type Labels = Readonly<Record<string, string>>;

/** The container of one attempt, from before it exists until after it is gone. */
export interface Container {
  /** Unique on this machine; no space, no `|`. */
  readonly name: string;
  /** Absolute path of the program that made it, where that is not the study's docker. */
  readonly program?: string;
  /** As the study names it. */
  readonly image: string;
  /** `sha256:...` of what is run. */
  readonly image_id: string;
  /** `owner/name@sha256:...`; left out where it came from no registry. */
  readonly image_digest?: string;
  /** What it was made of, as the program tells; left out where that was known before. */
  readonly made?: () => Promise<{ readonly name: string; readonly id: string } | null>;
  /**
   * Removes it with everything inside, wherever it is in its life. Null once it is gone, else why it may not
   * be.
   */
  remove(limitMs: number): Promise<string | null>;
}

/** What came of a removal. */
export interface Removal {
  /** Ids of containers that were there. */
  readonly found: readonly string[];
  /** Why some of them may be there still; null where none is. */
  readonly trouble: string | null;
}

/**
 * Kills and removes every container with all of these labels, and looks until none is left or the time is
 * up. Docker removes a container by itself once its process has ended (`--rm`), so one that is not there any
 * more is no trouble.
 */
export async function removeContainers(cli: DockerCli, labels: Labels, limitMs: number): Promise<Removal> {
  const filters = Object.entries(labels).flatMap(([name, value]) => ["--filter", `label=${name}=${value}`]);
  const endMs = performance.now() + limitMs;
  const found = new Set<string>();
  let trouble: string | null = null;
  for (let pauseMs = 10;; pauseMs = Math.min(pauseMs * 2, 500)) {
    const limit_ms = Math.ceil(endMs - performance.now());
    if (limit_ms <= 0) return { found: [...found], trouble: trouble ?? containerRemovalTimedOut() };
    const listed = await callDocker(cli, ["ps", "--all", "--quiet", "--no-trunc", ...filters], { limit_ms });
    const ids = listed.stdout.split("\n").filter((id) => id !== "");
    if (listed.code === 0 && ids.length === 0) return { found: [...found], trouble: null };
    if (listed.code !== 0) {
      // A last look that our own limit has cut short does not rename what was wrong before.
      if (trouble === null || performance.now() < endMs) trouble = `docker ps: ${listed.words}`;
    } else {
      for (const id of ids) found.add(id);
      const left = Math.max(1, Math.ceil(endMs - performance.now()));
      const removed = await callDocker(cli, ["rm", "--force", ...ids], { limit_ms: left });
      trouble = removed.code === 0 ? containerStillListed() : `docker rm: ${removed.words}`;
    }
    await sleep(pauseMs);
  }
}

/**
 * Exit codes of `docker run` that say that the command in the container was never started; see its manual.
 */
const START_FAILURES = [
  { code: 125, errno: "docker_failed" },
  { code: 126, errno: "docker_not_executable" },
  { code: 127, errno: "docker_not_found" },
] as const;
const MOST_WORDS = 3;

/**
 * Why a container's command never ran, from the exit code of `docker run` and what was said; null where it
 * may have run. Only for one that has not said hello: a program may end with these codes, too.
 */
export function containerFailure(code: number | null, said: () => readonly string[]): SpawnFailure | null {
  const failure = START_FAILURES.find((each) => each.code === code);
  if (failure === undefined) return null;
  const words = failureWords(said()).slice(-MOST_WORDS).join(" ");
  return { errno: failure.errno, message: containerNotStarted(failure.code, words) };
}
