/** Parts of the worker that need no engine, in one process without torch. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { JsonObject } from "../../../lib/base/json.ts";
import { NO_ITL } from "../../../lib/protocol/messages.ts";
import { readFrame } from "../../../lib/protocol/read_frame.ts";
import { PYTHON_FOLDER, testPython } from "../../support/python_worker.ts";
import { TempFolder } from "../../support/temp_folder.ts";

/** Evaluates an expression of Python with `given`; what it is comes back as JSON. */
function evaluated(expression: string, given: JsonObject = {}): unknown {
  const program = `
import json, sys
from types import SimpleNamespace
from llem_worker.errors import WorkerError
from llem_worker.frames import encode
from llem_worker.outbox import Outbox
from llem_worker.progress import Progress
from llem_worker.prompts_file import read_prompts

def read(prompts):
    try:
        return read_prompts({"inputs": {"prompts": prompts}})
    except WorkerError as error:
        return f"{error.error_type}: {error.message}"

def told(total, *batches):
    frames = []
    progress = Progress(Outbox(SimpleNamespace(send_all=frames.extend)), total)
    for tokens, missed in batches:
        progress.add(tokens, missed)
        progress.tell(0)
    return [[frame["done"], frame["total"]] for frame in frames[1:]]

def record(times_ms, further=(), end_ms=None):
    from llem_worker.generation import Request
    from llem_worker.measure import request_frame
    prompt = SimpleNamespace(index=0, token_ids=[1, 2])
    times = [int(ms * 1e6) for ms in times_ms]
    end_ns = times[-1] if end_ms is None else int(end_ms * 1e6)
    request = Request(prompt, [7] * len(times), times, end_ns, len(times), further=list(further))
    return request_frame(request, 0, 0)

given = json.loads(sys.argv[2])
print(json.dumps(eval(sys.argv[1])))
`;
  const { success, stdout } = new Deno.Command(testPython(), {
    args: ["-c", program, expression, JSON.stringify(given)],
    env: { PYTHONPATH: PYTHON_FOLDER },
    stderr: "inherit",
  }).outputSync();
  assert.ok(success);
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("a frame with numbers and objects that JSON does not know comes all the same", () => {
  const metrics = `{"cv": float("nan"), "all": (1.5, float("-inf")), "how": {3: b"x"}}`;
  const text = evaluated(`encode({"type": "result", "token": "t", "metrics": ${metrics}}).decode()`);
  assert.ok(typeof text === "string" && text.startsWith("\x1e") && text.endsWith("\n"));
  const reading = readFrame(new TextEncoder().encode(text.slice(1)), "t");
  assert.ok(reading.kind === "frame" && reading.frame.type === "result");
  assert.deepEqual(reading.frame.metrics, { cv: null, all: [1.5, null], how: { 3: "b'x'" } });
});

Deno.test("progress stays within its total, however early texts end", () => {
  const told = evaluated("told(100, (30, 20), (40, 500), (10, 0))");
  assert.ok(Array.isArray(told));
  assert.deepEqual(told.at(-1), [80, 80]);
});

Deno.test("read_prompts() takes the file of the study and no other, halves of characters as other engines do", () => {
  using folder = new TempFolder();
  const text = `{"prompt": "\\ud83d\\ude00 \\ud800!\\u2028\\r"}\n`;
  const path = folder.write("prompts.jsonl", text);
  const sha256 = createHash("sha256").update(text).digest("hex");
  assert.deepEqual(evaluated("read(given)", { path, sha256 }), ["\u{1f600} \ufffd!\u2028\r"]);
  assert.match(
    String(evaluated("read(given)", { path, sha256: "0" })),
    /^no_prompts: .*jsonl was changed after/,
  );
});

Deno.test("a request whose steps gave several tokens, or several texts, tells no times between tokens, and why", () => {
  const told = evaluated(
    "[record([5, 7, 9]), record([5, 9, 9, 11]), record([5, 5]), record([5, 7], [[1, 2]])]",
  );
  const [single, chunks, once, several] = told as JsonObject[];
  assert.deepEqual([single?.["itl_ms"], single?.["itl_reason"]], [[2, 2], undefined]);
  const of = ({ itl_ms, itl_reason, chunk_gap_ms, tpot_ms }: JsonObject = {}): unknown[] => [
    ...[itl_ms, itl_reason, chunk_gap_ms, tpot_ms],
  ];
  assert.deepEqual(of(chunks), [[], NO_ITL.several_tokens, [4, 2], 2]);
  assert.deepEqual(of(once), [[], NO_ITL.several_tokens, [], null]);
  assert.deepEqual(of(several), [[], NO_ITL.several_choices, undefined, null]);
  assert.deepEqual([several?.["output_tokens"], several?.["n_choices"]], [4, 2]);
});

Deno.test("the step that ended a text is in no time per token of it", () => {
  const told = evaluated(
    "[record([5, 7, 10], end_ms=14), record([5], end_ms=8), record([5, 7])]",
  ) as JsonObject[];
  assert.deepEqual(told.map(({ e2e_ms, tpot_ms }) => [e2e_ms, tpot_ms]), [[14, 2.5], [8, undefined], [
    7,
    undefined,
  ]]);
});

Deno.test("memory of a process counts those that it has started, and theirs", () => {
  const program = `
import json, os, signal, subprocess
from llem_worker.memory import reset_peak_rss_of_tree, resident_of_tree
alone = resident_of_tree()
with subprocess.Popen(["sh", "-c", "sleep 30 & echo; wait"], stdout=subprocess.PIPE, start_new_session=True) as child:
    child.stdout.readline()
    found = resident_of_tree()
    reset = reset_peak_rss_of_tree()
    os.killpg(child.pid, signal.SIGKILL)
print(json.dumps([alone.processes, found.processes, found.rss_bytes > alone.rss_bytes, found.peak_rss_bytes >= found.rss_bytes, reset]))
`;
  const { success, stdout } = new Deno.Command(testPython(), {
    args: ["-c", program],
    env: { PYTHONPATH: PYTHON_FOLDER },
    stderr: "inherit",
  }).outputSync();
  assert.ok(success);
  assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), [1, 3, true, true, true]);
});
