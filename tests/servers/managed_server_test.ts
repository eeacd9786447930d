/** Managed servers: real processes, from their start to the last of what they leave behind. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { exists } from "../../lib/base/files.ts";
import type { ServerWish } from "../../lib/engines/server_wish.ts";
import { serverWish } from "../../lib/engines/openai/server_wish.ts";
import type { JournalEvent } from "../../lib/journal/event.ts";
import { JournalFold } from "../../lib/journal/fold.ts";
import {
  commandContainer,
  containerCli,
  imageContainer,
  serverImageKey,
} from "../../lib/launch/docker/server.ts";
import { serverBook } from "../../lib/runner/server_book.ts";
import { endLostServers } from "../../lib/session/end_lost_servers.ts";
import { groupContainment } from "../../lib/process/containment.ts";
import { readProcStat } from "../../lib/process/proc_stat.ts";
import { StopSwitch } from "../../lib/process/stop.ts";
import { Suspension } from "../../lib/process/suspension.ts";
import { requestsInHand } from "../../lib/servers/idle.ts";
import { Guard, type Guarded } from "../../lib/process/guard.ts";
import { MemoryGate } from "../../lib/metering/memory_gate.ts";
import type { RunnerEvent } from "../../lib/journal/runner_event.ts";
import { FastTime } from "../support/fast_time.ts";
import { type ServerLease, ServerLeases } from "../../lib/servers/leases.ts";
import { SERVER_TAG } from "../../lib/launch/server_launch.ts";
import { ManagedServer } from "../../lib/servers/managed_server.ts";
import type { ServerBook, ServerPlace } from "../../lib/servers/spawn_server.ts";
import { ServerError } from "../../lib/servers/server_error.ts";
import { besideServerPid } from "../../lib/metering/run_server.ts";
import type { ServerLauncher } from "../../lib/launch/server_launch.ts";
import { RUNNER } from "../support/events.ts";
import { FakeDocker } from "../support/fake_docker.ts";
import { livingChildren, makeStudy } from "../support/attempts.ts";
import { LLAMA_SERVER, testWithLlamaServer, TINY_RANDOM } from "../support/llama_server.ts";
import { configOf, planOf } from "../support/plans.ts";
import { lives, Program, until } from "../support/program.ts";
import { sleepersOf, sleepOfItsOwn } from "../support/strays.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { freePort } from "../../lib/servers/free_port.ts";
import { allowedList, OWN_CPUS, TWO_CPUS } from "../support/cpus.ts";
import { testWith } from "../support/needs.ts";

const NEVER = new AbortController().signal;

/** The fixture, with words that say what it does otherwise. */
function fixture(...words: readonly string[]): string[] {
  const script = fileURLToPath(new URL("../fixtures/servers/server.ts", import.meta.url));
  return [Deno.execPath(), "run", "-A", "--no-config", "--no-check", script, "{port}", ...words];
}

function wishFor(argv: readonly string[], more: Partial<ServerWish> = {}): ServerWish {
  const part = { kind: "vllm", argv, env: {}, lifetime: "run" } as const;
  return { ...serverWish(part, { model: "x", api: "completions", ready_s: 20 }), ...more };
}

interface Ground extends AsyncDisposable {
  readonly folder: TempFolder;
  readonly place: ServerPlace;
  readonly warnings: readonly string[];
  readonly marks: readonly Omit<Guarded, "pgid">[];
}

/** Where servers are started; nothing of them may live once it is disposed. */
function ground(more: Partial<ServerPlace> = {}): Ground {
  const folder = new TempFolder();
  const guard = more.guard ?? new Guard();
  const warnings: string[] = [];
  const marks: Omit<Guarded, "pgid">[] = [];
  const alive = new Set<string>();
  const place: ServerPlace = {
    guard,
    containment: groupContainment,
    env: { PATH: "/usr/bin:/bin", HOME: folder.path, NO_COLOR: "1" },
    base_dir: folder.path,
    log_path: folder.at("server.log"),
    warn: (code, text) => warnings.push(`${code}: ${text}`),
    book: {
      starting: (of) => {
        marks.push(of);
        alive.add(of.tag);
      },
      started: () => {},
      stopped: (instance) => void alive.delete(instance),
    },
    ...more,
  };
  return {
    folder,
    place,
    warnings,
    marks,
    [Symbol.asyncDispose]: async () => {
      try {
        assert.deepEqual(livingChildren(guard.pid), [], "a child is alive");
        assert.deepEqual(warnings, []);
        assert.deepEqual([...alive], [], "a server's end was not written down");
      } finally {
        await guard.close();
        folder[Symbol.dispose]();
      }
    },
  };
}

