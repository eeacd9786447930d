/** Answers of a hub's API that have no end, lead astray, or say what cannot be. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { apiFetch, UnfitAnswer } from "../../lib/hub/api_fetch.ts";
import { hubEnvironment } from "../../lib/hub/hub_environment.ts";
import { hubCommit, type HubFile, hubFiles, type HubRepository } from "../../lib/hub/hub_repository.ts";
import { USUAL_PACE } from "../../lib/hub/download_work.ts";
import { patientFetch } from "../../lib/hub/patient_fetch.ts";

const COMMIT = "a".repeat(40);
const FILE = { type: "file", path: "a.json", size: 1, oid: "b".repeat(40) };

interface Asked {
  readonly url: string;
  readonly authorization: string | null;
}

/** A hub that answers everything in one way. */
class OddHub implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly said: string[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(answer: (request: Request, hub: OddHub) => Response) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      this.asked.push({ url: request.url, authorization: request.headers.get("authorization") });
      return answer(request, this);
    });
  }

  get port(): number {
    return this.#server.addr.port;
  }

  get repository(): HubRepository {
    const endpoint = `http://127.0.0.1:${this.port}`;
    const hub = hubEnvironment({ HOME: "/nowhere", HF_ENDPOINT: endpoint, HF_TOKEN: "hf_sEcRet" });
    const work = {
      signal: new AbortController().signal,
      say: (line: string) => void this.said.push(line),
      pace: { ...USUAL_PACE, first_pause_ms: 5 },
    };
    return { kind: "dataset", id: "own/set", hub, fetch: patientFetch(hub, work) };
  }

  /** That a question ends with words that match, and is asked so often. */
  async refuses(ask: () => Promise<unknown>, words: RegExp, times = 1): Promise<void> {
    await assert.rejects(ask(), (error) => {
      assert.ok(error instanceof UnfitAnswer, String(error));
      assert.equal(error.isPassing, false);
      assert.match(error.message, /^http:\/\/127\S+ does not answer like a hub \(.*\)$/);
      assert.match(error.message, words);
      assert.ok(error.message.length < 400);
      return true;
    });
    assert.equal(this.asked.length, times);
    assert.deepEqual(this.said, []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function commitOf(hub: OddHub): Promise<string> {
  return hubCommit(hub.repository, "main");
}

function filesOf(hub: OddHub): Promise<readonly HubFile[]> {
  return hubFiles(hub.repository, COMMIT);
}

Deno.test("an answer without end is given up at 64 MiB", async () => {
  const piece = new Uint8Array(2 ** 20).fill(97);
  let sent = 0;
  await using hub = new OddHub(() => {
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(sent++ === 0 ? new TextEncoder().encode('{"sha":"') : piece);
      },
    });
    return new Response(body);
  });
  await hub.refuses(() => commitOf(hub), /it is longer than 64 MiB/);
  assert.ok(sent < 100, `${sent} MiB`);
});

Deno.test("what an answer holds is counted unpacked, and its pages together", async () => {
  const bomb = new Uint8Array(gzipSync(new Uint8Array(2 ** 21)));
  const packed = { "Content-Type": "application/json", "Content-Encoding": "gzip" };
  await using hub = new OddHub(() => new Response(bomb, { headers: packed }));
  const { hub: environment, fetch } = hub.repository;
  const ask = apiFetch(environment, fetch, () => null, 2 ** 20);
  await hub.refuses(() => ask(`${environment.endpoint}/api/x`), /it is longer than 1 MiB/);
  await using pages = new OddHub(() => Response.json("x".repeat(2 ** 19)));
  const { hub: other, fetch: hubFetch } = pages.repository;
  const askAll = apiFetch(other, hubFetch, () => null, 2 ** 20);
  await (await askAll(`${other.endpoint}/api/x`)).text();
  await pages.refuses(() => askAll(`${other.endpoint}/api/x?cursor=1`), /it is longer than 1 MiB/, 2);
});

