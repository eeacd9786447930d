/** What the client says of itself, against stalls, work and sockets that the test made. */
import assert from "node:assert/strict";
import { sleep } from "../../../../lib/base/abort.ts";
import { readProcFile } from "../../../../lib/base/proc_file.ts";
import { CpuMeter } from "../../../../worker/engines/openai/health/cpu_share.ts";
import { type ClientHealth, judgeHealth } from "../../../../worker/engines/openai/health/client_health.ts";
import { LoopLag, stallLags } from "../../../../worker/engines/openai/health/loop_lag.ts";
import {
  fileFacts,
  missingConnections,
  parseFileLimits,
} from "../../../../worker/engines/openai/health/open_files.ts";
import { parsePortRange, portFacts, portUse } from "../../../../worker/engines/openai/health/ports.ts";

// Loads libc before any test: a library that a test loads counts as a leak.
readProcFile("/proc/self/limits");

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

Deno.test("a loop that stood still weighs as long as it lasted, and a stall under way counts", async () => {
  assert.deepEqual(stallLags(35), [35, 25, 15, 5]);
  assert.deepEqual([stallLags(0), stallLags(-3)], [[], []]);
  using lag = new LoopLag();
  await sleep(50);
  block(200);
  const blocked = lag.facts();
  // 200 of 250 ms stood still: an event at any moment waited half of that on the average.
  assert.ok((blocked.max_ms ?? 0) >= 185, `max ${blocked.max_ms}`);
  assert.ok((blocked.p50_ms ?? 0) >= 40, `p50 ${blocked.p50_ms}`);
  await sleep(1);
  lag.restart();
  assert.equal(lag.facts().max_ms, null, "what was before the window is forgotten");
  await sleep(40);
  assert.ok((lag.facts().p50_ms ?? -1) >= 0);
});

Deno.test("the CPU share is that of the work that was done", async () => {
  const busy = new CpuMeter();
  while (busy.facts().cpu_s < 0.1) block(5);
  const { cpu_share } = busy.facts();
  assert.ok(cpu_share !== null && cpu_share > 0);
  const idle = new CpuMeter();
  await sleep(100);
  const { cpu_s } = idle.facts();
  assert.ok(cpu_s < 0.08, `${cpu_s} s in 0.1 s of sleep`);
});

Deno.test("sockets to a server, those in TIME_WAIT included, take ports of the range", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const remote = { address: "127.0.0.1", port };
  try {
    assert.equal(portFacts(remote)?.in_use, 0);
    const pairs = [];
    for (let i = 0; i < 3; i++) {
      const [client, server] = await Promise.all([
        Deno.connect({ hostname: "127.0.0.1", port }),
        listener.accept(),
      ]);
      pairs.push({ client, server });
    }
    const open = portFacts(remote);
    assert.deepEqual([open?.in_use, open?.time_wait], [3, 0]);
    assert.deepEqual(portFacts({ address: "127.0.0.2", port })?.in_use, 0);
    // Who closes first keeps the port for a minute.
    for (const { client, server } of pairs) {
      client.close();
      await server.read(new Uint8Array(1));
      server.close();
    }
    const closed = portFacts(remote);
    assert.deepEqual([closed?.in_use, closed?.time_wait], [3, 3]);
    assert.equal(closed?.free, open?.free);
  } finally {
    listener.close();
  }
});

Deno.test("tables of sockets, ranges and limits are read as the kernel writes them", () => {
  const row = (local: string, remote: string, state: string): string =>
    `   1: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000  0 0 1 1 0 100 0 0 10 0`;
  const table = [
    "  sl  local_address rem_address   st tx_queue rx_queue",
    row("0100007F:9C40", "0200007F:1F90", "01"),
    row("0100007F:9C41", "0200007F:1F90", "06"),
    row("0000000000000000FFFF00000100007F:9C42", "0000000000000000FFFF00000200007F:1F90", "06"),
    // Another server, a port below the range, one that listens, and the server's own end of the first.
    row("0100007F:9C43", "0300007F:1F90", "01"),
    row("0100007F:03E8", "0200007F:1F90", "01"),
    row("0100007F:9C44", "0200007F:1F90", "0A"),
    row("0200007F:1F90", "0100007F:9C40", "01"),
    "",
  ].join("\n");
  const range = { first: 32768, last: 60999 };
  assert.deepEqual(portUse(table, { address: "127.0.0.2", port: 8080 }, range), { in_use: 3, time_wait: 2 });
  assert.deepEqual(portUse(table, { address: null, port: 8080 }, range), { in_use: 4, time_wait: 2 });
  assert.deepEqual(parsePortRange("32768\t60999\n"), range);
  assert.equal(parsePortRange(""), null);
  const limits = "Limit  Soft Limit  Hard Limit  Units\nMax processes  96365  96365  processes\n";
  assert.deepEqual(
    parseFileLimits(`${limits}Max open files            1024                 unlimited            files`),
    {
      soft_limit: 1024,
      hard_limit: null,
    },
  );
  assert.equal(parseFileLimits(limits), null);
});

Deno.test("more connections than files or ports allow are counted before they fail", () => {
  const own = fileFacts();
  assert.ok(own !== null && own.open > 3 && (own.soft_limit ?? Infinity) > own.open);
  const files = { soft_limit: 1024, hard_limit: 4096, open: 60 };
  assert.equal(missingConnections(900, files, null), 0);
  assert.equal(missingConnections(1000, files, null), 100);
  assert.equal(missingConnections(1000, { ...files, soft_limit: null }, { free: 300 }), 700);
  assert.equal(missingConnections(1e6, null, null), 0);
});

Deno.test("latency is marginal where the client's own delays would show in it, with every cause named", () => {
  const health: ClientHealth = {
    cpu_s: 3,
    cpu_share: 0.3,
    loop_lag: { p50_ms: 0.2, p99_ms: 4, max_ms: 9 },
    reconnects: 0,
    ports: { in_use: 64, time_wait: 0, free: 28_000 },
    files: null,
  };
  const inTime = { kind: "in_time", lateness_share: 0.01 } as const;
  assert.deepEqual(judgeHealth(health, inTime, 50), { latency: "ok", causes: [] });
  assert.deepEqual(judgeHealth(health, inTime, 39).causes, ["loop_lag"]);
  assert.deepEqual(judgeHealth(health, inTime, null).causes, []);
  const quick = { ...health, loop_lag: { p50_ms: 0, p99_ms: 0.9, max_ms: 1 } };
  assert.deepEqual(judgeHealth(quick, inTime, 2).causes, []);
  const bad: ClientHealth = {
    ...health,
    cpu_share: 0.9,
    ports: { in_use: 28_000, time_wait: 27_000, free: 232 },
  };
  assert.deepEqual(judgeHealth(bad, { kind: "late", lateness_share: 0.2 }, 10), {
    latency: "marginal",
    causes: ["late", "loop_lag", "cpu", "ports"],
  });
});

Deno.test("a look at the event loop that ends in the turn in which it was due goes on no further", async () => {
  for (let attempt = 0; attempt < 5; attempt++) {
    using lag = new LoopLag();
    const read = Deno.stat(".");
    // What was read and the timer are both there when the loop has its turn.
    for (const untilMs = performance.now() + 15; performance.now() < untilMs;);
    await read;
    assert.notEqual(lag.facts().max_ms, null);
  }
  // The sanitizer of timers sees one that goes on.
  await new Promise((resolve) => setTimeout(resolve, 15));
});