/** How a start fails; nothing of the server is left then. */
async function failure(wish: ServerWish, { place }: Ground, signal = NEVER): Promise<ServerError> {
  const error = await ManagedServer.start(wish, place, signal).then(
    async (server) => {
      await server.stop();
      assert.fail("it started");
    },
    (thrown) => thrown,
  );
  assert.ok(error instanceof ServerError, String(error));
  return error;
}

async function ask({ port }: ManagedServer): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/completions`, { method: "POST", body: "{}" });
  return await response.text();
}

Deno.test("a server is ready once it has computed, is known by its tag, and dies with all that it left behind", async () => {
  await using at = ground();
  const seconds = sleepOfItsOwn();
  const server = await ManagedServer.start(
    wishFor(fixture("stumbles", "leaves-child", seconds)),
    at.place,
    NEVER,
  );
  try {
    assert.match(await ask(server), /choices/);
    assert.equal(server.version, "1.2.3");
    assert.deepEqual(at.marks.map(({ tag }) => tag), [server.instance]);
    assert.deepEqual(server.tags, { [SERVER_TAG]: server.instance });
    // By its address alone it is found as well.
    const openai = { base_url: `http://localhost:${server.port}/v1` };
    assert.equal(besideServerPid(configOf({ backend: "openai", openai })), server.pid);
    const { spawned_ns, healthy_ns, ready_ns } = server.clocks;
    assert.ok(spawned_ns < healthy_ns && healthy_ns < ready_ns);
    const [sleeper, ...others] = sleepersOf(seconds);
    assert.ok(sleeper !== undefined && others.length === 0);
    assert.ok(server.pids().includes(sleeper), "what it left behind is its own");
  } finally {
    await server.stop();
  }
  assert.deepEqual(sleepersOf(seconds), []);
  assert.equal(await server.death(), null);
  assert.match(at.folder.read("server.log"), /listening/);
});

