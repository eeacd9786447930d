/** How scripts/test runs a file of tests: none of them goes on for ever, and nothing that they start outlives them. */
import assert from "node:assert/strict";
import { chooseFiles } from "../../scripts/testing/choose_files.ts";
import { FileQueue } from "../../scripts/testing/file_queue.ts";
import { readOptions } from "../../scripts/testing/options.ts";
import { fileText, shareText } from "../../scripts/testing/result_text.ts";
import { type FileResult, runFile } from "../../scripts/testing/run_file.ts";
import { ignoredTests, readCounts, readJunit, unfinishedTest } from "../../scripts/testing/test_log.ts";
import { ROOT } from "../e2e/llem.ts";
import { lives, until } from "../support/program.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** Runs a file of these tests with a limit of two seconds. */
async function run(folder: TempFolder, tests: string): Promise<FileResult> {
  const options = { limitS: 2, graceS: 5, seed: 1, extent: "usual", options: [] } as const;
  return await runFile(folder.write("sample_test.ts", tests), options);
}

/** What a test wrote down as its child. */
function childOf(folder: TempFolder): number {
  return Number(folder.read("pid"));
}

/** Starts a process that would live on, and writes down its id. */
function start(folder: TempFolder, options = ""): string {
  return `
    const child = new Deno.Command("sleep", { args: ["1000"], ${options} }).spawn();
    Deno.writeTextFileSync("${folder.at("pid")}", String(child.pid));
  `;
}

Deno.test("a test that waits for ever fails by its name, its processes are killed, and the next has its turn", async () => {
  using folder = new TempFolder();
  const result = await run(
    folder,
    `
    Deno.test("waits", async () => { ${start(folder)} await child.status; await new Promise(() => {}); });
    Deno.test("is next", () => {});
    Deno.test("is third", { ignore: true }, () => {});`,
  );
  assert.deepEqual(result.counts, { passed: 1, failed: 1, ignored: 1 });
  assert.match(result.log, /^waits \.\.\. FAILED/m);
  assert.match(result.log, /^waits => \S*\/sample_test\.ts$/m);
  assert.match(result.log, /Not over after 2 s; .* It stands in .*sample_test\.ts:2:/);
  assert.equal(lives(childOf(folder)), false);
  assert.match(
    fileText(result, false),
    /^FAILED .*sample_test\.ts: 1 passed, 1 failed, 1 ignored .*\n.*waits/s,
  );
});

Deno.test("a test that blocks its thread is named, and ended with its file", async () => {
  using folder = new TempFolder();
  const result = await run(
    folder,
    `
    Deno.test("is well", () => {});
    Deno.test("blocks", () => { ${start(folder, "detached: true")} child.unref(); while (true); });
    Deno.test("is never reached", () => {});`,
  );
  assert.equal(result.counts.failed, 1);
  assert.match(result.log, /no word for 7 s, killed\. The test that hangs: blocks$/m);
  assert.equal(lives(childOf(folder)), false);
});

Deno.test("what a test leaves behind is killed, wherever it went", async () => {
  using folder = new TempFolder();
  const script = `setsid sh -c 'echo $$ >"$0"; exec sleep 1000' "$0" &`;
  const result = await run(
    folder,
    `
    Deno.test("leaves a daemon", async () => {
      const shell = new Deno.Command("sh", { args: ["-c", ${JSON.stringify(script)}, "${
      folder.at("pid")
    }"] });
      await shell.spawn().status;
      // A process shows no environment, and so no tag, in the instant in which it becomes another program.
      const isAsleep = () => {
        try {
          const pid = Deno.readTextFileSync("${folder.at("pid")}").trim();
          return pid !== "" && Deno.readTextFileSync("/proc/" + pid + "/comm") === "sleep\\n";
        } catch {
          return false;
        }
      };
      while (!isAsleep()) await new Promise((resolve) => setTimeout(resolve, 10));
    });`,
  );
  assert.deepEqual(result.counts, { passed: 1, failed: 0, ignored: 0 });
  await until("its end", () => !lives(childOf(folder)));
});

