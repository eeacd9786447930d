/**
 * A hub on this machine that speaks the part of the Hugging Face API which `@huggingface/hub` and Python's
 * `huggingface_hub` use to find and fetch files. It stands in for a service that tests cannot reach.
 */
import { createHash } from "node:crypto";

export type HubFiles = Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>;

export interface HubRequest {
  readonly method: string;
  /** With the query, as it came. */
  readonly path: string;
  readonly authorization: string | null;
  readonly range: string | null;
  readonly if_range: string | null;
}

export interface RepositoryOptions {
  /** Name of the commit; `main` is the default. */
  readonly branch?: string;
  /** Who does not show this token gets 401 or 403, as for a gated repository. */
  readonly token?: string;
  /** Strangers are refused the files alone: the hub describes a gated repository to everyone. */
  readonly isListed?: boolean;
}

/** What goes wrong with the bodies of files. */
export interface HubFaults {
  /** The connection is cut after so many bytes of a file. */
  cutAfterBytes?: number;
  /** The body of a file begins, and stays without an end until the client leaves. */
  stall?: boolean;
  /** Every request is answered with this status. */
  status?: number;
  /** What becomes of the next bodies of files, one each, parts included; what comes after the last is whole. */
  bodies?: BodyFault[];
}

/** What goes wrong with one body of a file. */
export type BodyFault =
  /** The connection is cut after so many bytes, or nothing more comes. */
  | { readonly kind: "cut" | "stall"; readonly after_bytes: number }
  /** All of it, whatever part was asked for. */
  | { readonly kind: "whole" }
  /** The first byte is another one. */
  | { readonly kind: "wrong" }
  /** Another ETag, as of a file that was replaced: a part is sent only to whoever asks without If-Range. */
  | { readonly kind: "replaced" }
  | { readonly kind: "refusal"; readonly status: number; readonly retry_after?: string };

type Kind = "model" | "dataset";
type Files = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

interface Repository {
  readonly id: string;
  readonly commits: Map<string, Files>;
  readonly branches: Map<string, string>;
  token: string | null;
  isListed: boolean;
}

/** A place in a repository that a request names. */
interface Place {
  readonly repository: Repository;
  readonly commit: string;
  readonly files: Files;
  /** What follows the revision. */
  readonly path: string;
}

const PAGE_ENTRIES = 1000;
/** As in a .gitattributes of the hub: these are stored apart and reached by a redirect. */
const LARGE_FILE = /\.(parquet|safetensors|bin|gguf)$/;

export class HubServer implements AsyncDisposable {
  readonly requests: HubRequest[] = [];
  readonly faults: HubFaults = {};
  /** Entries of a page of a file listing. */
  pageEntries = PAGE_ENTRIES;
  readonly #repositories = new Map<string, Repository>();
  readonly #large = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #closing = new AbortController();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    const { signal } = this.#closing;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, signal, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  /** For HF_ENDPOINT. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Publishes files as a commit of a repository and returns the commit. */
  add(kind: Kind, id: string, files: HubFiles, options: RepositoryOptions = {}): string {
    const bytes = new Map(Object.entries(files).map(([path, file]) => [path, bytesOf(file)]));
    const hash = createHash("sha1").update(id);
    for (const [path, file] of bytes) {
      hash.update(path).update(file);
      if (LARGE_FILE.test(path)) this.#large.set(sha256(file), file);
    }
    const commit = hash.digest("hex");
    const key = `${kind}:${id}`;
    const repository = this.#repositories.get(key) ??
      { id, commits: new Map(), branches: new Map(), token: null, isListed: false };
    repository.commits.set(commit, bytes);
    repository.branches.set(options.branch ?? "main", commit);
    repository.token = options.token ?? repository.token;
    repository.isListed = options.isListed ?? repository.isListed;
    this.#repositories.set(key, repository);
    return commit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#server.finished;
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    this.requests.push({
      method: request.method,
      path: pathname + search,
      authorization: request.headers.get("authorization"),
      range: request.headers.get("range"),
      if_range: request.headers.get("if-range"),
    });
    if (this.faults.status !== undefined) return refusal(this.faults.status, null, "told to fail");
    try {
      return await this.#route(request);
    } catch (error) {
      if (error instanceof Refusal) return refusal(error.status, error.code, error.message);
      throw error;
    }
  }

