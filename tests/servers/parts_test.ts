/** What servers, logs and the kernel say, read without a server. */
import assert from "node:assert/strict";
import { SERVER_KIND_FACTS, serverKindFacts } from "../../lib/engines/openai/server_kinds.ts";
import { parseAnswer } from "../../lib/servers/exchange.ts";
import { freePort } from "../../lib/servers/free_port.ts";
import { quotedLines, whyNot } from "../../lib/servers/last_words.ts";
import { inodesIn, portHolders, portOwner } from "../../lib/process/listeners.ts";
import { judgeProof } from "../../lib/servers/proof.ts";
import { versionIn } from "../../lib/servers/version.ts";
import "../support/libc.ts";

Deno.test("an answer is whole once its length, its last chunk or nothing more has come", () => {
  const parse = (text: string): ReturnType<typeof parseAnswer> => parseAnswer(new TextEncoder().encode(text));
  const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  assert.equal(parse("HTTP/1.1 200 OK\r\nContent-Le"), null);
  assert.equal(parse("SSH-2.0-x\r\n\r\n"), null);
  assert.deepEqual(parse(`${chunked}3\r\na\u00e9\r\n2;x=1\r\nbc\r\n0\r\n\r\n`), {
    status: 200,
    text: "a\u00e9bc",
    isWhole: true,
  });
  assert.deepEqual(parse(`${chunked}3\r\nab`), { status: 200, text: "ab", isWhole: false });
  const cut = parse("HTTP/1.1 503 No\r\ncontent-length: 4\r\n\r\nab");
  assert.deepEqual(cut, { status: 503, text: "ab", isWhole: false });
  assert.equal(parse("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")?.isWhole, true);
});

Deno.test("a proof is a choice, in an event or in a whole answer; what may pass is told from what never will", () => {
  const of = (status: number, text: string): string => judgeProof({ status, text }).kind;
  assert.equal(of(200, 'data: {"choices": [{"text": ""}]}\n\ndata: {"error": {}}\n\n'), "proved");
  assert.equal(of(200, '{"choices": [{}]}'), "proved");
  assert.equal(of(200, 'data: {"choices": [], "usage": {}}\n\n'), "stumbled");
  assert.deepEqual([of(503, ""), of(429, ""), judgeProof(null).kind], ["not_yet", "not_yet", "not_yet"]);
  assert.deepEqual([of(500, "x"), of(404, "x"), of(401, "x")], ["stumbled", "refused", "refused"]);
});

Deno.test("a listening socket is found by its port where 127.0.0.1 reaches it, and its owner by its descriptors", () => {
  const line = (local: string, state: string, inode: number): string =>
    `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100`;
  const text = [
    line("0100007F:1F90", "0A", 1),
    line("0200007F:1F90", "0A", 2),
    line("00000000:1F90", "01", 3),
    line("00000000000000000000000000000000:1F90", "0A", 4),
  ].join("\n");
  assert.deepEqual(inodesIn(text, 8080), ["1", "4"]);
  const port = freePort();
  assert.deepEqual(portOwner(port, [Deno.pid]), { kind: "nobody" });
  using _ = Deno.listen({ hostname: "127.0.0.1", port });
  assert.deepEqual(portOwner(port, [Deno.pid]), { kind: "ours" });
  assert.deepEqual(portOwner(port, [1]), { kind: "other", pid: Deno.pid });
  for (const _look of ["first", "again"]) {
    const { listens, seen } = portHolders(port);
    assert.deepEqual([listens, seen.map(({ pid }) => pid)], [true, [Deno.pid]]);
    assert.match(seen[0]?.name ?? "", /./);
  }
  assert.deepEqual(portHolders(freePort()), { listens: false, seen: [] });
  assert.notEqual(freePort(), port);
});

Deno.test("last words name what is wrong; the most particular trouble wins", () => {
  const cases: readonly (readonly [line: string, remedy: RegExp])[] = [
    ["OSError: [Errno 98] Address already in use", /another port/],
    ["start: couldn't bind HTTP server socket, hostname: 127.0.0.1", /another port/],
    ["torch.OutOfMemoryError: CUDA out of memory.", /GPU's memory is full/],
    ["ValueError: No available memory for the cache blocks.", /KV cache/],
    ["ValueError: Free memory is less than desired GPU memory utilization", /Another program/],
    ["vllm serve: error: unrecognized arguments: --x", /openai\.server\.argv/],
    ["srv load_model: failed to load model, 'x.gguf'", /model's path/],
    ["srv load_model: loading model 'x.gguf'", /model's path/],
  ];
  for (const [line, remedy] of cases) {
    assert.match(whyNot(["up", line], { code: 1, signal: null })?.remedy ?? "", remedy, line);
  }
  assert.equal(whyNot(["srv load_model: loading model 'x.gguf'", "model loaded"]), null);
  const endedBy = (signal: string): string =>
    whyNot(["srv load_model: loading model 'x.gguf'"], { code: null, signal })?.remedy ?? "";
  assert.match(endedBy("SIGILL"), /CPU/);
  assert.match(endedBy("SIGSEGV"), /Check the model's path/);
  assert.match(endedBy("SIGKILL"), /want of memory/);
  assert.match(whyNot(["up"], { code: 0, signal: null })?.remedy ?? "", /stay in the foreground/);
  // One that lives is still at it.
  assert.equal(whyNot(["srv load_model: loading model 'x.gguf'"]), null);
  assert.deepEqual(quotedLines(["a", "CUDA out of memory", "\u001b[1mbye", ""]), ["CUDA out of memory"]);
  assert.deepEqual(quotedLines(["a", "b", "c", "d\u001b"]), ["b", "c", "d?"]);
});

Deno.test("a version is the first field that tells one, bounded; kinds without a row are like any other", () => {
  assert.equal(versionIn('{"build_info": "b10068"}'), "b10068");
  assert.equal(versionIn('{"version": "", "sglang_version": "0.5"}'), "0.5");
  assert.deepEqual(["[]", "<html>", '{"version": 1}'].map(versionIn), [null, null, null]);
  assert.equal(serverKindFacts("toString"), serverKindFacts("other"));
  for (const facts of Object.values(SERVER_KIND_FACTS)) assert.match(facts.health_path, /^\//);
});
