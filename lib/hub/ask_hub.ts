import type { HubEnvironment } from "./hub_environment.ts";

/** A file of a repository; the size is null where the hub does not tell. */
export interface HubFile {
  readonly name: string;
  readonly bytes: number | null;
}

/** What the hub knows of a model at a branch, tag or commit. */
export interface HubModel {
  /** 40 hex digits. */
  readonly commit: string;
  readonly files: readonly HubFile[];
}

/** Why the hub gives no answer to work with. */
export interface HubRefusal {
  readonly refusal: "no_repository" | "no_revision" | "gated" | "bad_token" | "unreachable";
  /** For people: the status, or what the network said. */
  readonly detail: string;
}

/** Longer silences are a hub that cannot be reached. */
const ANSWER_MS = 15_000;

/** Asks for the commit and the files of a model. Throws where `signal` aborts, and for nothing else. */
export async function askHub(
  hub: HubEnvironment,
  id: string,
  revision: string | null,
  signal: AbortSignal,
): Promise<HubModel | HubRefusal> {
  const at = encodeURIComponent(revision ?? "main");
  const answer = await call(hub, `/api/models/${id}/revision/${at}?blobs=true`, "GET", signal);
  if ("refusal" in answer) return answer;
  const model = modelOf(await jsonOf(answer));
  signal.throwIfAborted();
  if (model === null) return { refusal: "unreachable", detail: "its answer is not the hub's" };
  // The hub describes a gated model to everyone; only its files tell who may have them.
  const [file] = model.files;
  if (file === undefined) return model;
  const path = file.name.split("/").map(encodeURIComponent).join("/");
  const access = await call(hub, `/${id}/resolve/${model.commit}/${path}`, "HEAD", signal);
  return "refusal" in access ? access : model;
}

async function call(
  { endpoint, token }: HubEnvironment,
  path: string,
  method: string,
  signal: AbortSignal,
): Promise<Response | HubRefusal> {
  try {
    const response = await fetch(endpoint + path, {
      method,
      headers: token === null ? {} : { Authorization: `Bearer ${token}` },
      // A file's own place is elsewhere, and does not matter. The API moves with a repository that was renamed.
      redirect: method === "HEAD" ? "manual" : "follow",
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    if (response.status < 400) return response;
    await response.body?.cancel();
    return refusalOf(response, token !== null);
  } catch (error) {
    signal.throwIfAborted();
    return { refusal: "unreachable", detail: causeOf(error) };
  }
}

function refusalOf({ status, headers }: Response, hasToken: boolean): HubRefusal {
  const code = headers.get("X-Error-Code");
  const detail = `status ${status}${code === null ? "" : `, ${code}`}`;
  if (code === "GatedRepo" || status === 403) return { refusal: "gated", detail };
  if (code === "RevisionNotFound") return { refusal: "no_revision", detail };
  // Without a token the hub answers 401 also where there is no such repository.
  if (status === 401 && hasToken && code !== "RepoNotFound") return { refusal: "bad_token", detail };
  if (status === 401 || status === 404) return { refusal: "no_repository", detail };
  return { refusal: "unreachable", detail: `it answers with ${detail}` };
}

function causeOf(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === "TimeoutError") return `no answer within ${ANSWER_MS / 1000} s`;
  const said = (cause instanceof Error ? cause.message : message).split("\n")[0] ?? "";
  // The address, which the caller names anyway, and the layers of the client.
  return said.replace(/^error sending request for url \(.*?\): /, "").replace(/^client error \(\w+\): /, "");
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

interface InfoAnswer {
  readonly sha?: unknown;
  readonly siblings?: readonly { readonly rfilename: string; readonly size?: number | null }[];
}

function modelOf(value: unknown): HubModel | null {
  const { sha, siblings } = (value ?? {}) as InfoAnswer;
  if (typeof sha !== "string" || !/^[0-9a-f]{40}$/.test(sha) || !Array.isArray(siblings)) return null;
  return {
    commit: sha,
    files: siblings.map(({ rfilename, size }) => ({ name: rfilename, bytes: size ?? null })),
  };
}