  #route(request: Request): Response | Promise<Response> {
    const url = new URL(request.url);
    const stored = /^\/stored\/([0-9a-f]{64})$/.exec(url.pathname)?.[1];
    if (stored !== undefined) return this.#stored(request, stored);
    const api = /^\/api\/(model|dataset)s\/(.+?)(?:\/(revision|tree|paths-info)\/(.+))?$/.exec(url.pathname);
    if (api !== null) {
      const [, kind, id = "", action = "revision", rest = "HEAD"] = api;
      const place = this.#find(request, kind === "dataset" ? "dataset" : "model", id, rest);
      if (action === "revision") {
        return Response.json(infoOf(place, url.searchParams.get("blobs") === "true"));
      }
      return action === "tree" ? this.#tree(url, place) : pathsInfo(request, place);
    }
    const [, dataset, id = "", rest = ""] =
      /^\/(datasets\/)?([^/]+(?:\/[^/]+)?)\/resolve\/(.+)$/.exec(url.pathname) ?? [];
    return this.#resolve(request, this.#find(request, dataset === undefined ? "model" : "dataset", id, rest));
  }

  #find(request: Request, kind: Kind, id: string, rest: string): Place {
    const repository = this.#repositories.get(`${kind}:${decodeURIComponent(id)}`);
    const shown = request.headers.get("authorization");
    if (repository === undefined) {
      // The hub does not tell strangers which private repositories there are.
      throw new Refusal(shown === null ? 401 : 404, "RepoNotFound", "Repository not found");
    }
    const isOpen = repository.token === null || repository.isListed && request.url.includes("/api/");
    if (!isOpen && shown !== `Bearer ${repository.token}`) {
      throw new Refusal(shown === null ? 401 : 403, "GatedRepo", `Access to ${kind} ${id} is restricted`);
    }
    return { repository, ...revisionIn(repository, decodeURIComponent(rest)) };
  }

  #tree(url: URL, { files, path }: Place): Response {
    const entries = entriesOf(files, path, /^true$/i.test(url.searchParams.get("recursive") ?? ""));
    if (entries.length === 0) throw new Refusal(404, "EntryNotFound", `${path} does not exist`);
    const start = Number(url.searchParams.get("cursor") ?? 0);
    const end = start + this.pageEntries;
    const headers = new Headers();
    if (end < entries.length) {
      url.searchParams.set("cursor", String(end));
      headers.set("Link", `<${url.href}>; rel="next"`);
    }
    return Response.json(entries.slice(start, end), { headers });
  }

  #resolve(request: Request, { commit, files, path }: Place): Response {
    const file = files.get(path);
    if (file === undefined) throw new Refusal(404, "EntryNotFound", `${path} does not exist`, commit);
    const headers = new Headers({ "X-Repo-Commit": commit });
    if (!LARGE_FILE.test(path)) {
      headers.set("ETag", `"${gitHash(file)}"`);
      return this.#body(request, file, headers);
    }
    const etag = sha256(file);
    headers.set("X-Linked-Etag", `"${etag}"`);
    headers.set("X-Linked-Size", String(file.length));
    headers.set("ETag", `"${gitHash(file)}"`);
    // Another host, as on the real hub: a token must not be sent on to it.
    headers.set("Location", `http://localhost:${this.#server.addr.port}/stored/${etag}`);
    return new Response(null, { status: 302, headers });
  }

  #stored(request: Request, hash: string): Response {
    const file = this.#large.get(hash);
    if (file === undefined) throw new Refusal(404, null, "no such object");
    return this.#body(request, file, new Headers({ ETag: `"${hash}"` }));
  }

  #body(request: Request, file: Uint8Array<ArrayBuffer>, headers: Headers): Response {
    const fault = request.method === "HEAD" ? undefined : this.faults.bodies?.shift();
    if (fault?.kind === "refusal") {
      const { status, retry_after } = fault;
      return new Response(null, {
        status,
        headers: retry_after === undefined ? {} : { "Retry-After": retry_after },
      });
    }
    if (fault?.kind === "replaced") headers.set("ETag", '"another"');
    const wanted = request.headers.get("if-range");
    const takesPart = fault?.kind !== "whole" && (wanted === null || wanted === headers.get("ETag"));
    const range = takesPart ? /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "") : null;
    const start = Number(range?.[1] ?? 0);
    const end = range?.[2] ? Math.min(Number(range[2]) + 1, file.length) : file.length;
    headers.set("Accept-Ranges", "bytes");
    headers.set("Content-Type", "application/octet-stream");
    if (range !== null && start >= file.length) {
      headers.set("Content-Range", `bytes */${file.length}`);
      return new Response(null, { status: 416, headers });
    }
    const part = fault?.kind === "wrong" ? spoilt(file.subarray(start, end)) : file.subarray(start, end);
    headers.set("Content-Length", String(part.length));
    if (range !== null) headers.set("Content-Range", `bytes ${start}-${end - 1}/${file.length}`);
    const status = range === null ? 200 : 206;
    const ends = fault?.kind === "cut" || fault?.kind === "stall" ? fault : null;
    const body = request.method === "HEAD"
      ? null
      : ends !== null
      ? endingEarly(part.subarray(0, ends.after_bytes), ends.kind)
      : range === null
      ? this.#spoilt(part)
      : part;
    return new Response(body, { status, headers });
  }

  /** A whole file as the faults let it through. */
  #spoilt(file: Uint8Array<ArrayBuffer>): BodyInit {
    const { cutAfterBytes, stall } = this.faults;
    if (cutAfterBytes === undefined && stall !== true) return file;
    const first = file.subarray(0, cutAfterBytes ?? Math.min(1, file.length));
    return endingEarly(first, stall === true ? "stall" : "cut");
  }
}

