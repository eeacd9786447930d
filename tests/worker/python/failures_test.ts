import assert from "node:assert/strict";
import { PYTHON_FOLDER, testPython } from "../../support/python_worker.ts";

interface Failure {
  readonly error_type: string;
  readonly message: string;
  readonly traceback: string;
  readonly retryable: boolean;
}

/**
 * The error frames for exceptions that Python expressions make, without torch: its exceptions are told by the names of
 * their types and their texts.
 */
function framesOf(...exceptions: readonly string[]): Failure[] {
  const program = `
import json, sys
from llem_worker.errors import WorkerError
from llem_worker.engines.pytorch.engine import name_failure
from llem_worker.failures import error_frame
class OutOfMemoryError(RuntimeError): pass
class AcceleratorError(RuntimeError): pass
def raised_from(error, cause):
    error.__cause__ = cause
    return error
def caught(action):
    try:
        action()
    except BaseException as error:
        return error
print(json.dumps([error_frame(eval(text), name_failure) for text in json.load(sys.stdin)]))
`;
  const child = new Deno.Command("sh", {
    args: ["-c", 'printf %s "$TEXTS" | "$0" -c "$PROGRAM"', testPython()],
    env: { PYTHONPATH: PYTHON_FOLDER, TEXTS: JSON.stringify(exceptions), PROGRAM: program },
    stderr: "inherit",
  }).outputSync();
  return JSON.parse(new TextDecoder().decode(child.stdout));
}

function frameOf(exception: string): Failure {
  const [frame] = framesOf(exception);
  assert.ok(frame);
  return frame;
}

const CUDA_OOM =
  "CUDA out of memory. Tried to allocate 20.00 GiB. GPU 1 has a total capacity of 79.10 GiB of " +
  "which 512.00 MiB is free. Process 123 has 78.60 GiB memory in use. Of the allocated memory 73.20 GiB is " +
  "allocated by PyTorch, and 100.00 MiB is reserved by PyTorch but unallocated.";

Deno.test("error_frame() tells the sizes and the remedy where a GPU's memory is not enough", () => {
  const { error_type, message, retryable } = frameOf(`OutOfMemoryError(${JSON.stringify(CUDA_OOM)})`);
  assert.equal(error_type, "cuda_oom");
  assert.equal(retryable, false);
  assert.match(
    message,
    /^GPU 1 is out of memory: 20.00 GiB requested, 79.10 GiB in total, 0.50 GiB free/,
  );
  assert.match(message, /73.20 GiB held by this run\. Use a smaller pytorch.batch_size, .*load_in_8bit/);
});

Deno.test("error_frame() knows the other ways in which a GPU's memory ends", () => {
  const frames = framesOf(
    `AcceleratorError("CUDA error: out of memory\\nCUDA kernel errors might be reported later")`,
    `RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate(handle)")`,
    `raised_from(ValueError("generation failed"), OutOfMemoryError("CUDA out of memory."))`,
  );
  assert.deepEqual(frames.map(({ error_type }) => error_type), ["cuda_oom", "cuda_oom", "cuda_oom"]);
});

Deno.test("error_frame() tells memory of the machine from memory of a GPU", () => {
  const frames = framesOf(
    "MemoryError()",
    `OSError(12, "Cannot allocate memory")`,
    `RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory: you tried to allocate 8589934592 bytes. Error code 12")`,
  );
  assert.deepEqual(frames.map(({ error_type }) => error_type), Array(3).fill("out_of_memory"));
  assert.match(frames[2]?.message ?? "", /torch requested 8.00 GiB/);
});

Deno.test("error_frame() calls a failure of a GPU retryable only where waiting may help", () => {
  const texts = [
    ["CUDA error: CUDA-capable device(s) is/are busy or unavailable", true],
    ["CUDA error: device-side assert triggered", false],
    ["CUDA error: no CUDA-capable device is detected", false],
    ["No CUDA GPUs are available", false],
    ["CUDA error: uncorrectable ECC error encountered", false],
    ["CUDA error: an illegal memory access was encountered", false],
    ["Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU", false],
  ] as const;
  const frames = framesOf(...texts.map(([text]) => `RuntimeError(${JSON.stringify(text)})`));
  assert.deepEqual(
    frames.map(({ error_type, retryable }) => [error_type, retryable]),
    texts.map(([, retryable]) => ["cuda_error", retryable]),
  );
  for (const { message } of frames) assert.match(message, /Remedy: /);
});

Deno.test("error_frame() tells what a mode with CUDA graphs and probabilities without a value died of", () => {
  const frames = framesOf(
    `RuntimeError("Error: accessing tensor output of CUDAGraphs that has been overwritten by a subsequent run.")`,
    `RuntimeError("probability tensor contains either \`inf\`, \`nan\` or element < 0")`,
  );
  assert.deepEqual(frames.map(({ error_type }) => error_type), ["compile_failed", "invalid_numbers"]);
});

Deno.test("error_frame() names a missing package and how to install it", () => {
  const [absent, hinted, renamed, broken] = framesOf(
    `caught(lambda: __import__("no_such_package_of_llem.part"))`,
    `ImportError("Using \`bitsandbytes\` 4-bit quantization requires it: \`pip install -U bitsandbytes>=0.46.1\`")`,
    `ModuleNotFoundError("No module named 'flash_attn'", name="flash_attn")`,
    `ImportError("libcudart.so.12: cannot open shared object file", name="bitsandbytes")`,
  );
  // By the name under which it was installed, which need not be that of the module.
  const [other] = framesOf(`ImportError("no such symbol", name="jinja2.lexer")`);
  assert.match(
    other?.message ?? "",
    /^The Python package Jinja2 cannot be imported: .* --force-reinstall Jinja2/,
  );
  assert.equal(absent?.error_type, "missing_package");
  assert.match(
    absent?.message ?? "",
    /package no_such_package_of_llem is missing .*: \S+ -m pip install no_such/,
  );
  assert.match(hinted?.message ?? "", /-m pip install bitsandbytes$/);
  assert.match(renamed?.message ?? "", /-m pip install flash-attn$/);
  assert.equal(broken?.error_type, "broken_package");
  assert.match(broken?.message ?? "", /cannot be imported: libcudart.so.12/);
});

Deno.test("error_frame() tells a defect of the worker from a failure of the engine", () => {
  const [engine, own, named] = framesOf(
    `caught(lambda: json.loads("{"))`,
    `caught(lambda: error_frame(3))`,
    `WorkerError("bad_model", "No such model: name another.", retryable=True)`,
  );
  assert.equal(engine?.error_type, "engine_error");
  assert.match(engine?.message ?? "", /^The engine failed: JSONDecodeError: /);
  assert.equal(own?.error_type, "internal_error");
  assert.deepEqual(
    [named?.error_type, named?.message, named?.retryable],
    ["bad_model", "No such model: name another.", true],
  );
});

Deno.test("error_frame() keeps both ends of a long traceback, and the beginning of a long message", () => {
  const { traceback, message } = frameOf(`caught(lambda: exec('raise ValueError("x" * 9000 + "end")'))`);
  assert.equal(traceback.length, 8000);
  assert.match(traceback, /^Traceback .*\n {2}File [^]*\n\.\.\. \(the middle is cut out\)\n[^]*end$/);
  assert.match(message, /^The engine failed: ValueError: x{1000} \.\.\.$/);
});