Deno.test("tests heed the signals that are ignored where they are started from", async () => {
  using folder = new TempFolder();
  const file = folder.write(
    "sample_test.ts",
    `
    Deno.test("heeds QUIT", async () => {
      const child = new Deno.Command("sleep", { args: ["1000"] }).spawn();
      child.kill("SIGQUIT");
      const { signal } = await child.status;
      if (signal !== "SIGQUIT") throw new Error(String(signal));
    });`,
  );
  const main = [Deno.execPath(), "run", "-A", "--no-check", "scripts/testing/main.ts", file];
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `trap '' INT QUIT; exec "$@"`, "sh", ...main],
    cwd: ROOT,
    env: { LLEM_TEST_LIMIT_S: "10" },
  }).output();
  assert.match(new TextDecoder().decode(stdout), /^tests: 1 passed, 0 failed, 0 ignored$/m);
});

Deno.test("a file that cannot be loaded counts as one failure", async () => {
  using folder = new TempFolder();
  const { counts, log } = await run(folder, `import "./nothing.ts";`);
  assert.deepEqual(counts, { passed: 0, failed: 1, ignored: 0 });
  assert.match(log, /nothing\.ts/);
});

Deno.test("readCounts() reads the last line of deno test, and null where there is none", () => {
  assert.deepEqual(readCounts("x\n\nok | 12 passed (3 steps) | 0 failed | 1 ignored (2s)\n"), {
    passed: 12,
    failed: 0,
    ignored: 1,
  });
  assert.deepEqual(readCounts("FAILED | 3 passed | 2 failed | 7 filtered out (2s)\n\nerror: Test failed\n"), {
    passed: 3,
    failed: 2,
    ignored: 0,
  });
  assert.equal(readCounts("error: Module not found\n"), null);
});

Deno.test("unfinishedTest() names the test that was under way", () => {
  assert.equal(unfinishedTest("one ... ok (1ms)\ntwo ...\n"), "two");
  assert.equal(unfinishedTest("one ... ok (1ms)\ntwo ..."), "two");
  assert.equal(unfinishedTest("one ... ok (1ms)\ntwo ... ignored (0ms)\n"), null);
});

Deno.test("ignoredTests() and readJunit() name tests", () => {
  assert.deepEqual(ignoredTests("a ... ok (1ms)\nb [not run: needs root] ... ignored (0ms)\n"), [
    "b [not run: needs root]",
  ]);
  const xml = `<testcase name="a &lt;b&gt; &amp;c" classname="./x_test.ts" time="1.500" line="1" col="6">`;
  assert.deepEqual(readJunit(xml), [{ name: "a <b> &c", seconds: 1.5 }]);
});

Deno.test("chooseFiles() takes the longest first, and leaves out what is long where it is to be quick", () => {
  const known = { "tests/plan/retry_test.ts": 9, "tests/plan/give_up_test.ts": 50 };
  const { files } = chooseFiles({ paths: ["tests/plan"], extent: "usual" }, known);
  assert.deepEqual(files.slice(0, 2), ["tests/plan/give_up_test.ts", "tests/plan/retry_test.ts"]);
  const [all, quick] = (["usual", "quick"] as const).map((extent) => chooseFiles({ paths: [], extent }, {}));
  const left = [...all?.files ?? [], ...all?.waiting ?? []].filter((file) => !quick?.files.includes(file));
  for (const line of quick?.leftOut ?? []) {
    const [, prefix = "-"] = /^left out: (\S+) \(.+\)$/.exec(line) ?? [];
    assert.ok(left.some((file) => file.startsWith(prefix)), `${line} is nothing`);
  }
  assert.ok(left.length > 20 && (quick?.files.length ?? 0) > 100 && all?.leftOut.length === 0);
  assert.deepEqual(all?.files[0], "tests/worker/python/vllm/engine_test.ts");
  const slurm = ["tests/e2e/slurm_test.ts", "tests/faults/slurm_test.ts"];
  assert.deepEqual([all?.waiting, quick?.waiting], [slurm, []]);
  assert.ok(!all?.files.some((file) => slurm.includes(file)), "what mostly waits has a place of its own");
  assert.ok(all?.files.includes("tests/plan"), "a folder without processes is run as one");
  const named = chooseFiles({ paths: ["tests/faults/table_test.ts"], extent: "quick" }, {});
  assert.deepEqual([named.files, named.leftOut], [["tests/faults/table_test.ts"], []]);
});