function endingEarly(first: Uint8Array<ArrayBuffer>, how: "cut" | "stall"): BodyInit {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(first);
    },
    async pull(controller) {
      if (how === "stall") return await new Promise<void>(() => {});
      // What was sent is to arrive: an error at once takes it back.
      await new Promise((resolve) => setTimeout(resolve, 20));
      controller.error(new Error("cut by the test"));
    },
  });
}

function spoilt(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const other = bytes.slice();
  other[0] = (other[0] ?? 0) ^ 1;
  return other;
}

/** An answer that is no success, as the hub words it. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string | null,
    message: string,
    readonly commit: string | null = null,
  ) {
    super(message);
  }
}

function refusal(status: number, code: string | null, message: string): Response {
  const headers = new Headers({ "X-Error-Message": message });
  if (code !== null) headers.set("X-Error-Code", code);
  return Response.json({ error: message }, { status, headers });
}

/** The longest name of a revision that `rest` begins with; names have slashes too. */
function revisionIn(repository: Repository, rest: string): Pick<Place, "commit" | "files" | "path"> {
  const { branches, commits } = repository;
  const names = new Map([...branches, ...[...commits.keys()].map((hash) => [hash, hash] as const)]);
  const main = branches.get("main");
  if (main !== undefined) names.set("HEAD", main);
  const name = [...names.keys()].filter((each) => rest === each || rest.startsWith(`${each}/`))
    .toSorted((one, other) => other.length - one.length)[0];
  const commit = names.get(name ?? "");
  const files = commits.get(commit ?? "");
  if (name === undefined || commit === undefined || files === undefined) {
    throw new Refusal(404, "RevisionNotFound", `Invalid rev id: ${rest}`);
  }
  return { commit, files, path: rest.slice(name.length + 1) };
}

function infoOf({ repository, commit, files }: Place, withSizes: boolean): unknown {
  return {
    _id: commit.slice(0, 24),
    id: repository.id,
    modelId: repository.id,
    sha: commit,
    private: false,
    gated: repository.token === null ? false : "manual",
    disabled: false,
    downloads: 0,
    likes: 0,
    tags: [],
    createdAt: "2024-01-01T00:00:00.000Z",
    lastModified: "2024-01-01T00:00:00.000Z",
    siblings: [...files].map(([rfilename, { length }]) =>
      withSizes ? { rfilename, size: length } : { rfilename }
    ),
  };
}

function entriesOf(files: Files, below: string, recursive: boolean): unknown[] {
  const prefix = below === "" ? "" : `${below.replace(/\/$/, "")}/`;
  const folders = new Set<string>();
  const entries: unknown[] = [];
  for (const [path, file] of files) {
    if (!path.startsWith(prefix)) continue;
    const parts = path.slice(prefix.length).split("/");
    for (let depth = 1; depth < (recursive ? parts.length : Math.min(parts.length, 2)); depth++) {
      folders.add(prefix + parts.slice(0, depth).join("/"));
    }
    if (recursive || parts.length === 1) entries.push(entryOf(path, file));
  }
  return [
    ...[...folders].map((path) => ({ type: "directory", path, size: 0, oid: "0".repeat(40) })),
    ...entries,
  ];
}

function entryOf(path: string, file: Uint8Array): unknown {
  const lfs = LARGE_FILE.test(path)
    ? { lfs: { oid: sha256(file), size: file.length, pointerSize: 130 } }
    : {};
  return { type: "file", path, size: file.length, oid: gitHash(file), ...lfs };
}

async function pathsInfo(request: Request, { commit, files }: Place): Promise<Response> {
  const text = await request.text();
  const form = new URLSearchParams(text);
  const paths: readonly string[] = text.startsWith("{") ? JSON.parse(text).paths : form.getAll("paths");
  const lastCommit = { id: commit, title: "published", date: "2024-01-01T00:00:00.000Z" };
  return Response.json(paths.flatMap((path) => {
    const file = files.get(path);
    return file === undefined ? [] : [Object.assign({ lastCommit }, entryOf(path, file))];
  }));
}

function bytesOf(file: string | Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return typeof file === "string" ? new TextEncoder().encode(file) : file;
}

/** Hash of a file in git. */
function gitHash(file: Uint8Array): string {
  return createHash("sha1").update(`blob ${file.length}\0`).update(file).digest("hex");
}

function sha256(file: Uint8Array): string {
  return createHash("sha256").update(file).digest("hex");
}
