import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { libc } from "../../lib/base/libc.ts";
import { placesForOneRun, placeTrouble } from "../../lib/base/program_places.ts";
import { judgeAnswer } from "../../lib/engines/llamacpp/check.ts";
import { libraryFloorProblem } from "../../lib/engines/llamacpp/library_floor.ts";
import { llamacppAdvice, llamacppObstacles } from "../../lib/engines/llamacpp/obstacles.ts";
import type { WorkPlace } from "../../lib/engines/engine.ts";
import { readSystemLibraries } from "../../lib/host/system_libraries.ts";
import { configOf } from "../support/plans.ts";
import { TempFolder } from "../support/temp_folder.ts";

// Opened before any test: a library that a test opens counts as a leak.
libc();

Deno.test("fault 74: libraryFloorProblem() tells glibc and libstdc++ that are too old, each with its version", () => {
  const of = (glibc: string | null, glibcxx: string | null): string | null =>
    libraryFloorProblem({ glibc, glibcxx });
  for (
    const [glibc, glibcxx] of [["2.34", "3.4.29"], ["2.41", "3.4.33"], ["3.0", null], [null, null]] as const
  ) {
    strictEqual(of(glibc, glibcxx), null);
  }
  match(
    of("2.31", "3.4.28") ?? "",
    /this system has glibc 2\.31 and GLIBCXX_3\.4\.28$/,
  );
  match(of("2.36", "3.4.9") ?? "", /needs glibc 2\.34 .* this system has GLIBCXX_3\.4\.9$/);
  match(of("2.4", null) ?? "", /this system has glibc 2\.4$/);
});

Deno.test("readSystemLibraries() takes the libstdc++ that the loader would take first", () => {
  using folder = new TempFolder();
  folder.write("libstdc++.so.6.0.28", "");
  Deno.symlinkSync("libstdc++.so.6.0.28", folder.at("libstdc++.so.6"));
  strictEqual(readSystemLibraries({ LD_LIBRARY_PATH: `:${folder.path}` }).glibcxx, "3.4.28");
  match(readSystemLibraries({}).glibc ?? "", /^2\.\d+$/);
});

Deno.test("fault 75: placeTrouble() names what keeps libraries from a folder, and leaves nothing behind", () => {
  using folder = new TempFolder();
  const trouble = (path: string): string | null => placeTrouble(path, { probe: true });
  strictEqual(trouble(folder.at("to", "be", "made")), null);
  folder.write("file", "");
  strictEqual(trouble(folder.at("file", "below")), `${folder.at("file")} is not a folder`);
  Deno.mkdirSync(folder.at("open"));
  Deno.chmodSync(folder.at("open"), 0o777);
  strictEqual(trouble(folder.at("open", "mine")), `${folder.at("open")} is writable for everyone`);
  Deno.chmodSync(folder.at("open"), 0o1777);
  strictEqual(trouble(folder.at("open", "mine")), null);
  match(trouble("/proc/here") ?? "", /^\/proc (cannot be written|is on a file system mounted noexec)/);
  deepStrictEqual(folder.names(), ["file", "open"]);
  deepStrictEqual(placesForOneRun("/r", { TMPDIR: "/t" }), ["/r", "/t", "/tmp"]);
  deepStrictEqual(placesForOneRun(null, { TMPDIR: "relative" }), ["/tmp"]);
});

Deno.test("the engine's obstacles: a GPU that it cannot use, a library folder that is not there, no place for its libraries", () => {
  using folder = new TempFolder();
  const place: WorkPlace = {
    env: { HOME: folder.path },
    base_dir: folder.path,
    cwd: "/",
    results: folder.path,
  };
  const layers = (n_gpu_layers: number, library_dir: string | null = null): ReturnType<typeof configOf> =>
    configOf({ backend: "llamacpp", model: "tiny-random", llamacpp: { n_gpu_layers, library_dir } });
  deepStrictEqual(llamacppObstacles([layers(-1), layers(0)], place, true), []);
  const [asked] = llamacppObstacles([layers(20)], place, false);
  match(asked ?? "", /n_gpu_layers is 20, but the embedded llama\.cpp runs on CPUs only\. For the GPU, name/);
  deepStrictEqual(llamacppObstacles([layers(20, ".")], place, false), []);
  const [gone] = llamacppObstacles([layers(20, "gone")], place, false);
  match(gone ?? "", /library folder \S+\/gone does not exist/);
  // What is good for a machine without a GPU is worth a word on one with a GPU.
  strictEqual(llamacppAdvice([layers(-1), layers(-1)], place, false).length, 0);
  match(
    llamacppAdvice([layers(-1), layers(0)], place, true)[0] ?? "",
    /this machine has a GPU, but .* CPUs only/,
  );
  deepStrictEqual(llamacppAdvice([layers(0), layers(-1, "/cuda")], place, true), []);
});

Deno.test("judgeAnswer() tells what the engine computes on, and how a GPU would come to be used", () => {
  const of = (answer: object, has_gpu: boolean): ReturnType<typeof judgeAnswer> =>
    judgeAnswer(
      {
        success: true,
        stdout: `${JSON.stringify({ release: "v1", excuse: null, ...answer })}\n`,
        stderr: "",
      },
      { has_gpu },
    );
  const cpu = of({ cpu: "haswell", gpus: [] }, false);
  deepStrictEqual(cpu, { status: "ok", detail: "llama.cpp v1: CPU only (haswell)", remedy: null });
  const beside = of({ cpu: "zen4", gpus: [] }, true);
  strictEqual(beside.status, "warning");
  ok(beside.remedy?.includes("llamacpp.library_dir"));
  const cuda = of({ cpu: "zen4", gpus: ["CUDA0: NVIDIA H200"], folder: "/cuda" }, true);
  deepStrictEqual([cuda.status, cuda.detail], [
    "ok",
    "llama.cpp v1 from /cuda: CUDA0: NVIDIA H200; CPU (zen4)",
  ]);
  const fails = (error: string, is_named = false): string | null =>
    judgeAnswer({ success: false, stdout: JSON.stringify({ error }), stderr: "" }, { is_named }).remedy;
  match(fails("Cannot unpack llama.cpp") ?? "", /XDG_CACHE_HOME/);
  match(fails("libgcc_s.so.1: cannot open shared object file") ?? "", /another backend/);
  match(fails("v0.5.0 is needed", true) ?? "", /unset it/);
  const lost = of({ cpu: "zen4", gpus: [], gpu_problem: "no driver", folder: "/cuda" }, true);
  deepStrictEqual([lost.status, lost.detail.includes("; no GPU: no driver")], ["warning", true]);
});
