/** Downloads against a hub on this machine that breaks off, stalls, refuses and lies. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { downloadFiles } from "../../lib/hub/download.ts";
import {
  type DownloadState,
  type DownloadWork,
  type LockTry,
  type Pace,
  USUAL_PACE,
} from "../../lib/hub/download_work.ts";
import { hubEnvironment } from "../../lib/hub/hub_environment.ts";
import { HubRefusal, HubUnreachable } from "../../lib/hub/hub_fetch.ts";
import { hubCommit, hubFiles, type HubRepository } from "../../lib/hub/hub_repository.ts";
import { patientFetch } from "../../lib/hub/patient_fetch.ts";
import { trySharedLock } from "../../lib/storage/lock.ts";
import "../support/libc.ts";
import { type BodyFault, HubServer } from "../support/hub_server.ts";
import { until } from "../support/program.ts";
import { TempFolder } from "../support/temp_folder.ts";

const BYTES = new Uint8Array(100_000).map((_, index) => index * 7 % 251);
const TOKEN = "hf_sEcRet";

/** As patient as usual, only faster. */
const PACE: Pace = {
  ...USUAL_PACE,
  silence_ms: 300,
  first_pause_ms: 5,
  longest_pause_ms: 20,
  retries: 4,
  look_ms: 10,
  idle_ms: 200,
};

class Bench implements AsyncDisposable {
  readonly server = new HubServer();
  readonly folder = new TempFolder();
  readonly said: string[] = [];
  readonly states: (DownloadState | null)[] = [];
  readonly stop = new AbortController();

  constructor(bytes = BYTES) {
    this.server.add("model", "own/m", { "model.safetensors": bytes, "config.json": "{}" });
  }

  work(more: Partial<DownloadWork> = {}): DownloadWork {
    return {
      signal: this.stop.signal,
      say: (line) => void this.said.push(line),
      progress: (state) => void this.states.push(state),
      tryLock: lockOnce,
      pace: PACE,
      ...more,
    };
  }

  /** Downloads both files, after these faults; the bytes of the large one. */
  async download(faults: readonly BodyFault[] = [], more: Partial<DownloadWork> = {}): Promise<Uint8Array> {
    const hub = hubEnvironment({
      HF_ENDPOINT: this.server.endpoint,
      HF_HUB_CACHE: this.folder.at("cache"),
      HF_TOKEN: TOKEN,
    });
    const work = this.work(more);
    const repository: HubRepository = { kind: "model", id: "own/m", hub, fetch: patientFetch(hub, work) };
    const commit = await hubCommit(repository, "main");
    const files = (await hubFiles(repository, commit)).filter(({ path }) => path === "model.safetensors");
    this.server.faults.bodies = [...faults];
    const [path = ""] = await downloadFiles(repository, commit, files, work);
    return Deno.readFileSync(path);
  }

  /** The requests for bytes: what part, and under which condition. */
  get asked(): (string | null)[] {
    return this.stored.map(({ range }) => range);
  }

  get stored(): HubServer["requests"] {
    return this.server.requests.filter(({ path }) => path.startsWith("/stored/"));
  }

  blobs(): string[] {
    return this.folder.names("cache", "models--own--m", "blobs");
  }

