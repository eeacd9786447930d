/** The HTTP client against servers that misbehave by design, over real sockets. */
import assert from "node:assert/strict";
import { sleep } from "../../../../../lib/base/abort.ts";
import { median } from "../../../../../lib/base/quantile.ts";
import { stampNs } from "../../../../../lib/base/stamp.ts";
import { MockServer } from "../../../../../lib/servers/mock/mock_server.ts";
import { mockOptions } from "../../../../../lib/servers/mock/options.ts";
import {
  readCertificates,
  trustedCertificates,
} from "../../../../../worker/engines/openai/http/certificates.ts";
import { optionsFrom } from "../../../../../worker/engines/openai/http/environment.ts";
import { timeLimit } from "../../../../../worker/engines/openai/http/failure.ts";
import {
  type ExchangeEnd,
  HttpPool,
  type PoolOptions,
} from "../../../../../worker/engines/openai/http/pool.ts";
import { requestBytes } from "../../../../../worker/engines/openai/http/request_text.ts";
import type { RequestRecord } from "../../../../../worker/engines/openai/stream/request_record.ts";
import { RequestTrace } from "../../../../../worker/engines/openai/stream/request_trace.ts";
import { apiPath, parseTarget } from "../../../../../lib/experiment/engines/openai/target.ts";
import { program, testWith } from "../../../../support/needs.ts";
import { TempFolder } from "../../../../support/temp_folder.ts";
import { answer, chunked, type Peer, RawServer } from "./raw_server.ts";

// The library is opened here, outside of any test.
stampNs();

const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];

interface Told {
  readonly end: ExchangeEnd;
  readonly status: number;
  readonly text: string;
  /** Stamps in the order in which they came: sent, head, each part of the body. */
  readonly stamps: readonly bigint[];
}

async function post(
  pool: HttpPool,
  body = "{}",
  signal?: AbortSignal,
  onBody: () => void = () => {},
): Promise<Told> {
  let [status, text] = [0, ""];
  const stamps: bigint[] = [];
  const request = {
    method: "POST",
    path: "/v1/x",
    headers: { Authorization: "Bearer k" },
    body: encoder.encode(body),
  };
  const end = await pool.exchange(request, {
    sent: (t_ns) => stamps.push(t_ns),
    head: (given, _headers, t_ns) => {
      status = given;
      stamps.push(t_ns);
    },
    body: (bytes, t_ns) => {
      text += decoder.decode(bytes);
      stamps.push(t_ns);
      onBody();
    },
  }, signal);
  return { end, status, text, stamps };
}

/** Waits for what happens by itself; the test's own limit ends a wait in vain. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(2);
}

function poolOf({ port }: RawServer, options?: PoolOptions): HttpPool {
  return new HttpPool(parseTarget(`http://127.0.0.1:${port}`), options);
}

/** Answers every request in the same way. */
function always(text: string): (peer: Peer) => Promise<void> {
  return async (peer) => {
    while (await peer.request() !== null) await peer.say(text);
  };
}

function ending({ end }: Told): string {
  return end.kind === "whole" ? "whole" : end.type;
}

Deno.test("an exchange gives the answer as it comes, a stamp for each read, and keeps its connection", async () => {
  const seen = Promise.withResolvers<void>();
  await using server = new RawServer(async (peer) => {
    for (let request = await peer.request(); request !== null; request = await peer.request()) {
      await peer.say(chunked(request).slice(0, -2));
      await seen.promise;
      await peer.say("\r\n"); // the last line end in a read of its own
    }
  });
  using pool = poolOf(server);
  const before = stampNs();
  const first = await post(pool, "first", undefined, seen.resolve);
  const second = await post(pool, "second");
  assert.match(
    first.text,
    /^POST \/v1\/x HTTP\/1.1\r\nHost: 127.0.0.1:\d+\r\n(.+\r\n)*Authorization: Bearer k\r\n\r\nfirst$/,
  );
  assert.match(second.text, /second$/);
  assert.deepEqual([first.end.kind, first.end.reused, second.end.reused], ["whole", false, true]);
  assert.ok(first.end.connect_ms !== null && first.end.connect_ms < 5000 && second.end.connect_ms === null);
  const stamps = [
    before,
    ...first.stamps,
    first.end.t_ns ?? 0n,
    ...second.stamps,
    second.end.t_ns ?? 0n,
    stampNs(),
  ];
  assert.deepEqual(stamps, stamps.toSorted((one, other) => one < other ? -1 : one > other ? 1 : 0));
  const [, head = 0n, body] = first.stamps;
  assert.equal(head, body, "what one read gave has one stamp");
  assert.ok((first.end.t_ns ?? 0n) > head, "the answer is whole with its last line end");
  assert.equal(server.accepted, 1);
  assert.deepEqual(pool.counts, {
    opened: 1,
    reopened: 0,
    failed_to_open: 0,
    reused: 1,
    retried: 0,
    dropped_idle: 0,
    closed_idle: 0,
    reset: 0,
  });
});

