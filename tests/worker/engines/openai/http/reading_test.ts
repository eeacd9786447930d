/** What the HTTP client decides without a socket: addresses, requests, answers cut anywhere, proxies. */
import assert from "node:assert/strict";
import { monotonicNs } from "../../../../../lib/base/clock.ts";
import { stampNs } from "../../../../../lib/base/stamp.ts";
import { proxyFor } from "../../../../../worker/engines/openai/http/proxy.ts";
import { requestBytes } from "../../../../../worker/engines/openai/http/request_text.ts";
import { ResponseReader } from "../../../../../worker/engines/openai/http/response_reader.ts";
import { apiPath, parseTarget, rootPath } from "../../../../../lib/experiment/engines/openai/target.ts";
import { chunked } from "./raw_server.ts";

const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];
// The library is opened here, outside of any test.
stampNs();
const LIMITS = { maxHeadBytes: 300, maxBodyBytes: 1000 };

/** What a reader makes of parts that come one by one; `end` where the connection then ends. */
function read(parts: readonly Uint8Array<ArrayBuffer>[], method = "POST", end = false): {
  readonly text: string;
  readonly heads: readonly (readonly [number, Record<string, string>])[];
  readonly reader: ResponseReader;
} {
  let text = "";
  const heads: [number, Record<string, string>][] = [];
  const reader = new ResponseReader(method, {
    head: (status, headers) => heads.push([status, Object.fromEntries(headers)]),
    body: (bytes) => text += decoder.decode(bytes, { stream: true }),
  }, LIMITS);
  // As a connection does: in a buffer that holds more, which is no part of the answer.
  const buffer = new Uint8Array(16_384).fill(0x0a);
  for (const part of parts) {
    buffer.set(part);
    reader.push(buffer, 0n, part.length);
  }
  if (end) reader.end();
  return { text, heads, reader };
}

function whole(text: string): Uint8Array<ArrayBuffer>[] {
  return [encoder.encode(text)];
}

Deno.test("stampNs() is CLOCK_MONOTONIC", () => {
  for (let i = 0; i < 100; i++) {
    const [before, stamp, after] = [monotonicNs(), stampNs(), monotonicNs()];
    assert.ok(stamp > before - 100_000n && stamp < after + 100_000n, `${before} ${stamp} ${after}`);
  }
});

Deno.test("a base_url gives host, port, path of the API and root of the server, with or without /v1", () => {
  const cases: readonly (readonly [url: string, origin: string, page: string, health: string])[] = [
    ["http://127.0.0.1:8000/v1", "127.0.0.1 8000 127.0.0.1:8000", "/v1/x", "/health"],
    ["http://127.0.0.1:8000", "127.0.0.1 8000 127.0.0.1:8000", "/v1/x", "/health"],
    ["http://h//v1//", "h 80 h", "/v1/x", "/health"],
    ["https://H.example/", "h.example 443 h.example", "/v1/x", "/health"],
    ["https://h:443/proxy/v1/", "h 443 h", "/proxy/v1/x", "/proxy/health"],
    ["http://[::1]:8080/v1", "::1 8080 [::1]:8080", "/v1/x", "/health"],
    ["https://h/v1beta/openai", "h 443 h", "/v1beta/openai/x", "/health"],
    ["https://h/openai?api-version=3", "h 443 h", "/openai/v1/x?api-version=3", "/openai/health"],
  ];
  for (const [url, origin, page, health] of cases) {
    const target = parseTarget(url);
    assert.equal(`${target.hostname} ${target.port} ${target.authority}`, origin, url);
    assert.equal(target.isTls, url.startsWith("https:"));
    assert.deepEqual([apiPath(target, "/x"), rootPath(target, "/health")], [page, health], url);
  }
  for (const url of ["127.0.0.1:8000", "h:8000", "ftp://h", "http://", "http://h:99999", ""]) {
    assert.throws(() => parseTarget(url), { name: "Problem" }, url);
  }
  assert.throws(
    () => parseTarget("http://me:pa55word@h/v1"),
    (error: Error) => !/pa55word/.test(error.message),
  );
});

