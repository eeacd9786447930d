import assert from "node:assert/strict";
import { MeterClient, type MeterProgram } from "../../lib/meter/meter_client.ts";
import type { MeterMessage } from "../../lib/meter/sample.ts";
import { meterProgram, OPTIONS } from "../support/meters.ts";
import { C_COMPILER, testWith } from "../support/needs.ts";
import type { StubConfig } from "../support/nvml_stub.ts";
import { lives, until } from "../support/program.ts";

const BOARD: StubConfig = { boards: [{ uuid: "GPU-one" }] };

async function started(config: StubConfig): Promise<MeterClient> {
  const client = await MeterClient.start(meterProgram(config), OPTIONS);
  assert.ok(!("reason" in client), JSON.stringify(client));
  return client;
}

/** A shell in the place of the meter. It leaves its id behind, for it may never greet. */
function shell(script: string, pidFile = "/dev/null"): MeterProgram {
  return {
    program: "/bin/sh",
    args: ["-c", `echo $$ >'${pidFile}'\n${script}`, "meter"],
    env: { PATH: "/usr/bin:/bin" },
  };
}

testWith(
  [C_COMPILER],
  "an edge resolves once its counters were heard, and the end of the client is that of the meter",
  async () => {
    const client = await started(BOARD);
    const heard: MeterMessage[] = [];
    const listening = client.listen((message) => heard.push(message));
    await Promise.all([client.edge(), client.edge()]);
    assert.ok(heard.some((message) => message.type === "counter" && message.edge !== null));
    assert.ok(heard.some((message) => message.type === "edge" && message.edge === 2));
    listening[Symbol.dispose]();
    const count = heard.length;
    await client.edge();
    assert.equal(heard.length, count);
    await client[Symbol.asyncDispose]();
    assert.ok(!lives(client.pid));
    assert.ok(client.hasEnded);
  },
);

testWith(
  [C_COMPILER],
  "SIGKILL of the meter is heard as trouble, and ends an edge that waits for it",
  async () => {
    await using client = await started(BOARD);
    const heard: MeterMessage[] = [];
    using _ = client.listen((message) => heard.push(message));
    Deno.kill(client.pid, "SIGSTOP");
    const edge = client.edge();
    Deno.kill(client.pid, "SIGKILL");
    await edge;
    await client.ended;
    assert.deepEqual(heard.filter(({ type }) => type === "trouble").map((one) => "code" in one && one.code), [
      "ended",
    ]);
    await client.edge();
  },
);

testWith([C_COMPILER], "trouble from before anybody listened is kept, be it the end", async () => {
  const codes = [{ function: "nvmlDeviceGetHandleByIndex_v2", code: 4, first: 1 }];
  await using client = await started({ codes, boards: [{}, {}] });
  Deno.kill(client.pid, "SIGKILL");
  await client.ended;
  assert.deepEqual(client.early.map(({ code }) => code), ["permission", "ended"]);
});

testWith([C_COMPILER], "a meter that was stopped is closed as any other", async () => {
  const client = await started(BOARD);
  Deno.kill(client.pid, "SIGSTOP");
  await client[Symbol.asyncDispose]();
  assert.ok(!lives(client.pid));
});

testWith([C_COMPILER], "the end that was asked for is no trouble", async () => {
  const client = await started(BOARD);
  const heard: MeterMessage[] = [];
  client.listen((message) => heard.push(message));
  await client[Symbol.asyncDispose]();
  assert.deepEqual(heard.filter(({ type }) => type === "trouble"), []);
});

Deno.test("a program that is not there: a reason", async () => {
  const client = await MeterClient.start({ program: "/no/such/program", args: [], env: {} }, OPTIONS);
  assert.ok("reason" in client);
  assert.match(client.reason, /could not be started/);
});

for (const [script, reason] of [["exit 7", /exit code 7/], ["kill -SEGV $$", /SIGSEGV/]] as const) {
  Deno.test(`a program that ends before it greets (${script}): a reason that says how`, async () => {
    const client = await MeterClient.start(shell(script), OPTIONS);
    assert.ok("reason" in client);
    assert.match(client.reason, reason);
  });
}

Deno.test("a program that never greets is killed when patience ends, or the wait is ended", async () => {
  const pidFile = Deno.makeTempFileSync();
  const noise = shell("echo noise; exec sleep 1000", pidFile);
  const silent = await MeterClient.start(noise, OPTIONS, { patience: { helloMs: 300 } });
  assert.ok("reason" in silent);
  assert.match(silent.reason, /does not answer/);
  assert.ok(!lives(Number(Deno.readTextFileSync(pidFile))));
  Deno.writeTextFileSync(pidFile, "");
  const stop = new AbortController();
  const ended = MeterClient.start(noise, OPTIONS, { signal: stop.signal });
  await until("it runs", () => Deno.readTextFileSync(pidFile) !== "");
  stop.abort();
  const result = await ended;
  assert.ok("reason" in result);
  assert.match(result.reason, /was cancelled/);
  assert.ok(!lives(Number(Deno.readTextFileSync(pidFile))));
  Deno.removeSync(pidFile);
});

Deno.test("a meter that answers no edge holds its owner up for its patience only", async () => {
  const hello = JSON.stringify({
    type: "hello",
    schema: "llem.meter/1",
    pid: 1,
    devices: [],
    absent: [],
    period_ms: 50,
  });
  const client = await MeterClient.start(shell(`echo '${hello}'; exec sleep 1000`), OPTIONS, {
    patience: { edgeMs: 50, closeMs: 50 },
  });
  assert.ok(!("reason" in client));
  await client.edge();
  await client[Symbol.asyncDispose]();
  assert.ok(!lives(client.pid));
});