Deno.test("a server that closes after 100 requests, or without a word, loses none", async () => {
  await using polite = new RawServer(async (peer) => {
    for (let i = 1; await peer.request() !== null; i++) {
      await peer.say(answer("ok", `HTTP/1.1 200 OK${i === 100 ? "\r\nConnection: close" : ""}`));
      if (i === 100) return;
    }
  });
  // Takes the request and goes: the end of the connection crosses the request on the wire.
  await using rude = new RawServer(async (peer) => {
    for (let i = 1; await peer.request() !== null && i < 100; i++) await peer.say(answer("ok"));
  });
  for (const [server, retried] of [[polite, 0], [rude, 2]] as const) {
    using pool = poolOf(server);
    for (let i = 0; i < 250; i++) {
      const told = await post(pool);
      assert.deepEqual([ending(told), told.text], ["whole", "ok"], `request ${i}`);
    }
    const { opened, reopened, ...counts } = pool.counts;
    assert.deepEqual([opened, reopened], [3, 2]);
    assert.deepEqual([counts.retried, counts.reset, counts.reused], [retried, retried, 247 + retried]);
  }
});

Deno.test("only a used connection is replaced, only before the answer, and only once", async () => {
  let heads = "";
  await using server = new RawServer(async (peer) => {
    if (peer.index === 0) {
      await peer.request();
      await peer.say(answer("ok"));
    }
    await peer.request();
    await peer.say(heads);
  });
  using pool = poolOf(server);
  await post(pool);
  const both = await post(pool);
  assert.deepEqual([ending(both), both.end.retried, both.end.reused], ["reset", true, false]);
  assert.match(both.end.kind === "failed" ? both.end.message : "", /before its answer began/);
  assert.equal(both.stamps.length, 2, "sent twice");
  const fresh = await post(pool);
  assert.deepEqual([ending(fresh), fresh.end.retried], ["reset", false]);
  assert.equal(server.accepted, 3);

  heads = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc";
  await using other = new RawServer(async (peer) => {
    await peer.request();
    await peer.say(answer("ok"));
    await peer.request();
    await peer.say(heads);
  });
  using otherPool = poolOf(other);
  await post(otherPool);
  const cut = await post(otherPool);
  assert.deepEqual([ending(cut), cut.end.reused, cut.end.retried, cut.text], ["reset", true, false, "abc"]);
  assert.equal(other.accepted, 1);
});

Deno.test("idle connections go by age, by the server's word and by its hand; the last used is used first", async () => {
  await using server = new RawServer(always(answer("ok")));
  using pool = poolOf(server, { maxIdleMs: 400 });
  await pool.open(3);
  assert.deepEqual([pool.size, server.accepted], [3, 3]);
  for (let i = 0; i < 5; i++) await post(pool);
  await sleep(420);
  const late = await post(pool);
  assert.deepEqual([ending(late), late.end.reused, pool.size], ["whole", false, 1]);
  assert.equal(pool.counts.dropped_idle, 3);
  assert.equal(pool.counts.reused, 4, "one of the three did it all");

  await using hasty = new RawServer(always(answer("ok", "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1")));
  using hastyPool = poolOf(hasty);
  await post(hastyPool);
  await sleep(2);
  await post(hastyPool);
  assert.equal(hastyPool.counts.dropped_idle, 1);

  await using leaving = new RawServer(async (peer) => {
    await peer.request();
    await peer.say(answer("ok"));
    if (peer.index > 0) await peer.request();
  });
  using leavingPool = poolOf(leaving);
  await post(leavingPool);
  await until(() => leavingPool.size === 0);
  assert.equal((await post(leavingPool)).end.retried, false);
  assert.deepEqual([leavingPool.counts.closed_idle, leavingPool.counts.opened], [1, 2]);
});