Deno.test("pages that lead in a circle, to another host or on and on are not followed", async () => {
  const linked = (next: (request: Request, hub: OddHub) => string): OddHub =>
    new OddHub((request, hub) =>
      Response.json([FILE], { headers: { Link: `<${next(request, hub)}>; rel="next"` } })
    );
  await using circle = linked(({ url }) => url);
  await circle.refuses(() => filesOf(circle), /its pages form a circle/);
  await using round = linked(({ url }) =>
    url.includes("cursor") ? url.replace(/&cursor.*/, "") : `${url}&cursor=1`
  );
  await round.refuses(() => filesOf(round), /its pages form a circle/, 2);
  await using endless = linked(({ url }, { asked }) =>
    `${url.replace(/&cursor.*/, "")}&cursor=${asked.length}`
  );
  await endless.refuses(() => filesOf(endless), /it has more than 1000 pages/, 1000);
  // The same server by another name: not even the token would be seen there.
  await using away = linked((_, { port }) => `http://localhost:${port}/api/next`);
  await away.refuses(() => filesOf(away), /its next page is on another host, localhost:\d+/);
  assert.deepEqual(away.asked.map(({ authorization }) => authorization), ["Bearer hf_sEcRet"]);
  await using none = linked(() => "http://[::bad/");
  await none.refuses(() => filesOf(none), /its next page has no valid address/);
});

Deno.test("an API that says what cannot be is told in words", async () => {
  const lfs = { oid: "c".repeat(64), size: 1, pointerSize: 130 };
  const commits: readonly (readonly [unknown, RegExp])[] = [
    [null, /\(it is null\)/],
    [[], /\(it is a list\)/],
    [7, /\(it is 7\)/],
    [{}, /its commit is missing/],
    [{ sha: null }, /its commit is null/],
    [{ sha: "../../evil" }, /its commit is "\.\.\/\.\.\/evil"/],
    [{ sha: "A".repeat(1e6) }, /its commit is "A{70,80}\.\.\./],
  ];
  const listings: readonly (readonly [unknown, RegExp])[] = [
    [null, /its list of files is null/],
    [{}, /its list of files is an object/],
    [[FILE, null], /a file of its list is null/],
    [[{ ...FILE, path: 7 }], /a file of its list is named 7/],
    [[{ ...FILE, path: "\u009b2J".repeat(2000) }], /a file of its list is named "\\u009b2J/],
    [[{ ...FILE, size: -5 }], /it gives the size of "a\.json" as -5/],
    [[{ ...FILE, size: 1.5 }], /the size of .* as 1\.5/],
    [[{ ...FILE, size: 1e18 }], /the size of .* as 1000000000000000000/],
    [[{ ...FILE, size: "many" }], /the size of .* as "many"/],
    [[{ ...FILE, size: undefined }], /the size of .* as missing/],
    [[{ ...FILE, oid: undefined }], /it gives the hash of "a\.json" as missing/],
    [[{ ...FILE, oid: "../b" }], /it gives the hash of "a\.json" as "\.\.\/b"/],
    [[{ ...FILE, lfs: 7 }], /it gives the storage of "a\.json" as 7/],
    [[{ ...FILE, lfs: { ...lfs, oid: [1] } }], /it gives the hash of "a\.json" as a list/],
  ];
  let answer: unknown;
  for (const [cases, ask] of [[commits, commitOf], [listings, filesOf]] as const) {
    for (const [odd, words] of cases) {
      answer = odd;
      await using hub = new OddHub(() => Response.json(answer));
      await hub.refuses(() => ask(hub), words);
    }
  }
  await using deep = new OddHub(() => new Response("[".repeat(1e6)));
  await deep.refuses(() => filesOf(deep), /JSON/);
  await using sound = new OddHub(() =>
    Response.json([FILE, { type: "directory", path: "d" }, { ...FILE, path: "b.bin", lfs }])
  );
  assert.deepEqual(await filesOf(sound), [
    { path: "a.json", size_bytes: 1, etag: FILE.oid },
    { path: "b.bin", size_bytes: 1, etag: lfs.oid },
  ]);
});
