import assert from "node:assert/strict";
import { readPipe, readPipeInSteps } from "../../lib/process/read_pipe.ts";
import { type ChildProcess, spawnDetached } from "../../lib/process/spawn.ts";
import { signalGroup } from "../../lib/process/process_group.ts";
import "../support/libc.ts";
import { PATIENCE_MS, until } from "../support/program.ts";

function shell(script: string): ChildProcess {
  const spawned = spawnDetached({
    program: "/bin/sh",
    args: ["-c", script],
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
  });
  if ("failure" in spawned) throw new Error(spawned.failure.message);
  return spawned.child;
}

async function end(child: ChildProcess): Promise<void> {
  signalGroup(child.pid, "SIGKILL");
  await child.exited;
  await Promise.all([child.stdin.close().catch(() => {}), child.stderr.cancel()]);
}

Deno.test("readPipe() hands on every byte in order and is done at end-of-file", async () => {
  const child = shell(
    "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i + 1)); done; printf '\\377\\000end'",
  );
  const chunks: Uint8Array[] = [];
  await readPipe(child.stdout, (bytes) => chunks.push(bytes.slice())).done;
  const expected = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join("");
  const bytes = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
  assert.equal(new TextDecoder("latin1").decode(bytes), `${expected}\xff\0end`);
  await end(child);
});

Deno.test("readPipe() stops when told, though a stranger holds the other end open", async () => {
  const child = shell("echo ready; sleep 1000 & exit 0");
  let text = "";
  const pipe = readPipe(child.stdout, (bytes) => {
    text += new TextDecoder().decode(bytes);
  });
  assert.deepEqual(await child.exited, { code: 0, signal: null });
  await until("the line is there", () => text === "ready\n");
  let isDone = false;
  const done = pipe.done.then(() => {
    isDone = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(isDone, false);
  await pipe.cancel();
  await done;
  await pipe.cancel();
  await end(child);
});

/** A stream of bytes, as a pipe is one. */
function byteStream(
  pull: (controller: ReadableByteStreamController) => void | Promise<void>,
): ReadableStream<Uint8Array> {
  return new ReadableStream({ type: "bytes", pull });
}

function close(controller: ReadableByteStreamController): void {
  controller.close();
  // A reader that brings its own buffer waits for an answer.
  controller.byobRequest?.respond(0);
}

Deno.test("readPipe() is done, and does not reject, where reading fails", async () => {
  const chunks: number[] = [];
  let pulls = 0;
  const stream = byteStream((controller) => {
    pulls += 1;
    if (pulls === 1) controller.enqueue(Uint8Array.of(7));
    else controller.error(new Error("broken"));
  });
  await readPipe(stream, (bytes) => chunks.push(...bytes)).done;
  assert.deepEqual(chunks, [7]);
});

Deno.test("readPipe() gives timers their turn while a worker floods", async () => {
  // Always full: without a pause nothing else would ever run.
  let isFlooding = true;
  const endMs = performance.now() + PATIENCE_MS / 4;
  const stream = byteStream((controller) => {
    if (isFlooding && performance.now() < endMs) controller.enqueue(new Uint8Array(1024));
    else close(controller);
  });
  const timer = setTimeout(() => {
    isFlooding = false;
  }, 20);
  await readPipe(stream, () => {}).done;
  clearTimeout(timer);
  assert.equal(isFlooding, false, "the timer never had its turn");
});

Deno.test("readPipe() reads no further than what has been taken, so that the writer feels the pressure", async () => {
  let given = 0;
  const gate = Promise.withResolvers<void>();
  const stream = byteStream(async (controller) => {
    given += 1;
    if (given > 3) await gate.promise;
    if (given > 5) close(controller);
    else controller.enqueue(new Uint8Array(10));
  });
  let taken = 0;
  const pipe = readPipe(stream, () => {
    taken += 1;
    assert.equal(given, taken);
  });
  await until("three chunks are taken", () => taken === 3);
  gate.resolve();
  await pipe.done;
  assert.equal(taken, 5);
});

Deno.test("readPipe() keeps the bytes of pipes apart that are read at the same time, and one after the other", async () => {
  for (let round = 0; round < 3; round++) {
    const letters = ["a", "b", "c", "d"];
    const children = letters.map((letter) => shell(`head -c 300000 /dev/zero | tr '\\0' ${letter}`));
    const texts = await Promise.all(children.map(async (child) => {
      let text = "";
      await readPipe(child.stdout, (bytes) => {
        text += new TextDecoder().decode(bytes);
      }).done;
      return text;
    }));
    texts.forEach((text, index) => assert.ok(text === (letters[index] ?? "").repeat(300_000)));
    await Promise.all(children.map(end));
  }
});

Deno.test("readPipeInSteps() gives timers their turn in the middle of a chunk", async () => {
  const stream = byteStream((controller) => {
    controller.enqueue(new Uint8Array(1024));
    close(controller);
  });
  let hadTurn = false;
  const timer = setTimeout(() => {
    hadTurn = true;
  }, 20);
  const endMs = performance.now() + PATIENCE_MS / 4;
  function* steps(): Generator<void> {
    while (!hadTurn && performance.now() < endMs) yield;
  }
  await readPipeInSteps(stream, steps).done;
  clearTimeout(timer);
  assert.ok(hadTurn, "the timer never had its turn");
});

Deno.test("readPipeInSteps() does every step of a chunk that it has read, also when it is told to stop", async () => {
  const stream = byteStream((controller) => controller.enqueue(new Uint8Array(1024)));
  let steps = 0;
  const pipe = readPipeInSteps(stream, function* () {
    const endMs = performance.now() + 30;
    while (performance.now() < endMs) yield;
    for (; steps < 1000; steps++) yield;
  });
  await new Promise((resolve) => setTimeout(resolve, 10));
  await pipe.cancel();
  assert.equal(steps, 1000);
});