Deno.test("a request is one text; a header that would cut it in two is refused without telling its value", () => {
  const make = (headers: Record<string, string>, method = "POST", body = "{}", origin = ""): string =>
    decoder.decode(
      requestBytes({ method, path: "/v1/x", headers, body: encoder.encode(body) }, "h:1", origin),
    );
  assert.equal(
    make({ "Content-Type": "application/json", Accept: "text/event-stream", "content-length": "9" }),
    "POST /v1/x HTTP/1.1\r\nHost: h:1\r\nAccept: text/event-stream\r\nAccept-Encoding: identity\r\n" +
      "Content-Length: 2\r\nContent-Type: application/json\r\n\r\n{}",
  );
  assert.match(make({}, "POST", ""), /\r\nContent-Length: 0\r\n/);
  assert.doesNotMatch(make({}, "GET", ""), /Content-Length/);
  assert.match(make({}, "GET", "", "http://h:1"), /^GET http:\/\/h:1\/v1\/x HTTP/);
  for (const value of ["Bearer sk-1\r\nX: y", "Bearer sk-1\n", "Bearer sk-1\u0100", "sk-1\0"]) {
    assert.throws(() => make({ Authorization: value }), (error: Error) => !/sk-1/.test(error.message));
  }
  assert.throws(() => make({ "a b": "c" }));
});