Deno.test("a server that ends before it is ready is server_exited, with its own words and what to do", async () => {
  await using at = ground();
  const script = "echo loading; echo 'error: failed to load model x.gguf' >&2; exit 1";
  const error = await failure(wishFor(["sh", "-c", script]), at);
  assert.equal(error.type, "server_exited");
  assert.match(error.message, /exit code 1.*failed to load model x\.gguf.*Check the model's path/s);
  const illegal = await failure(wishFor(["sh", "-c", "kill -ILL $$"]), at);
  assert.match(illegal.message, /SIGILL.*It wrote nothing.*built for a newer CPU/s);
  const missing = await failure(wishFor(["no-such-server"]), at);
  assert.equal(missing.type, "server_not_started");
});

Deno.test("a server that never gets ready is killed at its limit, and one that was stopped before that, too", async () => {
  await using at = ground();
  const stopped = new AbortController();
  setTimeout(() => stopped.abort(), 100);
  const [late, ended, loading] = await Promise.all([
    failure(wishFor(["sleep", "1000"], { ready_s: 0.3 }), at),
    failure(
      wishFor(["sleep", "1000"]),
      { ...at, place: { ...at.place, log_path: at.folder.at("b.log") } },
      stopped.signal,
    ),
    failure(wishFor(fixture("loading"), { ready_s: 1.5 }), {
      ...at,
      place: { ...at.place, log_path: at.folder.at("c.log") },
    }),
  ]);
  assert.match(late.message, /not ready after 0.3 s: nothing answered at \/health/);
  assert.equal(ended.message, "The server was stopped before it was ready.");
  assert.match(loading.message, /\/health answered 503/);
  assert.deepEqual([late, ended, loading].map(({ type }) => type), Array(3).fill("server_not_ready"));
});

function stateOf(pid: number): string | undefined {
  return readProcStat(pid)?.state;
}

Deno.test("a server that ignores TERM is killed after the grace; its proof carries the key; it pauses with the study", async () => {
  using suspension = new Suspension();
  await using at = ground({ grace_s: 0.3, control: { stop: new StopSwitch(), suspension } });
  const plain = wishFor(fixture("ignores-term", "wants-key"));
  const wish = { ...plain, proof: { ...plain.proof, key_variable: "MY_KEY" } };
  const place = { ...at.place, env: { ...at.place.env, MY_KEY: "the-key" } };
  const server = await ManagedServer.start(wish, place, NEVER);
  assert.notEqual(stateOf(server.pid), "T");
  await suspension.pause(async () => {
    await until("it stands still", () => stateOf(server.pid) === "T");
  });
  await until("it goes on", () => stateOf(server.pid) !== "T");
  await ask(server);
  const beganMs = performance.now();
  await server.stop();
  assert.ok(performance.now() - beganMs >= 290);
  assert.equal(lives(server.pid), false);
  assert.match(at.folder.read("server.log"), /no\n/);
});

Deno.test("a second stop ends the grace of a server", async () => {
  using suspension = new Suspension();
  const stop = new StopSwitch();
  await using at = ground({ grace_s: 60, control: { stop, suspension } });
  const over = new AbortController();
  const starting = failure(
    wishFor(["sh", "-c", "trap '' TERM; echo up; while :; do sleep 1000; done"]),
    at,
    over.signal,
  );
  await until("it is up", () => exists(at.place.log_path) && at.folder.read("server.log") !== "");
  stop.request("SIGINT");
  over.abort();
  stop.request("SIGINT");
  assert.equal((await starting).message, "The server was stopped before it was ready.");
});

Deno.test("a study that stood still while a server started makes the attempt again, and blames nobody", async () => {
  const worker = fileURLToPath(new URL("../fixtures/workers/asks_server.ts", import.meta.url));
  const argv = [Deno.execPath(), "run", "-A", "--no-config", "--no-check", worker];
  const suspension = new Suspension();
  let isPaused = false;
  const serverLaunch: ServerLauncher = ({ attempt }) => {
    // It is asked more than once for an attempt.
    if (!isPaused) setTimeout(() => suspension.pause(() => Promise.resolve()), 100);
    isPaused = true;
    const wish = wishFor(attempt === 1 ? ["sleep", "1000"] : fixture());
    return { wish, env: { PATH: "/usr/bin:/bin", HOME: "/nowhere", NO_COLOR: "1" } };
  };
  using study = await makeStudy(planOf([configOf({ command: { argv } })]), { serverLaunch, suspension });
  assert.deepEqual([study.error, study.left], [null, []]);
  const outcomes = study.events.filter((event) => event.type === "run_finished").map(({ record }) =>
    record.outcome
  );
  assert.deepEqual(outcomes.map(({ kind, flags }) => [kind, ...flags]), [["interrupted", "suspended"], [
    "completed",
  ]]);
});

Deno.test("a server's gauges tell whether it has requests in hand", () => {
  const gauges = ["vllm:num_requests_running", "vllm:num_requests_waiting"];
  const text = `# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="a b"} 2.0
vllm:num_requests_running{engine="1",model_name="a b"} 1.0 1700000000
vllm:num_requests_waiting 0.0
vllm:num_requests_waiting_by_reason{reason="x"} 7
`;
  assert.equal(requestsInHand(text, gauges), 3);
  assert.equal(requestsInHand("vllm:num_requests_running NaN\n", gauges), null);
  assert.equal(requestsInHand("", gauges), null);
});

Deno.test("a server that the last load has left busy is replaced", async () => {
  await using at = ground();
  const warned: string[] = [];
  await using leases = new ServerLeases((code) => warned.push(code));
  const idle = { path: "/metrics", gauges: ["in_hand"] };
  const request = { wish: wishFor(fixture("busy"), { lifetime: "group", idle }), cycle: 1, devices: [] };
  const lease = await leases.take(request, at.place, NEVER);
  await lease.giveBack("good");
  assert.ok(await leases.keeps(request, NEVER), "it came to rest");
  assert.deepEqual(warned, []);
  const other = await leases.take({ ...request, cycle: 2 }, at.place, NEVER);
  assert.ok(!lives(lease.server.pid));
  await other.giveBack("good");
  assert.equal(await leases.keeps({ ...request, cycle: 2 }, NEVER, 0), false);
  assert.ok(!lives(other.server.pid));
  const third = await leases.take(request, at.place, NEVER);
  await third.giveBack("good");
  Deno.kill(third.server.pid, "SIGKILL");
  await until("it is dead", () => third.ended.aborted);
  assert.equal(await leases.keeps(request, NEVER), false);
  assert.deepEqual(warned, ["server_busy", "server_died"]);
});

Deno.test("a server that listens on another port than its own is told so", async () => {
  await using at = ground();
  const error = await failure(wishFor([...fixture().slice(0, -1), "0", "{port}"], { ready_s: 1 }), at);
  assert.equal(error.type, "server_not_ready");
  assert.match(error.message, /it listens on \d+, and not on \d+, which llem gave it \(put \{port\}/);
  assert.match(error.log?.lines.join() ?? "", /listening/);
});

Deno.test("a server that refuses the request which proves it is not waited for", async () => {
  await using at = ground();
  const error = await failure(wishFor(fixture("refuses")), at);
  assert.deepEqual([error.type, error.retryable], ["server_not_ready", false]);
  assert.match(error.message, /answered 404 .*no model x.*Check that the model's name/s);
});

Deno.test("readiness that another program answers on the port is port_taken", async () => {
  const foreign = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response("ok"),
  );
  try {
    await using at = ground({ port: () => foreign.addr.port });
    const error = await failure(wishFor(["sleep", "1000"]), at);
    assert.equal(error.type, "port_taken");
    assert.match(
      error.message,
      new RegExp(`Port ${foreign.addr.port}, .*process ${Deno.pid}, which is not of`),
    );
  } finally {
    await foreign.shutdown();
  }
});

Deno.test("a server whose port another program has taken is started once more on another one, three times at most", async () => {
  using foreign = Deno.listen({ port: 0, hostname: "0.0.0.0" });
  const { port: taken } = foreign.addr;
  for (const [ports, starts] of [[[taken], 2], [[taken, taken, taken], 3]] as const) {
    const left = [...ports];
    await using at = ground({ port: () => left.shift() ?? freePort() });
    await using leases = new ServerLeases();
    const request = { wish: wishFor(fixture()), cycle: 1, devices: [] };
    const lease = await leases.take(request, at.place, NEVER).catch((error: ServerError) => error);
    assert.equal(at.marks.length, starts);
    if (lease instanceof ServerError) assert.deepEqual([lease.type, starts], ["port_taken", 3]);
    else assert.notEqual(lease.server.port, taken);
  }
});

testWith([TWO_CPUS], "a server is kept to its CPUs, with what it starts", async () => {
  const cpu = OWN_CPUS.at(-1) ?? 0;
  await using at = ground({ affinity: { cpus: [cpu], numa: null } });
  const server = await ManagedServer.start(wishFor(fixture()), at.place, NEVER);
  try {
    assert.deepEqual([allowedList(server.pid), at.warnings], [`${cpu}`, []]);
    assert.notEqual(allowedList("self"), `${cpu}`);
  } finally {
    await server.stop();
  }
});

Deno.test("a server that dies under load says so at once, and its lease is over", async () => {
  await using at = ground();
  await using leases = new ServerLeases();
  const request = { wish: wishFor(fixture("dies"), { lifetime: "group" }), cycle: 1, devices: [] };
  const lease = await leases.take(request, at.place, NEVER);
  assert.equal(await lease.death(), null);
  const ended = new Promise<void>((resolve) => lease.ended.addEventListener("abort", () => resolve()));
  await ask(lease.server).catch(() => "cut");
  // Whoever asks at once, as a broken connection makes a run do, waits for the exit to be seen.
  const error = await lease.death(5_000);
  await ended;
  assert.equal(error?.type, "server_died");
  assert.match(error?.message ?? "", /exit code 3 under load.*CUDA out of memory.*GPU's memory is full/s);
  assert.equal(leases.fits(request), false);
  await lease.giveBack("bad");
});

Deno.test("a group keeps its instance until the server part, the cycle or a failure says otherwise", async () => {
  await using at = ground();
  await using leases = new ServerLeases();
  const seen: ServerLease["facts"][] = [];
  const make = async (wish: ServerWish, cycle: number, end: "good" | "bad"): Promise<void> => {
    const lease = await leases.take({ wish, cycle, devices: [] }, at.place, NEVER);
    seen.push(lease.facts);
    await lease.giveBack(end);
    const isKept = wish.lifetime === "group" && end === "good";
    assert.equal(lives(lease.server.pid), isKept);
  };
  const group = wishFor(fixture(), { lifetime: "group" });
  await make(group, 1, "good");
  await make({ ...group, ready_s: 5 }, 1, "bad");
  await make(group, 1, "good");
  await make(group, 2, "good");
  await make({ ...group, env: { A: "1" }, lifetime: "run" }, 2, "good");
  const firsts = seen.map(({ instance }) => seen.findIndex((facts) => facts.instance === instance));
  assert.deepEqual(firsts, [0, 0, 2, 3, 4]);
  assert.deepEqual(seen.map(({ position }) => position), [1, 2, 1, 1, 1]);
  assert.ok(seen.every(({ startup_s, age_s }) => startup_s > 0 && age_s >= 0 && age_s < startup_s + 5));
  assert.match(seen[0]?.argv.at(-1) ?? "", /^\d+$/);
});

/** Servers as the journal tells of them. */
function booked(): { readonly fold: JournalFold; readonly book: ServerBook } {
  const fold = new JournalFold();
  const write = (event: JournalEvent): void => void fold.apply({ ...event, at: "" });
  return { fold, book: serverBook("0001_m", write, RUNNER) };
}

Deno.test("a resume kills the servers of which the journal tells no end, and nothing else", async () => {
  const { fold, book } = booked();
  await using at = ground({ book });
  const said: string[] = [];
  const context = { dir: "d", owner: RUNNER, say: (line: string) => void said.push(line) };
  const seconds = sleepOfItsOwn();
  const stopped = await ManagedServer.start(wishFor(fixture()), at.place, NEVER);
  await stopped.stop();
  assert.deepEqual([...fold.state.servers], []);
  const place = { ...at.place, log_path: at.folder.at("b.log") };
  const lost = await ManagedServer.start(wishFor(fixture("leaves-child", seconds)), place, NEVER);
  const other = await ManagedServer.start(wishFor(fixture()), {
    ...at.place,
    book: booked().book,
    log_path: at.folder.at("c.log"),
  }, NEVER);
  try {
    const [unended] = fold.state.servers.values();
    assert.deepEqual([unended?.starting.instance, unended?.started?.process.pid], [lost.instance, lost.pid]);
    const elsewhere = { ...context, owner: { ...RUNNER, host: "elsewhere" } };
    assert.deepEqual(await endLostServers(fold.state, elsewhere), []);
    assert.ok(lives(lost.pid));
    const events = await endLostServers(fold.state, context);
    assert.deepEqual(events, [{ type: "server_stopped", instance: lost.instance }]);
    await until("the server is gone", () => !lives(lost.pid) && sleepersOf(seconds).length === 0);
    assert.match(said.join(), new RegExp(`processes .*\\b${lost.pid}\\b.* of the server of 0001_m outlived`));
    assert.ok(lives(other.pid));
  } finally {
    await Promise.all([lost.stop(), other.stop()]);
  }
});

/** A fake docker whose images run the fixture server. */
function dockerOf(folder: TempFolder): FakeDocker {
  const docker = new FakeDocker(folder.path);
  const words = fixture().slice(0, -1).map((word) => `'${word}'`).join(" ");
  docker.setPython(`#!/bin/sh\nexport HOME='${folder.path}'\nexec ${words} "$@"\n`);
  docker.set("made", "vllm/vllm-openai:v0.33.0 sha256:0123");
  return docker;
}

Deno.test("a command line that begins a container gets a name, a label and a tag, and the container dies", async () => {
  using folder = new TempFolder();
  const docker = dockerOf(folder);
  const { fold, book } = booked();
  await using at = ground({ book, guard: new Guard(() => {}, { program: docker.program, env: {} }) });
  const wish = wishFor([docker.program, "run", "--rm", "vllm/vllm-openai", "{port}"]);
  const cli = containerCli(wish, at.place.env, "/");
  assert.ok(cli !== null);
  const place = { ...at.place, container: commandContainer(wish, cli, SERVER_TAG) };
  const server = await ManagedServer.start(wish, place, NEVER);
  const name = `llem-server-${server.instance}`;
  try {
    const run = docker.calls().find(([verb]) => verb === "run");
    const marks = ["--name", name, "--label", `llem.server=${server.instance}`, "--env", SERVER_TAG];
    assert.deepEqual(run, ["run", ...marks, "--rm", "vllm/vllm-openai", String(server.port)]);
    assert.deepEqual(docker.containers(), [name]);
    assert.deepEqual(server.image, { name: "vllm/vllm-openai:v0.33.0", id: "sha256:0123" });
    const [unended] = fold.state.servers.values();
    assert.deepEqual(unended?.starting.container, { name, program: docker.program });
    // What the guard and a resume have where the runner and its client are gone.
    await endLostServers(fold.state, { dir: "d", owner: RUNNER, say: () => {} });
    assert.deepEqual(docker.containers(), []);
  } finally {
    await server.stop();
  }
  assert.deepEqual([...fold.state.servers], []);
  const again = await ManagedServer.start(wish, { ...place, log_path: at.folder.at("b.log") }, NEVER);
  await again.stop();
  assert.deepEqual(docker.containers(), []);
});

Deno.test("an image is started on this machine's network where its port is told, else its usual port is published", () => {
  using folder = new TempFolder();
  const docker = { cli: { program: "/usr/bin/docker", env: {} }, gpus: [], nvidia: false, rootless: false };
  const image = { name: "vllm/vllm-openai", id: "sha256:0123" };
  const host = {
    ...docker,
    images: new Map([[serverImageKey(image.name), image]]),
    raises_limits: false,
    shared_memory: "8g",
    selinux: false,
  };
  const argsOf = (argv: readonly string[], rootless = false): string => {
    const wish = wishFor(argv, { image: image.name, env: { A_TOKEN: "x" }, usual_port: 30_000 });
    const more = { devices: [], env: { HF_HOME: "/gone" }, base_dir: folder.path, variables: ["A_TOKEN"] };
    const config = configOf({ model: "m" });
    const server = imageContainer({ wish, config, docker: { ...host, rootless }, ...more, tag: SERVER_TAG });
    return server.start({ instance: "i", port: 18_123, argv }).args.join(" ");
  };
  const told = argsOf(["--port", "{port}"]);
  assert.match(
    told,
    /^run --name llem-server-i --label llem\.server=i --rm .*--network host .*sha256:0123 --port/,
  );
  assert.match(told, /--env A_TOKEN --env HF_HOME --env LLEM_SERVER_ID sha256/);
  assert.doesNotMatch(told, /A_TOKEN=|--publish/);
  assert.match(argsOf(["--port", "{port}"], true), /--publish 127\.0\.0\.1:18123:18123 /);
  assert.match(argsOf([]), /--publish 127\.0\.0\.1:18123:30000 /);
});

Deno.test("a server dies with its runner, with all that it left behind", async () => {
  using folder = new TempFolder();
  const seconds = sleepOfItsOwn();
  const wish = wishFor(fixture("leaves-child", seconds));
  const { proof: _, ...plain } = wish;
  await using runner = new Program(`
    import { Guard } from "/lib/process/guard.ts";
    import { groupContainment as containment } from "/lib/process/containment.ts";
    import { ManagedServer } from "/lib/servers/managed_server.ts";
    const place = {
      guard: new Guard(),
      containment,
      env: { PATH: "/usr/bin:/bin", HOME: "/nowhere" },
      base_dir: "/",
      log_path: ${JSON.stringify(folder.at("server.log"))},
      warn: () => {},
    };
    const proof = { path: "/v1/completions", body: () => "{}", headers: {}, key_variable: null };
    const wish = { ...${JSON.stringify(plain)}, proof };
    const server = await ManagedServer.start(wish, place, new AbortController().signal);
    console.log(JSON.stringify({ server: server.pid, guard: place.guard.pid }));
    await Deno.stdin.read(new Uint8Array(1));
  `);
  const { server, guard } = JSON.parse(await runner.line());
  assert.ok(lives(server) && sleepersOf(seconds).length === 1);
  runner.kill();
  await until("nothing is left", () => !lives(server) && sleepersOf(seconds).length === 0 && !lives(guard));
});

Deno.test("a study's runs get their servers: told to the worker, kept in a group, named where they fail", async () => {
  const worker = fileURLToPath(new URL("../fixtures/workers/asks_server.ts", import.meta.url));
  const argv = [Deno.execPath(), "run", "-A", "--no-config", "--no-check", worker];
  const servers = new Map([[3, fixture("dies")], [4, [
    "sh",
    "-c",
    "echo unrecognized arguments: -x; exit 2",
  ]]]);
  const configs = [1, 2, 3, 4].map((id) => configOf({ command: { argv }, params: { id } }));
  const serverLaunch: ServerLauncher = ({ run: { index } }) => {
    const wish = wishFor(servers.get(index) ?? fixture(), { lifetime: "group" });
    return { wish, env: { PATH: "/usr/bin:/bin", HOME: "/nowhere", NO_COLOR: "1" } };
  };
  using study = await makeStudy(planOf(configs), { serverLaunch });
  assert.deepEqual([study.error, study.left], [null, []]);
  const records = study.events.filter((event) => event.type === "run_finished").map(({ record }) => record);
  assert.deepEqual(records.map(({ outcome }) => outcome.error?.type ?? outcome.kind), [
    "completed",
    "completed",
    "server_died",
    "server_exited",
  ]);
  const messages = records.map(({ outcome }) => outcome.error?.message ?? "");
  assert.match(messages[2] ?? "", /exit code 3 under load.*CUDA out of memory/);
  assert.match(messages[3] ?? "", /unrecognized arguments: -x.*correct openai\.server\.argv/);
  const [first, second, third, fourth] = records.map(({ server }) => server);
  assert.equal(first?.instance, second?.instance);
  assert.deepEqual([first?.position, second?.position, third?.position], [1, 2, 1]);
  assert.notEqual(third?.instance, first?.instance);
  assert.equal(fourth, undefined);
  const told = records.map(({ measurement }) => measurement?.metrics["position"]);
  assert.deepEqual(told, [1, 2, undefined, undefined]);
});

Deno.test("a server waits until the board has the memory back that the last one held, and a kept one does not", async () => {
  const worker = fileURLToPath(new URL("../fixtures/workers/asks_server.ts", import.meta.url));
  const argv = [Deno.execPath(), "run", "-A", "--no-config", "--no-check", worker];
  const configs = [1, 2, 3].map((id) => configOf({ command: { argv }, params: { id } }));
  const seen: string[] = [];
  // Given back at the third look after the server's end.
  let heldMib = 0;
  const read = (): Promise<ReadonlyMap<string, number>> => {
    seen.push(heldMib > 0 ? "held" : "free");
    const used = new Map([["0", heldMib]]);
    heldMib = Math.max(0, heldMib - 10_000);
    return Promise.resolve(used);
  };
  const memory = new MemoryGate(["0"], read, 30_000, new FastTime());
  const serverLaunch: ServerLauncher = ({ run: { index } }) => {
    // The first two share an instance.
    const wish = wishFor(fixture(index < 3 ? "first" : "second"), { lifetime: "group" });
    return { wish, env: { PATH: "/usr/bin:/bin", HOME: "/nowhere", NO_COLOR: "1" } };
  };
  const onEvent = (event: RunnerEvent): void => {
    if (event.type !== "run_finished") return;
    seen.push(`run ${event.run.index}`);
    heldMib = 20_000;
  };
  using study = await makeStudy(planOf(configs), { serverLaunch, memory, onEvent });
  assert.deepEqual([study.error, study.left], [null, []]);
  assert.deepEqual(seen, ["free", "run 1", "run 2", "held", "held", "free", "run 3"]);
});

testWithLlamaServer(
  "a real llama-server: ready, its build, a taken port, a missing model, and gone",
  async () => {
    const argv = [LLAMA_SERVER, "-m", "{model}", "--port", "{port}", "-t", "1", "-c", "128", "-np", "1"];
    const part = { kind: "llama-server", argv, env: {}, lifetime: "run" } as const;
    const wish = serverWish(part, { model: TINY_RANDOM, api: "completions", ready_s: 30 });
    let port = 0;
    await using at = ground();
    const server = await ManagedServer.start(wish, at.place, NEVER);
    try {
      port = server.port;
      assert.match(server.version ?? "", /^b?\d+/);
      const place = { ...at.place, port: () => port, log_path: at.folder.at("second.log") };
      const taken = await failure(wish, { ...at, place });
      assert.equal(taken.type, "port_taken", taken.message);
    } finally {
      await server.stop();
    }
    const missing = await failure({ ...wish, model: "gone.gguf" }, at);
    assert.equal(missing.type, "server_exited");
    assert.match(missing.message, /Check the model's path/);
  },
);