Deno.test("a signal ends an exchange at once and its connection with it, a time limit by its own name", async () => {
  let closed = 0;
  await using server = new RawServer(async (peer) => {
    await peer.request();
    await peer.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
    if (await peer.request() === null) closed++;
  });
  using pool = poolOf(server);
  for (const [reason, type] of [[undefined, "aborted"], [timeLimit(), "timeout"]] as const) {
    const limit = new AbortController();
    const begun = Promise.withResolvers<void>();
    const asked = post(pool, "{}", limit.signal, begun.resolve);
    await begun.promise;
    limit.abort(reason);
    const told = await asked;
    assert.deepEqual([ending(told), told.text, told.end.retried], [type, "a", false]);
  }
  await until(() => closed === 2);
  assert.equal(pool.size, 0);
  assert.equal(ending(await post(pool, "{}", AbortSignal.abort(timeLimit()))), "timeout");
  assert.equal(server.accepted, 2);
  const begun = Promise.withResolvers<void>();
  const last = post(pool, "{}", undefined, begun.resolve);
  await begun.promise;
  pool[Symbol.dispose]();
  assert.equal(ending(await last), "aborted");
  assert.equal(ending(await post(pool)), "aborted", "a pool that is disposed opens nothing");
});

Deno.test("an answer before the request is read is taken; a body above its limit is not", async () => {
  const done = Promise.withResolvers<void>();
  await using early = new RawServer(async (peer) => {
    await peer.conn.read(new Uint8Array(100));
    await peer.say(answer("too long", "HTTP/1.1 413 Too Large"));
    await done.promise;
  });
  using pool = poolOf(early);
  const told = await post(pool, "x".repeat(20_000_000));
  assert.deepEqual([ending(told), told.status, told.text], ["whole", 413, "too long"]);
  done.resolve();
  assert.equal(pool.size, 0, "half a request is on its connection");

  await using endless = new RawServer(async (peer) => {
    await peer.request();
    await peer.say("HTTP/1.1 200 OK\r\n\r\n");
    for (;;) await peer.say("x".repeat(10_000));
  });
  using bounded = poolOf(endless, { maxBodyBytes: 100_000 });
  const large = await post(bounded);
  assert.deepEqual([ending(large), bounded.size], ["too_large", 0]);
  assert.ok(large.text.length <= 100_000);
});

Deno.test("a sink that throws is heard of, and its connection is gone", async () => {
  await using server = new RawServer(always(answer("ok")));
  using pool = poolOf(server);
  const sink = { sent: () => {}, head: () => {}, body: () => assert.fail("a defect") };
  const request = { method: "POST", path: "/", headers: {}, body: new Uint8Array() };
  await assert.rejects(pool.exchange(request, sink), /a defect/);
  assert.equal(pool.size, 0);
});

Deno.test("where no connection comes about the end says so, in time", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  using pool = new HttpPool(parseTarget(`http://127.0.0.1:${port}`));
  const told = await post(pool);
  assert.deepEqual([ending(told), told.stamps, told.end.t_ns], ["connect", [], null]);
  assert.match(
    told.end.kind === "failed" ? told.end.message : "",
    /no connection to 127.0.0.1:\d+: .*refused/i,
  );
  await assert.rejects(pool.open(2), { name: "HttpFailure", type: "connect" });
  assert.deepEqual([pool.counts.failed_to_open, pool.size], [3, 0]);
  // A server of plain HTTP that never says a word is no partner for TLS.
  await using silent = new RawServer(async ({ request }) => void await request());
  const address = parseTarget(`https://localhost:${silent.port}`);
  using hasty = new HttpPool(address, { connectTimeoutMs: 50 });
  assert.equal(ending(await post(hasty)), "connect");
  using patient = new HttpPool(address);
  const limit = new AbortController();
  const asked = post(patient, "{}", limit.signal);
  await until(() => silent.accepted === 2);
  limit.abort(timeLimit());
  assert.equal(ending(await asked), "timeout");
});

Deno.test("connections are opened before they are needed, at most 128 at once; localhost is ::1 too", async () => {
  let [most, now] = [0, 0];
  const plain = Deno.connect;
  await using server = new RawServer(always(answer("ok")));
  try {
    Deno.connect = (async (options: Deno.ConnectOptions) => {
      most = Math.max(most, ++now);
      try {
        return await plain(options);
      } finally {
        now--;
      }
    }) as typeof Deno.connect;
    using pool = poolOf(server);
    await pool.open(200);
    // More of them are no replacement of any.
    assert.equal(pool.counts.reopened, 0);
    assert.deepEqual([pool.size, pool.counts.opened], [200, 200]);
    assert.equal(most, 128);
    const told = await Promise.all(Array.from({ length: 200 }, () => post(pool)));
    assert.ok(
      told.every((each) => ending(each) === "whole" && !each.end.reused && each.end.connect_ms === null),
    );
    assert.equal(pool.counts.opened, 200);
  } finally {
    Deno.connect = plain;
  }
  await using six = new RawServer(always(answer("six")), Deno.listen({ port: 0, hostname: "::1" }));
  for (const host of ["[::1]", "localhost"]) {
    using pool = new HttpPool(parseTarget(`http://${host}:${six.port}`));
    assert.equal((await post(pool)).text, "six", host);
  }
});