const ANSWERS: readonly (readonly [what: string, wire: string, body: string, isReusable: boolean])[] = [
  ["chunks", chunked("data: a\n\n", "data: \u00e9\n\n", "x"), "data: a\n\ndata: \u00e9\n\nx", true],
  [
    "chunks with extensions, capitals and trailers",
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n0A ;a="b"\r\n0123456789\r\n000\r\nX-T: 1\r\nY: 2\r\n\r\n',
    "0123456789",
    true,
  ],
  ["a length", "HTTP/1.1 200 OK\r\ncontent-length:5\r\n\r\nhello", "hello", true],
  ["a length told twice", "HTTP/1.1 200\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nab", "ab", true],
  ["an empty body", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", true],
  ["no body", "HTTP/1.1 204 No Content\r\nX:y\r\n\r\n", "", true],
  [
    "interim answers",
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: a\r\n\r\n${chunked("b")}`,
    "b",
    true,
  ],
  ["lines that end in LF alone", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\na\n0\n\n", "a", true],
  ["an empty line first", `\r\n${chunked("c")}`, "c", true],
  ["Connection: close", "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 1\r\n\r\na", "a", false],
  ["HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", "a", false],
  ["HTTP/1.0 kept", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na", "a", true],
  ["more than asked", `${chunked("a")}HTTP/1.1 408 Timeout\r\n\r\n`, "a", false],
];

Deno.test("an answer is the same however its bytes are cut", () => {
  for (const [what, wire, body, isReusable] of ANSWERS) {
    const bytes = encoder.encode(wire);
    const ways = [
      [bytes],
      Array.from(bytes, (byte) => Uint8Array.of(byte)),
      ...Array.from(bytes.keys().drop(1), (at) => [bytes.subarray(0, at), bytes.subarray(at)]),
    ];
    for (const parts of ways) {
      const { text, heads, reader } = read(parts);
      const told = `${what}, first part ${parts[0]?.length}`;
      assert.equal(text, body, told);
      assert.ok(reader.isWhole, told);
      // What comes after the end in a read of its own is not the reader's any more, but its connection's.
      if (what !== "more than asked" || parts.length === 1) assert.equal(reader.isReusable, isReusable, told);
      assert.equal(heads.length, 1, told);
    }
  }
});

Deno.test("an answer without length or chunks ends with its connection, and no other does", () => {
  const { text, reader } = read(whole("HTTP/1.1 200 OK\r\n\r\nabc"), "POST", true);
  assert.deepEqual([text, reader.isWhole, reader.isReusable], ["abc", true, false]);
  for (
    const wire of ["", "HT", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc", chunked("a").slice(0, -2)]
  ) {
    assert.throws(() => read(wire === "" ? [] : whole(wire), "POST", true), { type: "reset" }, wire);
  }
  assert.ok(read(whole("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"), "HEAD").reader.isWhole);
});

Deno.test("heads are told once, by names in lower case", () => {
  const wire =
    "HTTP/1.1 429 Too Many\r\nRetry-After: 3\r\nX-A: 1\r\nx-a:2 \r\nKeep-Alive: timeout=5, max=100\r\n" +
    "X-Long: a\r\n  b\r\nContent-Length: 0\r\n\r\n";
  const { heads, reader } = read(whole(wire));
  assert.deepEqual(heads, [[429, {
    "retry-after": "3",
    "x-a": "1, 2",
    "keep-alive": "timeout=5, max=100",
    "x-long": "a b",
    "content-length": "0",
  }]]);
  assert.equal(reader.keepAliveMs, 5000);
});

Deno.test("fault 80: what is no HTTP/1.1, or too large, ends at once by its name", () => {
  const head = "HTTP/1.1 200 OK\r\n";
  const cases: readonly (readonly [type: string, wire: string])[] = [
    ["protocol", "\x15\x03\x01"],
    ["protocol", "hello"],
    ["protocol", "HTTP/2 200\r\n"],
    ["protocol", "HTTP/1.1 999 x\r\n"],
    ["protocol", `${head}no header\r\n`],
    ["protocol", `${head}Content-Length: 1x\r\n\r\n`],
    ["protocol", `${head}Content-Length: 1, 2\r\n\r\n`],
    ["protocol", `${head}Transfer-Encoding: gzip, chunked\r\n\r\n`],
    ["protocol", `${head}Content-Encoding: gzip\r\n\r\n`],
    ["protocol", "HTTP/1.1 101 Switching\r\n\r\n"],
    ["protocol", `${head}Transfer-Encoding: chunked\r\n\r\nx`],
    ["protocol", `${head}Transfer-Encoding: chunked\r\n\r\n\r\n`],
    ["protocol", `${head}Transfer-Encoding: chunked\r\n\r\n1\r\nab`],
    ["protocol", `${head}Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n`],
    ["protocol", `${head}Transfer-Encoding: chunked\r\n\r\n1;${"x".repeat(301)}`],
    ["too_large", `${head}X: ${"x".repeat(300)}`],
    ["too_large", "HTTP/1.1 100 Continue\r\n\r\n".repeat(20)],
    ["too_large", `${head}Content-Length: 1001\r\n\r\n`],
    ["too_large", chunked("x".repeat(600), "y".repeat(600))],
    ["too_large", `${head}\r\n${"x".repeat(1001)}`],
  ];
  for (const [type, wire] of cases) {
    assert.throws(() => read(whole(wire)), { type }, JSON.stringify(wire.slice(0, 60)));
  }
  // Line ends of many chunks make no head too large.
  assert.equal(read(whole(chunked(...Array(900).fill("z")))).text.length, 900);
});

Deno.test("the proxy is the one that the user's variables name for this server", () => {
  const proxyOf = (url: string, env: Record<string, string>): string | null => {
    const proxy = proxyFor(parseTarget(url), env);
    return proxy === null ? null : `${proxy.hostname}:${proxy.port} ${proxy.authorization}`;
  };
  const both = { HTTP_PROXY: "http://p:3128", https_proxy: "q:8080/" };
  const cases: readonly (readonly [url: string, env: Record<string, string>, proxy: string | null])[] = [
    ["http://h", both, "p:3128 null"],
    ["https://h", both, "q:8080 null"],
    ["http://h", { ALL_PROXY: "http://a" }, "a:80 null"],
    ["http://h", {}, null],
    ["http://h", { HTTPS_PROXY: "http://p" }, null],
    ["http://h", { HTTP_PROXY: "http://me:p%40ss@p" }, `p:80 Basic ${btoa("me:p@ss")}`],
    ["http://h", { HTTP_PROXY: "http://me:100%@p" }, `p:80 Basic ${btoa("me:100%")}`],
    ["http://127.0.0.1:8000", both, null],
    ["http://localhost:8000", both, null],
    ["http://[::1]:8000", both, null],
    ["http://h", { ...both, NO_PROXY: "*" }, null],
    ["http://a.h.example", { ...both, NO_PROXY: "x, .h.example" }, null],
    ["http://h.example", { ...both, no_proxy: "h.example:80" }, null],
    ["http://h.example", { ...both, no_proxy: "h.example:81" }, "p:3128 null"],
    ["http://oh.example", { ...both, NO_PROXY: "h.example" }, "p:3128 null"],
    ["http://10.1.2.3", { ...both, NO_PROXY: "10.0.0.0/8" }, null],
    ["http://11.1.2.3", { ...both, NO_PROXY: "10.0.0.0/8" }, "p:3128 null"],
    ["http://[fd00::1]", { ...both, NO_PROXY: "fd00::1" }, null],
  ];
  for (const [url, env, proxy] of cases) {
    assert.equal(proxyOf(url, env), proxy, `${url} ${JSON.stringify(env)}`);
  }
  for (const value of ["socks5://me:pa55word@p", "https://me:pa55word@p", "http://me:pa55word@:x"]) {
    const isTold = (error: Error): boolean => error.name === "Problem" && !/pa55word/.test(error.message);
    assert.throws(() => proxyOf("http://h", { HTTP_PROXY: value }), isTold);
  }
});
