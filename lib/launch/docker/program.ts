import type { DockerCli } from "../../process/docker.ts";
import { resolveProgram } from "../../process/resolve_program.ts";
import { dockerProgramMissing } from "./messages.ts";

type Env = Readonly<Record<string, string>>;

/** The variables by which docker finds its daemon, its credentials and itself. */
const OWN =
  /^(DOCKER_.*|CONTAINERD?_.*|CONTAINERS_.*|NERDCTL_.*|HOME|PATH|XDG_.*|SSH_AUTH_SOCK|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY)$/;

/**
 * The docker program: LLEM_DOCKER names another one that takes the same commands. The text says why there is
 * none.
 */
export function findDocker(env: Env): { readonly cli: DockerCli } | { readonly problem: string } {
  const name = env["LLEM_DOCKER"] ?? "";
  const from = { baseDir: Deno.cwd(), searchPath: env["PATH"] ?? "/usr/bin:/bin" };
  const found = resolveProgram(name === "" ? "docker" : name, from);
  if (found.path === null) {
    return { problem: dockerProgramMissing(name === "" ? null : found.message) };
  }
  return { cli: { program: found.path, env: containerEnvironment(env) } };
}

/** What a program that makes containers needs of the environment. */
export function containerEnvironment(env: Env): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([variable]) => OWN.test(variable)));
}