testWith(
  [program("prlimit (util-linux)", "prlimit", "--version")],
  "a pool may have as many open files as the hard limit allows",
  () => {
    const limits = (): string =>
      /Max open files +(\d+) +(\d+)/.exec(Deno.readTextFileSync("/proc/self/limits"))?.[0] ?? "";
    const before = limits();
    const { success } = new Deno.Command("prlimit", { args: ["--pid", `${Deno.pid}`, "--nofile=999:"] })
      .outputSync();
    assert.ok(success);
    assert.match(limits(), / 999 /);
    new HttpPool(parseTarget("http://127.0.0.1"))[Symbol.dispose]();
    assert.equal(limits(), before, "Deno itself had raised it to the hard limit");
  },
);

/** A certificate for a name and this machine's address, made by itself. */
function selfMade(folder: TempFolder): { readonly cert: string; readonly key: string } {
  const [cert, key] = [folder.at("cert.pem"), folder.at("key.pem")];
  const { success } = new Deno.Command("openssl", {
    args: [
      ..."req -x509 -nodes -days 2 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -subj /CN=llm.example"
        .split(" "),
      ...["-addext", "subjectAltName=DNS:llm.example,DNS:localhost,IP:127.0.0.1"],
      ...["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", key, "-out", cert],
    ],
    stderr: "null",
  }).outputSync();
  assert.ok(success);
  return { cert, key };
}

/** Passes bytes on both ways until one side ends. */
async function relay(one: Deno.Conn, other: Deno.Conn): Promise<void> {
  const pass = (from: Deno.Conn, to: Deno.Conn): Promise<void> =>
    from.readable.pipeTo(to.writable).catch(() => {});
  await Promise.race([pass(one, other), pass(other, one)]);
}

testWith(
  [program("openssl", "openssl", "version")],
  "TLS trusts the certificates of the user, by name and address, directly and through a proxy",
  async () => {
    using folder = new TempFolder();
    const { cert, key } = selfMade(folder);
    const listener = Deno.listenTls({
      port: 0,
      hostname: "127.0.0.1",
      cert: Deno.readTextFileSync(cert),
      key: Deno.readTextFileSync(key),
      alpnProtocols: ["h2", "http/1.1"],
    });
    await using server = new RawServer(always(chunked("secret ", "words")), listener);
    const caCerts = trustedCertificates({ SSL_CERT_FILE: cert });
    assert.deepEqual(caCerts, trustedCertificates({ DENO_CERT: ` ${cert}` }));
    for (const host of ["127.0.0.1", "localhost"]) {
      using pool = new HttpPool(parseTarget(`https://${host}:${server.port}`), { caCerts });
      const [first, second] = [await post(pool), await post(pool)];
      assert.deepEqual(
        [first.text, second.text, second.end.reused],
        ["secret words", "secret words", true],
        host,
      );
    }
    using strict = new HttpPool(parseTarget(`https://127.0.0.1:${server.port}`));
    const refused = await post(strict);
    assert.equal(ending(refused), "tls");
    assert.match(
      refused.end.kind === "failed" ? refused.end.message : "",
      /certificate.*; SSL_CERT_FILE names/,
    );
    assert.throws(() => trustedCertificates({ SSL_CERT_FILE: folder.at("none") }), { name: "Problem" });
    assert.throws(() => readCertificates(folder.write("a", "no"), "a path"), /a path names .*no PEM/);

    const asked: string[] = [];
    await using proxy = new RawServer(async (peer) => {
      const request = await peer.request();
      asked.push(request ?? "");
      if (!/^Proxy-Authorization: Basic bWU6cHc=\r$/m.test(request ?? "")) {
        return peer.say(answer("who?", "HTTP/1.1 407 Who"));
      }
      const onward = await Deno.connect({ port: server.port });
      await peer.say("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n");
      await relay(peer.conn, onward);
    });
    const target = parseTarget("https://llm.example/v1");
    const proxyOf = (user: string): PoolOptions =>
      optionsFrom({ SSL_CERT_FILE: cert, HTTPS_PROXY: `http://${user}@127.0.0.1:${proxy.port}` }, target);
    using pool = new HttpPool(target, proxyOf("me:pw"));
    assert.equal((await post(pool)).text, "secret words");
    assert.match(asked[0] ?? "", /^CONNECT llm.example:443 HTTP\/1.1\r\nHost: llm.example:443\r\n/);
    assert.doesNotMatch(asked[0] ?? "", /Bearer/);
    using other = new HttpPool(target, proxyOf("me:other"));
    const denied = await post(other);
    assert.equal(ending(denied), "connect");
    assert.match(
      denied.end.kind === "failed" ? denied.end.message : "",
      /refuses the way to llm.example:443 with status 407/,
    );
  },
);

