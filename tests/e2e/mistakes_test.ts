/** What users get wrong: every message names place and remedy, nothing is half made, no stack trace is shown. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { testWith, TMPFS } from "../support/needs.ts";
import { fakePython, having } from "../support/pythons.ts";
import { SmallDisk } from "../support/small_disk.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { type Ended, LLEM, llem, records, Sandbox } from "./llem.ts";

function assertFriendly(end: Ended): void {
  assert.doesNotMatch(end.stderr, /\n\s+at |Stack backtrace|Uncaught/, end.stderr);
}

interface Mistake {
  readonly name: string;
  readonly text: string | Uint8Array<ArrayBuffer>;
  readonly message: RegExp;
}

const MISTAKES: readonly Mistake[] = [
  { name: "an empty file", text: "", message: /study\.yaml.*empty/ },
  {
    name: "a binary file",
    text: Uint8Array.from({ length: 500 }, (_, i) => (i * 37) % 256),
    message: /study\.yaml/,
  },
  { name: "tabs", text: "model: x\nwarmup:\n\tn_warmup: 3\n", message: /study\.yaml:3:1.*tab/i },
  { name: "duplicate keys", text: "model: x\nn: 1\nn: 2\n", message: /study\.yaml:3:1/ },
  {
    name: "an unknown key",
    text: "model: tiny-random\nbackend: llamacpp\nllamacpp: { n_thread: 2 }\n",
    message: /study\.yaml:3:13 llamacpp\.n_thread: .*did you mean "?n_threads/,
  },
  {
    name: "a wrong type",
    text: "model: x\nbackend: llamacpp\nn: many\n",
    message: /study\.yaml:3:4 n: .*whole number.*many/,
  },
  {
    name: "a value out of range",
    text: "model: x\nbackend: llamacpp\nn: 0\n",
    message: /study\.yaml:3:4 n: /,
  },
  { name: "a command without its section", text: "model: x\nbackend: command\n", message: /command/ },
];

for (const { name, text, message } of MISTAKES) {
  Deno.test(`a study with ${name} is refused with its place, exit 2, and nothing is made`, async () => {
    using box = new Sandbox();
    const path = join(box.dir, "study.yaml");
    Deno.writeFileSync(path, typeof text === "string" ? new TextEncoder().encode(text) : text);
    const end = await llem(["run", path, "-o", join(box.dir, "out"), "--json"]);
    assert.equal(end.code, 2, end.stderr);
    assertFriendly(end);
    assert.match(end.stderr, message);
    const [invalid] = records(end.stdout);
    assert.ok(invalid?.event === "invalid" && invalid.issues.length > 0);
    assert.throws(() => Deno.statSync(join(box.dir, "out")), Deno.errors.NotFound);
  });
}

Deno.test("all mistakes come at once, in the order of the file", async () => {
  using box = new Sandbox();
  const study = box.write("study.yaml", "modle: x\nbackend: llamacp\nn: -1\ndecoder: { temprature: 1 }\n");
  const { stdout } = await llem(["run", study, "--json"]);
  const [invalid] = records(stdout);
  assert.ok(invalid?.event === "invalid");
  const lines = invalid.issues.map((issue) => issue.line ?? 0);
  assert.ok(lines.length >= 4, JSON.stringify(invalid.issues));
  assert.deepEqual(lines, lines.toSorted((a, b) => a - b));
});

const ARGUMENTS: readonly { readonly args: readonly string[]; readonly message: RegExp }[] = [
  { args: [], message: /Usage: llem/ },
  { args: ["run"], message: /a study file, --model, --server or --resume DIR is needed/ },
  { args: ["run", "nowhere.yaml"], message: /nowhere\.yaml: the file does not exist/ },
  { args: ["run", "/tmp"], message: /\/tmp: this is a folder/ },
  { args: ["runn"], message: /unknown command.*\n?.*run/ },
  { args: ["run", "x.yaml", "--cycle", "3"], message: /--cycles/ },
  { args: ["run", "x.yaml", "--set", "n"], message: /key=value/ },
  { args: ["status", "/tmp"], message: /\/tmp is not a study directory/ },
  { args: ["show", "/nowhere"], message: /\/nowhere is not a study directory/ },
  { args: ["run", "--resume", "/nowhere"], message: /\/nowhere is not a study directory/ },
  { args: ["run", "--retry-failed", "x.yaml"], message: /needs --resume/ },
];

for (const { args, message } of ARGUMENTS) {
  Deno.test(`llem ${args.join(" ")} is explained, exit 2`, async () => {
    const end = await llem(args);
    assert.equal(end.code, 2);
    assertFriendly(end);
    assert.match(end.stderr, message);
  });
}

Deno.test("an output folder that cannot be written is exit 4 with its path, and no run is made", async () => {
  using box = new Sandbox();
  const file = box.write("file", "");
  const end = await llem(["run", box.study(["ok"]), "-o", join(file, "out")]);
  assert.equal(end.code, 4, end.stderr);
  assertFriendly(end);
  assert.match(end.stderr, /Cannot save the study directory in .*out: .*Choose another/);
});

testWith([TMPFS], "a full disk at the result is exit 4, and the study can be resumed", async () => {
  using box = new Sandbox();
  // Room for what a study needs at the least, and for one of the two results.
  using disk = new SmallDisk(join(box.dir, "disk"), "size=5m");
  const full = await llem(["run", box.study(["big_result", "big_result"]), "-o", disk.path]);
  assert.equal(full.code, 4, full.stderr);
  assertFriendly(full);
  assert.match(full.stderr, /Cannot save the result .*0002_\w+\/result\.json: no space left on the device/);
  assert.match(full.stderr, /\[1\/2\] .*completed/);
  disk.change("size=64m");
  const [entry] = [...Deno.readDirSync(disk.path)];
  const end = await llem(["run", "--resume", join(disk.path, entry?.name ?? "")]);
  assert.equal(end.code, 0, end.stderr);
  assert.doesNotMatch(end.stderr, /\[1\/2\]/);
  assert.match(end.stderr, /\[2\/2\] .*completed/);
});

Deno.test("engines whose packages are not installed are exit 3 before anything is made, all at once", async () => {
  using box = new Sandbox();
  using folder = new TempFolder();
  const LLEM_PYTHON = fakePython(folder, "python3", { packages: having("torch", "transformers") });
  const study = box.write("study.yaml", "model: ./none\nbackend: [vllm, tensorrt]\n");
  const env = { LLEM_PYTHON };
  const end = await llem(["run", study, "-o", join(box.dir, "out")], { env });
  assert.equal(end.code, 3);
  for (const [backend, module] of [["vllm", "vllm"], ["tensorrt", "tensorrt_llm"]]) {
    assert.match(
      end.stderr,
      new RegExp(`backend ${backend}: \\S+ lacks ${module}\\..* -m pip install ${module}`),
    );
  }
  const plan = await llem(["plan", study], { env });
  assert.equal(plan.code, 0);
  assert.match(plan.stderr, /^warning: \S+study\.yaml: llem run would refuse .*lacks vllm\./m);
  assert.equal((await llem(["plan", study, "--check"], { env })).code, 3);
  assert.throws(() => Deno.statSync(join(box.dir, "out")), Deno.errors.NotFound);
});

Deno.test("fault 77: system libraries that are too old, and another build of llama.cpp, are exit 3 before anything is made", async () => {
  using folder = new TempFolder();
  const dataset = ["n", "input_len", "output_len"].flatMap((key) => ["--set", `dataset.${key}=4`]);
  const tiny = ["-m", "tiny-random", "-b", "llamacpp", ...dataset, "-o", folder.at("out")];
  for (const name of ["old", "other"]) Deno.mkdirSync(folder.at(name));
  // What the loader would take first; it is never loaded.
  folder.write("old/libstdc++.so.6.0.28", "");
  Deno.symlinkSync("libstdc++.so.6.0.28", folder.at("old", "libstdc++.so.6"));
  const old = await llem(["run", ...tiny], { env: { LD_LIBRARY_PATH: folder.at("old") } });
  assert.equal(old.code, 3, old.stderr);
  assert.match(
    old.stderr,
    /^llem: backend llamacpp: [^\n]*GLIBCXX_3\.4\.29; this system has GLIBCXX_3\.4\.28\. To fix this, run llem on Debian 12[^\n]*\n$/,
  );
  folder.write("other/libllama.v0.4.0.so", "");
  const other = await llem(["run", ...tiny], { env: { LLEM_LLAMACPP_DIR: folder.at("other") } });
  assert.equal(other.code, 3, other.stderr);
  assert.match(
    other.stderr,
    /^llem: backend llamacpp: Cannot use \S+libllama\.v0\.4\.0\.so: llama\.cpp v0\.5\.0 is needed/,
  );
  assert.deepEqual(folder.names(), ["old", "other"]);
});

Deno.test("a Python without the engine's packages is exit 3 before anything is made, with the command that installs them", async () => {
  using folder = new TempFolder();
  // A fake of an interpreter that is not here.
  const LLEM_PYTHON = fakePython(folder, "python", { packages: having("torch") });
  const study = folder.write("study.yaml", "model: ./no-model\nlora: { adapter_id: ./no-adapter }\n");
  const end = await llem(["run", study, "-o", folder.at("out"), "-q"], { env: { LLEM_PYTHON } });
  assert.equal(end.code, 3);
  assertFriendly(end);
  const command = `${LLEM_PYTHON} -m pip install transformers accelerate peft`;
  assert.ok(end.stderr.includes(`lacks transformers, accelerate and peft.`), end.stderr);
  assert.ok(end.stderr.includes(`install them with: ${command}\n`), end.stderr);
  // What else is missing is said with it.
  assert.match(end.stderr, /no-model does not exist/);
  assert.deepEqual(folder.names(), ["python", "python.asked", "study.yaml"]);
  assert.equal(folder.read("python.asked"), "asked\n");
  // Planning asks the interpreter of the environment, and only that.
  const plan = await llem(["plan", study], { env: { LLEM_PYTHON } });
  assert.equal(plan.code, 0, plan.stderr);
  assert.match(plan.stderr, /^warning: .*llem run would refuse .*no-model does not exist/m);
  assert.ok(plan.stderr.includes(`llem run would refuse this study here: backend pytorch`), plan.stderr);
  assert.ok(plan.stderr.includes(command), plan.stderr);
  assert.equal(folder.read("python.asked"), "asked\nasked\n");
  const checked = await llem(["plan", study, "--check"], { env: { LLEM_PYTHON } });
  assert.equal(checked.code, 3);
  assert.ok(checked.stderr.includes(command), checked.stderr);
});

Deno.test("the binary alone works in an empty folder with an empty environment", async () => {
  using box = new Sandbox();
  const alone = join(box.dir, "llem");
  Deno.copyFileSync(LLEM, alone);
  const study = box.write(
    "study.yaml",
    "model: tiny-random\nbackend: llamacpp\ndataset: { n: 2, input_len: 8, output_len: 8 }\nwarmup: { n_warmup: 1 }\n",
  );
  const out = await new Deno.Command("env", { args: ["-i", alone, "run", study, "--json"], cwd: box.dir })
    .output();
  const stderr = new TextDecoder().decode(out.stderr);
  assert.equal(out.code, 0, stderr);
  const run = records(new TextDecoder().decode(out.stdout)).find((record) => record.event === "run_finished");
  assert.ok(run?.event === "run_finished" && run.metrics["output_tokens"] === 16);
});