  partSize(): number {
    const [name = ""] = this.blobs();
    return name.endsWith(".incomplete")
      ? Deno.statSync(this.folder.at("cache", "models--own--m", "blobs", name)).size
      : -1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

function lockOnce(path: string): LockTry {
  return trySharedLock(path, "process 1 of llem");
}

Deno.test("a download that is cut or stalls goes on where it was, under the ETag of what it has", async () => {
  await using bench = new Bench();
  const bytes = await bench.download([
    { kind: "cut", after_bytes: 30_000 },
    { kind: "stall", after_bytes: 20_000 },
  ]);
  assert.deepEqual(bytes, BYTES);
  assert.deepEqual(bench.asked, [null, "bytes=30000-", "bytes=50000-"]);
  assert.ok(bench.stored.slice(1).every(({ if_range }) => /^"[0-9a-f]{64}"$/.test(if_range ?? "")));
  assert.equal(bench.said.length, 2);
  assert.match(
    bench.said[0] ?? "",
    /^own\/m model\.safetensors: .* cannot be reached \(.*; trying again in 0\.0 s$/,
  );
  assert.match(bench.said[1] ?? "", /it has said nothing for 0\.3 s/);
  const known = bench.states.filter((state) => state !== null);
  assert.ok(known.every(({ total_bytes, done_bytes }) => total_bytes === 100_000 && done_bytes <= 100_000));
  assert.equal(bench.states.at(-1), null);
});

Deno.test("a server that sends all of it, or another file, begins it anew", async () => {
  await using bench = new Bench();
  const cut = { kind: "cut", after_bytes: 30_000 } as const;
  assert.deepEqual(await bench.download([cut, { kind: "whole" }]), BYTES);
  await using other = new Bench();
  assert.deepEqual(await other.download([cut, { kind: "replaced" }]), BYTES);
  assert.deepEqual([bench.asked, other.asked], [[null, "bytes=30000-"], [null, "bytes=30000-"]]);
});

Deno.test("what a program that was killed has left is gone on with; bytes of it that are wrong are thrown away", async () => {
  for (
    const [left, asked] of [[BYTES.slice(0, 60_000), ["bytes=60000-"]], [new Uint8Array(500), [
      "bytes=500-",
      null,
    ]]] as const
  ) {
    await using bench = new Bench();
    const etag = await etagOf(BYTES);
    const blobs = bench.folder.at("cache", "models--own--m", "blobs");
    Deno.mkdirSync(blobs, { recursive: true });
    Deno.writeFileSync(join(blobs, `${etag}.incomplete`), left);
    assert.deepEqual(await bench.download(), BYTES);
    assert.deepEqual(bench.asked, asked);
    assert.deepEqual(bench.blobs(), [etag]);
  }
});

Deno.test("bytes that are wrong twice from the beginning are an error, and nothing of them is kept", async () => {
  await using bench = new Bench();
  const wrong = { kind: "wrong" } as const;
  assert.deepEqual(await bench.download([wrong]), BYTES);
  await using liar = new Bench();
  await assert.rejects(
    liar.download([wrong, wrong, wrong]),
    (error) => error instanceof HubUnreachable && /came damaged$/.test(error.message),
  );
  assert.equal(liar.asked.length, 2);
  assert.deepEqual(liar.blobs(), []);
});

Deno.test("a hub that asks for patience gets as much as it asks for; what cannot change is asked once", async () => {
  await using bench = new Bench();
  const beganMs = performance.now();
  const busy = { kind: "refusal", status: 429, retry_after: "1" } as const;
  assert.deepEqual(await bench.download([busy, { kind: "refusal", status: 503 }]), BYTES);
  assert.ok(performance.now() - beganMs >= 1000);
  assert.match(bench.said[0] ?? "", /answers with status 429; trying again in 1\.0 s$/);
  for (
    const fault of [{ kind: "refusal", status: 403 }, {
      kind: "refusal",
      status: 429,
      retry_after: "3600",
    }] as const
  ) {
    await using refusing = new Bench();
    await assert.rejects(refusing.download([fault, fault]), HubRefusal);
    assert.equal(refusing.asked.length, 1);
  }
});

Deno.test("a download that gets no further is given up after its tries, and keeps what it has", async () => {
  await using bench = new Bench();
  const cut = { kind: "cut", after_bytes: 10 } as const;
  await assert.rejects(bench.download(Array.from({ length: 9 }, () => cut)), HubUnreachable);
  assert.equal(bench.asked.length, 5);
  assert.equal(bench.partSize(), 50);
});

Deno.test("tries that each bring much do not use up the patience", async () => {
  const large = new Uint8Array(8 * 2 ** 20 + 5).fill(3);
  await using bench = new Bench(large);
  const cuts = Array.from({ length: 7 }, () => ({ kind: "cut", after_bytes: 2 ** 20 }) as const);
  assert.deepEqual((await bench.download(cuts)).length, large.length);
  assert.equal(bench.asked.length, 8);
});

Deno.test("a stop ends a download at once, and what has come is kept", async () => {
  await using bench = new Bench();
  const downloading = bench.download([{ kind: "stall", after_bytes: 40_000 }], { pace: USUAL_PACE });
  await until("bytes have come", () => bench.states.some((state) => state?.done_bytes === 40_000));
  bench.stop.abort(new Error("stopped"));
  await assert.rejects(downloading, /^Error: stopped$/);
  assert.equal(bench.partSize(), 40_000);
});

Deno.test("two that want the same file take turns: the second goes on where the first has died, or takes what it has got", async () => {
  await using bench = new Bench();
  const first = bench.download([{ kind: "stall", after_bytes: 40_000 }], { pace: USUAL_PACE });
  await until("bytes have come", () => bench.states.some((state) => state?.done_bytes === 40_000));
  const second = bench.download([], {
    signal: new AbortController().signal,
    pace: { ...PACE, idle_ms: 60_000 },
  });
  await until(
    "the second waits",
    () => bench.said.some((line) => /waiting for process 1 of llem/.test(line)),
  );
  bench.stop.abort();
  await assert.rejects(first);
  assert.deepEqual(await second, BYTES);
  assert.deepEqual(bench.asked, [null, "bytes=40000-"]);
  assert.equal(bench.blobs().length, 1);
});

Deno.test("nobody is waited for who gets no further, nor where the wait is stopped", async () => {
  await using bench = new Bench();
  const lock = (path: string): LockTry => ({
    kind: "busy",
    owner: `the holder of ${path.split("/").at(-3)}`,
  });
  assert.deepEqual(await bench.download([], { tryLock: lock }), BYTES);
  assert.match(
    bench.said.join("\n"),
    /waiting for the holder of \.locks to download it\n.* makes no progress; starting our own$/,
  );
  assert.equal(bench.blobs().length, 1);
  await using waiting = new Bench();
  const stopped = waiting.download([], { tryLock: lock, pace: USUAL_PACE });
  await until("it waits", () => waiting.said.length > 0);
  waiting.stop.abort(new Error("stopped"));
  await assert.rejects(stopped, /^Error: stopped$/);
  // Where there are no locks, each has a part of its own.
  await using without = new Bench();
  const [one, other] = await Promise.all([
    without.download([{ kind: "cut", after_bytes: 5 }], { tryLock: () => ({ kind: "refused" }) }),
    without.download([], { tryLock: () => ({ kind: "refused" }) }),
  ]);
  assert.deepEqual([one, other], [BYTES, BYTES]);
  assert.equal(without.blobs().length, 1);
});

Deno.test("the token goes to no other host, and is in nothing that is said", async () => {
  await using bench = new Bench();
  await bench.download([{ kind: "cut", after_bytes: 5 }]);
  assert.deepEqual([...new Set(bench.stored.map(({ authorization }) => authorization))], [null]);
  assert.ok(bench.server.requests.some(({ authorization }) => authorization === `Bearer ${TOKEN}`));
  assert.doesNotMatch(bench.said.join("\n"), new RegExp(TOKEN));
});

async function etagOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