Deno.test("a proxy is asked for plain HTTP by the whole address", async () => {
  const asked: string[] = [];
  await using proxy = new RawServer(async (peer) => {
    for (let request = await peer.request(); request !== null; request = await peer.request()) {
      asked.push(request);
      await peer.say(answer("ok"));
    }
  });
  const target = parseTarget("http://llm.example:8000/v1");
  const found = optionsFrom({ http_proxy: `http://me:pw@127.0.0.1:${proxy.port}` }, target);
  using pool = new HttpPool(target, found);
  await post(pool);
  const told = await post(pool);
  assert.deepEqual([told.text, told.end.reused], ["ok", true]);
  assert.match(
    asked[1] ?? "",
    /^POST http:\/\/llm.example:8000\/v1\/x HTTP\/1.1\r\nHost: llm.example:8000\r\n(.+\r\n)*Proxy-Authorization: Basic bWU6cHc=\r\n/,
  );
});

/** Asks by a bare socket, and stamps the read that brings the first event: what no client can do better. */
async function bareFirstEventNs(port: number, request: Uint8Array<ArrayBuffer>): Promise<bigint> {
  using conn = await Deno.connect({ port, hostname: "127.0.0.1" });
  await conn.write(request);
  const buffer = new Uint8Array(4096);
  for (let text = "";;) {
    const count = await conn.read(buffer);
    const t_ns = stampNs();
    assert.ok(count !== null);
    text += decoder.decode(buffer.subarray(0, count));
    if (text.includes("data:")) return t_ns;
  }
}

Deno.test("the time to the first token is the server's own, as nearly as a bare socket tells it at the same time", async () => {
  using folder = new TempFolder();
  const truthPath = folder.at("truth.jsonl");
  const target = parseTarget("http://127.0.0.1:1");
  const request = {
    method: "POST",
    path: apiPath(target, "/completions"),
    headers: { "Content-Type": "application/json" },
    body: encoder.encode('{"model":"mock","prompt":[1,2,3],"stream":true,"max_tokens":2}'),
  };
  const own: RequestRecord[] = [];
  const bareNs: bigint[] = [];
  {
    await using server = new MockServer(mockOptions({ truth: truthPath, ttft_ms: 4, tick_ms: 1 }));
    using pool = new HttpPool(parseTarget(`http://127.0.0.1:${server.port}`));
    await pool.open(1);
    const ask = async (index: number): Promise<void> => {
      const trace = new RequestTrace({ index, tSchedNs: null, askedInputTokens: 3 });
      const end = await pool.exchange(request, trace);
      own.push(trace.end(end, end.t_ns ?? stampNs()));
    };
    const bytes = requestBytes({ ...request, headers: { ...request.headers, Connection: "close" } }, "mock");
    for (let pair = 0; pair < 31; pair++) {
      await ask(pair);
      bareNs.push(await bareFirstEventNs(server.port, bytes));
    }
  }
  const truth = Deno.readTextFileSync(truthPath).trim().split("\n").map((line) => JSON.parse(line));
  // The pool's one connection was there first.
  const [ours, bares] = [
    truth.filter(({ connection }) => connection === 0),
    truth.filter(({ connection }) => connection > 0),
  ];
  assert.deepEqual([ours.length, bares.length], [31, 31]);
  const errorsMs = own.map(({ error, ttft_ms, t_send_ns, t_first_token_ns }, index) => {
    const { arrived_ns, first_write_ns } = ours[index];
    assert.equal(error, null);
    assert.ok(t_send_ns !== null && t_first_token_ns !== null);
    assert.ok(t_send_ns <= BigInt(arrived_ns) && t_first_token_ns >= BigInt(first_write_ns));
    assert.equal(ttft_ms, Number(t_first_token_ns - t_send_ns) / 1e6);
    return Number(t_first_token_ns - BigInt(first_write_ns)) / 1e6;
  });
  const bareMs = bareNs.map((t_ns, index) => Number(t_ns - BigInt(bares[index].first_write_ns)) / 1e6);
  const [error, least] = [median(errorsMs), median(bareMs)];
  assert.ok(error <= least + 1, `${error} ms late, a bare socket ${least} ms`);
});