Deno.test("FileQueue holds back what needs a download until that is there", async () => {
  using folder = new TempFolder();
  const python = folder.write("a_test.ts", `import { REAL_PYTHON } from "../support/pythons.ts";`);
  const [plain, other] = [folder.write("b_test.ts", ""), folder.write("c_test.ts", "")];
  let isThere = false;
  const queue = new FileQueue([python, plain, python, other], () => isThere);
  assert.deepEqual([await queue.next(), await queue.next()], [plain, other]);
  const waiting = queue.next();
  isThere = true;
  assert.deepEqual([await waiting, await queue.next(), await queue.next()], [python, python, undefined]);
});

Deno.test("FileQueue holds back whatever names an interpreter that scripts/test makes", async () => {
  using folder = new TempFolder();
  const names = [
    "TEST_PYTHON",
    "PYTHON_READERS",
    "EXPORT_READERS",
    "SETPROCTITLE",
    "../support/vllm_worker.ts",
    "../support/browser.ts",
    ".venv/bin/python",
  ];
  const files = names.map((name, index) => folder.write(`${index}_test.ts`, `"${name}"`));
  folder.write("_part.ts", `import { REAL_PYTHON } from "../support/pythons.ts";`);
  files.push(folder.write("parts_test.ts", `import "./_part.ts";`));
  Deno.mkdirSync(folder.at("together"));
  folder.write("together/in_a_folder_test.ts", `import { BROWSER } from "../../support/browser.ts";`);
  files.push(folder.at("together"));
  const plain = folder.write("plain_test.ts", `const text = 'import "./_absent.ts";';`);
  assert.equal(await new FileQueue([...files, plain], () => false).next(), plain);
});

Deno.test("no folder that is run as one waits for a download, and so all of its tests", async () => {
  const { files } = chooseFiles({ paths: [], extent: "usual" }, {});
  const folders = files.filter((path) => Deno.statSync(path).isDirectory);
  assert.ok(folders.length > 5);
  const queue = new FileQueue([...folders, "main.ts"], () => false);
  for (const folder of [...folders, "main.ts"]) assert.equal(await queue.next(), folder);
});

Deno.test("shareText() tells how much of all files' time some of them took", () => {
  const of = (file: string, seconds: number): FileResult => ({
    file,
    seconds,
    counts: { passed: 1, failed: 0, ignored: 0 },
    log: "",
    tests: [],
  });
  const results = [of("a", 10.4), of("b", 5), of("c", 80)];
  const share = (venvS: number | null): string => shareText(results, ({ file }) => file !== "c", venvS);
  assert.equal(share(null), "vLLM: 15 of 95 s of all files (2 of 3)");
  assert.equal(
    share(90),
    "vLLM: 15 of 95 s of all files (2 of 3); .venv, for it and PyTorch, took 90 s beside them",
  );
});

Deno.test("readOptions() tells paths from options of deno test, and refuses --quick with --slow", () => {
  const { extent, paths, options } = readOptions(["--slow", "tests/plan", "--filter", "x"], 2) ?? {};
  assert.deepEqual([extent, paths, options], ["slow", ["tests/plan"], ["--filter", "x"]]);
  assert.equal(readOptions(["--quick", "--slow"], 2), null);
});
