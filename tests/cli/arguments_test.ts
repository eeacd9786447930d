import assert from "node:assert/strict";
import { LLEM_VERSION } from "../../lib/base/version.ts";
import { type Command, parseArguments } from "../../lib/cli/arguments.ts";
import { EXIT } from "../../lib/base/refusal.ts";
import { EXAMPLES } from "../../lib/cli/options/messages.ts";
import { BACKENDS } from "../../lib/experiment/engines.ts";
import { STOP_SIGNALS } from "../../lib/process/inherited.ts";
import { CYCLE_ORDERS } from "../../lib/study/execution.ts";
import type { Override } from "../../lib/study/study.ts";
import { mockArguments, mockOptions } from "../../lib/servers/mock/options.ts";
import { TempFolder } from "../support/temp_folder.ts";

const RUN: Command = {
  kind: "run",
  file: "s.yaml",
  overrides: [],
  output: null,
  json: false,
  dryRun: false,
  check: false,
  verbosity: "normal",
  resume: null,
  retryFailed: false,
  waitSeconds: 0,
  noLock: false,
};

const SHOW: Command & { kind: "show" } = {
  kind: "show",
  dirs: [],
  output: null,
  format: "table",
  failed: false,
};

const isFile = (path: string): boolean => path.endsWith(".yaml");

/** Words of a command line; none of the tests needs a space inside a word. */
const words = (line: string): string[] => line.split(" ").filter((word) => word !== "");

Deno.test("parseArguments() understands every flag of `run`", () => {
  const cases: readonly (readonly [line: string, change: Partial<Command & { kind: "run" }>])[] = [
    ["run s.yaml", {}],
    ["run s.yaml -o out", { output: "out" }],
    ["run --output out s.yaml", { output: "out" }],
    ["run s.yaml --json", { json: true }],
    ["run s.yaml --dry-run", { dryRun: true }],
    ["run s.yaml -q", { verbosity: "quiet" }],
    ["run s.yaml --quiet", { verbosity: "quiet" }],
    ["run s.yaml -v", { verbosity: "verbose" }],
    ["run s.yaml --verbose --json", { verbosity: "verbose", json: true }],
    ["run --resume dir", { file: null, resume: { dir: "dir" } }],
    ["run --resume dir --retry-failed", { file: null, resume: { dir: "dir" }, retryFailed: true }],
    ["run --resume dir --json -q", { file: null, resume: { dir: "dir" }, json: true, verbosity: "quiet" }],
    // The file may be given along, to see whether it has changed.
    ["run --resume dir s.yaml", { resume: { dir: "dir" } }],
    // Without a directory it is the newest one of the file.
    ["run s.yaml --resume", { resume: { dir: null } }],
    ["run --resume -q s.yaml", { resume: { dir: null }, verbosity: "quiet" }],
    ["run s.yaml --resume -o out --retry-failed", {
      resume: { dir: null },
      output: "out",
      retryFailed: true,
    }],
    ["run --resume file.yaml", { file: "file.yaml", resume: { dir: null } }],
    ["run --wait 600 s.yaml", { waitSeconds: 600 }],
    ["run s.yaml --wait 0.5", { waitSeconds: 0.5 }],
    ["run s.yaml --no-lock", { noLock: true }],
    ["run -- -odd-name.yaml", { file: "-odd-name.yaml" }],
    ["run s.yaml --report", { report: { file: null } }],
    ["run s.yaml --report page.html -q", { report: { file: "page.html" }, verbosity: "quiet" }],
    ["run s.yaml --report=page.html", { report: { file: "page.html" } }],
    // A study file is none to write over.
    ["run --report s.yaml", { report: { file: null } }],
    ["run --resume dir --report", { file: null, resume: { dir: "dir" }, report: { file: null } }],
  ];
  for (const [line, change] of cases) {
    assert.deepEqual(parseArguments(words(line), isFile), { ...RUN, ...change }, line);
  }
});

Deno.test("parseArguments() lets flags say which study it is whose newest directory goes on", () => {
  const overrides: readonly Override[] = [{ path: "execution.n_cycles", text: "5", source: "--cycles" }];
  const resume = { dir: null };
  assert.deepEqual(parseArguments(words("run s.yaml --resume --cycles 5")), { ...RUN, overrides, resume });
  const file = "file.yaml";
  const given = parseArguments(words("run --resume file.yaml --cycles 5"), isFile);
  assert.deepEqual(given, { ...RUN, file, overrides, resume });
});

Deno.test("parseArguments() tells a study file from a study directory by what is there", () => {
  using folder = new TempFolder();
  const path = folder.write("s.yaml", "model: none\n");
  const command = (value: string) => parseArguments(["run", "--resume", value]);
  assert.deepEqual(command(path), { ...RUN, file: path, resume: { dir: null } });
  assert.deepEqual(command(folder.path), { ...RUN, file: null, resume: { dir: folder.path } });
  const missing = folder.at("missing");
  assert.deepEqual(command(missing), { ...RUN, file: null, resume: { dir: missing } });
});

Deno.test("parseArguments() turns flags into overrides of the study, in one order", () => {
  const cases: readonly (readonly [line: string, overrides: readonly Override[]])[] = [
    ["--set a.b=1", [{ path: "a.b", text: "1", source: "--set" }]],
    ["--set a= --set b=c=d", [
      { path: "a", text: "", source: "--set" },
      { path: "b", text: "c=d", source: "--set" },
    ]],
    ["--cycles 5", [{ path: "execution.n_cycles", text: "5", source: "--cycles" }]],
    ["--order shuffled", [{ path: "execution.cycle_order", value: "shuffled", source: "--order" }]],
    ["--seed 7", [{ path: "execution.shuffle_seed", text: "7", source: "--seed" }]],
    ["-m gpt2", [{ path: "model", value: "gpt2", source: "--model" }]],
    ["--model 8", [{ path: "model", value: "8", source: "--model" }]],
    ["-b vllm", [{ path: "backend", value: "vllm", source: "--backend" }]],
    ["-d name", [{ path: "dataset", value: "name", source: "--dataset" }]],
    ["-d {n:4,input_len:8}", [{ path: "dataset", text: "{n:4,input_len:8}", source: "--dataset" }]],
    ["-m [a.gguf,b.gguf]", [{ path: "model", text: "[a.gguf,b.gguf]", source: "--model" }]],
    ["-n 3", [{ path: "n", text: "3", source: "-n" }]],
    ["--prompts 3", [{ path: "n", text: "3", source: "-n" }]],
    ["--n 3", [{ path: "n", text: "3", source: "-n" }]],
    ["--input-len 64,512 --output-len 9", [
      { path: "dataset.input_len", text: "64,512", source: "--input-len" },
      { path: "dataset.output_len", text: "9", source: "--output-len" },
    ]],
    ["-p fp16", [{ path: "precision", value: "fp16", source: "--precision" }]],
    ["--batch-size 4", [{ path: "pytorch.batch_size", text: "4", source: "--batch-size" }]],
    ["--server http://h:1/v1 --concurrency 1,4 --rate 2", [
      { path: "openai.base_url", value: "http://h:1/v1", source: "--server" },
      { path: "openai.concurrency", text: "1,4", source: "--concurrency" },
      { path: "openai.load.rate", text: "2", source: "--rate" },
    ]],
    ["--cycles 2 --set a=1", [
      { path: "a", text: "1", source: "--set" },
      { path: "execution.n_cycles", text: "2", source: "--cycles" },
    ]],
  ];
  for (const [flags, overrides] of cases) {
    assert.deepEqual(parseArguments(words(`run s.yaml ${flags}`)), { ...RUN, overrides }, flags);
    const plan = parseArguments(words(`plan s.yaml ${flags}`));
    assert.deepEqual(plan, {
      kind: "plan",
      file: "s.yaml",
      overrides,
      json: false,
      output: null,
      explain: null,
      check: false,
    }, flags);
  }
});

Deno.test("parseArguments() turns the flags of a run into overrides", () => {
  const cases: readonly (readonly [line: string, overrides: readonly Override[]])[] = [
    ["--timeout 30", [{ path: "execution.experiment_timeout_seconds", text: "30", source: "--timeout" }]],
    // Whether a value makes sense is judged with the study, where all mistakes are told at once.
    ["--timeout -5", [{ path: "execution.experiment_timeout_seconds", text: "-5", source: "--timeout" }]],
    ["--retries 2", [{ path: "execution.retries", text: "2", source: "--retries" }]],
    ["--max-failures 1", [{ path: "execution.max_failures", text: "1", source: "--max-failures" }]],
    ["--give-up-after 3", [{ path: "execution.give_up_after", text: "3", source: "--give-up-after" }]],
    ["--devices 0,1", [{ path: "execution.devices", value: ["0", "1"], source: "--devices" }]],
    ["--devices GPU-a,", [{ path: "execution.devices", value: ["GPU-a"], source: "--devices" }]],
    ["--no-gaps", [
      { path: "execution.experiment_gap_seconds", value: 0, source: "--no-gaps" },
      { path: "execution.cycle_gap_seconds", value: 0, source: "--no-gaps" },
    ]],
  ];
  for (const [flags, overrides] of cases) {
    const noGaps = flags === "--no-gaps" ? { noGaps: true } : {};
    assert.deepEqual(parseArguments(words(`run s.yaml ${flags}`)), { ...RUN, overrides, ...noGaps }, flags);
  }
  const resumed = parseArguments(words("run --resume dir --no-gaps"));
  assert.ok(resumed.kind === "run" && resumed.noGaps === true, "gaps are skipped at a resume as well");
});

Deno.test("parseArguments() refuses devices that name none", () => {
  for (const list of [",", " , ,"]) {
    const answer = parseArguments(["run", "s.yaml", "--devices", list]);
    assert.ok(answer.kind === "text" && answer.exitCode === 2, list);
    assert.match(answer.text, /contains no device, such as 0,1/);
  }
  // As from a shell variable that is not set.
  for (const nothing of ["", " "]) {
    const answer = parseArguments(["run", "s.yaml", "--devices", nothing]);
    assert.ok(answer.kind === "text" && answer.exitCode === 2, nothing);
    assert.match(
      answer.text,
      /--devices names no device; leave the option out to let runs use every visible GPU/,
    );
  }
});

Deno.test("parseArguments() makes a study of one experiment from flags alone", () => {
  const model: Override = { path: "model", value: "tiny-random", source: "--model" };
  assert.deepEqual(parseArguments(words("run -m tiny-random")), { ...RUN, file: null, overrides: [model] });
  const plan = parseArguments(words("plan -m tiny-random --json"));
  assert.deepEqual(plan, {
    kind: "plan",
    file: null,
    overrides: [model],
    json: true,
    output: null,
    explain: null,
    check: false,
  });
});

Deno.test("parseArguments() understands the commands that look at a study", () => {
  const cases: readonly (readonly [line: string, command: Command])[] = [
    ["plan s.yaml", {
      kind: "plan",
      file: "s.yaml",
      overrides: [],
      json: false,
      output: null,
      explain: null,
      check: false,
    }],
    ["plan s.yaml --check", {
      kind: "plan",
      file: "s.yaml",
      overrides: [],
      json: false,
      output: null,
      explain: null,
      check: true,
    }],
    ["plan s.yaml --json", {
      kind: "plan",
      file: "s.yaml",
      overrides: [],
      json: true,
      output: null,
      explain: null,
      check: false,
    }],
    ["plan s.yaml -o nights", {
      kind: "plan",
      file: "s.yaml",
      overrides: [],
      json: false,
      output: "nights",
      explain: null,
      check: false,
    }],
    ["plan s.yaml --explain n", {
      kind: "plan",
      file: "s.yaml",
      overrides: [],
      json: false,
      output: null,
      explain: "n",
      check: false,
    }],
    ["status dir", { kind: "status", dirs: ["dir"], output: null, json: false }],
    ["status dir --json", { kind: "status", dirs: ["dir"], output: null, json: true }],
    ["status", { kind: "status", dirs: [], output: null, json: false }],
    ["status a b -o out", { kind: "status", dirs: ["a", "b"], output: "out", json: false }],
    ["show dir", { ...SHOW, dirs: ["dir"] }],
    ["show", SHOW],
    ["show -o out --csv", { ...SHOW, output: "out", format: "csv" }],
    ["show a b", { ...SHOW, dirs: ["a", "b"] }],
    ["show --json dir", { ...SHOW, dirs: ["dir"], format: "json" }],
    ["show dir --failed", { ...SHOW, dirs: ["dir"], failed: true }],
    ["show --failed --json dir", { ...SHOW, dirs: ["dir"], format: "json", failed: true }],
    ["version", { kind: "version" }],
  ];
  for (const [line, command] of cases) assert.deepEqual(parseArguments(words(line)), command, line);
});

Deno.test("parseArguments() refuses what makes no sense, names it and exits 2", () => {
  const cases: readonly (readonly [line: string, message: RegExp])[] = [
    ["", /Usage: llem/],
    ["bogus", /unknown command 'bogus'/],
    ["run s.yaml --report other.yaml", /--report would write a page over other\.yaml/],
    ["run s.yaml --report=s.json", /--report would write a page over s\.json; .*\.html/],
    ["run s.yaml --dry-run --report", /--report has nothing to show with --dry-run/],
    ["run s.yaml --report=", /--report.* empty/],
    ["run s.yaml --check", /--check needs --dry-run; or use llem plan --check/],
    ["rum s.yaml", /Did you mean run\?/],
    ["run", /a study file, --model, --server or --resume DIR is needed/],
    ["run -b vllm", /a study file, --model, --server or --resume DIR is needed/],
    ["run --resume", /a study file, --model, --server or --resume DIR is needed/],
    ["plan", /a study file, --model or --server is needed/],
    ["run a.yaml b.yaml", /too many arguments for 'run'/],
    ["plan a.yaml b.yaml", /too many arguments for 'plan'/],
    ["version now", /too many arguments for 'version'/],
    ["run s.yaml --bogus", /unknown option '--bogus'/],
    ["run s.yaml --jsn", /Did you mean --json\?/],
    ["run s.yaml --json=yes", /unknown option '--json=yes'/],
    ["plan s.yaml --timeout 5", /unknown option '--timeout'/],
    ["plan s.yaml --resume", /unknown option '--resume'/],
    ["run s.yaml -o", /option '-o, --output <dir>' argument missing/],
    ["run s.yaml --cycles", /option '--cycles <n>' argument missing/],
    ["run s.yaml -q -v", /option '-q, --quiet' cannot be used with option '-v, --verbose'/],
    ["show dir --json --csv", /option '--json' cannot be used with option '--csv'/],
    ["show dir --failed --csv", /option '--failed' cannot be used with option '--csv'/],
    ["run s.yaml --set novalue", /"novalue" is not key=value, such as llamacpp\.n_threads=4/],
    ["run s.yaml --set =5", /"=5" is not key=value/],
    ["run s.yaml --retry-failed", /--retry-failed needs --resume/],
    ["run s.yaml --join dir --resume dir", /--join cannot be combined with --resume/],
    ["run s.yaml --join dir --shard 1/2", /--join cannot be combined with --shard/],
    ["run s.yaml --join dir -o out", /--join/],
    ["run --join dir --parallel staged", /--parallel needs a study file with --join/],
    ["run s.yaml --unless-stopped", /--unless-stopped needs --join/],
    ["run --resume dir --cycles 3", /--cycles cannot change a study that is resumed/],
    ["run --resume dir --set a=1", /--set cannot change a study that is resumed/],
    ["run --resume dir -m gpt2", /--model cannot change a study that is resumed/],
    ["run --resume dir --timeout 5", /--timeout cannot change a study that is resumed/],
    ["run --resume dir -o out", /--output cannot change a study that is resumed/],
    ["run --resume dir --dry-run", /--dry-run cannot be combined with --resume/],
    ["run s.yaml --resume --dry-run", /--dry-run cannot be combined with --resume/],
    ["run --resume file.yaml s.yaml", /--resume file\.yaml is a second study file/],
    ["run s.yaml --wait", /argument missing/],
    ["run s.yaml --wait soon", /"soon" is not a number of seconds, such as 600/],
    ["run s.yaml --wait -5", /"-5" is not a number of seconds/],
    ["run s.yaml --wait 1e9", /"1e9" is not a number of seconds/],
    ["run s.yaml --wait 99999999999", /is not a number of seconds/],
  ];
  for (const [line, message] of cases) {
    const answer = parseArguments(words(line), isFile);
    assert.ok(answer.kind === "text", line);
    assert.equal(answer.exitCode, 2, line);
    assert.match(answer.text, message, line);
    const [command = ""] = words(line);
    if (/^error: (unknown option|option|required)/.test(answer.text)) {
      assert.ok(answer.text.includes(`(see llem ${command} --help)`), answer.text);
    }
  }
});

Deno.test("parseArguments() gives help and version where asked for, with exit code 0", () => {
  const cases: readonly (readonly [line: string, text: RegExp])[] = [
    ["--help", /Usage: llem[^]*run \[options\] \[study\][^]*Examples:/],
    ["-h", /Usage: llem/],
    ["help", /Usage: llem/],
    [
      "run --help",
      /Usage: llem run[^]*--give-up-after <n>[^]*--resume \[dir\][^]*--wait <seconds>[^]*--no-lock/,
    ],
    ["help run", /Usage: llem run/],
    ["run s.yaml -h", /Usage: llem run/],
    ["plan --help", /Usage: llem plan/],
    ["status --help", /Usage: llem status/],
    ["show --help", /Usage: llem show/],
    ["--version", new RegExp(`^llem ${LLEM_VERSION.replaceAll(".", "\\.")}\n$`)],
    ["-V", /^llem /],
  ];
  for (const [line, text] of cases) {
    const answer = parseArguments(words(line));
    assert.ok(answer.kind === "text", line);
    assert.equal(answer.exitCode, 0, line);
    assert.match(answer.text, text, line);
  }
});

Deno.test("parseArguments() takes texts as they are, spaces and all", () => {
  const command = parseArguments([
    "run",
    "my study.yaml",
    "--set",
    "params.text=a b = c",
    "--devices",
    " 0 , 1 ",
  ]);
  assert.deepEqual(command, {
    ...RUN,
    file: "my study.yaml",
    overrides: [
      { path: "params.text", text: "a b = c", source: "--set" },
      { path: "execution.devices", value: ["0", "1"], source: "--devices" },
    ],
  });
});

Deno.test("parseArguments() writes out ~ in every path and refuses an empty one by its name", () => {
  const home = Deno.env.get("HOME") ?? "";
  const paths = (line: string): unknown => {
    const { output, dirs, file, resume } = parseArguments(words(line)) as unknown as Record<string, unknown>;
    return [output, dirs, file, resume].find((one) => JSON.stringify(one ?? null).includes(home));
  };
  for (
    const line of [
      "run s.yaml -o ~/x",
      "run ~/s.yaml",
      "run --resume ~/x",
      "plan ~/s.yaml",
      "show ~/x",
      "status -o ~/x",
    ]
  ) {
    assert.ok(paths(line) !== undefined, line);
  }
  const empty: readonly (readonly [args: readonly string[], option: RegExp])[] = [
    [["run", "s.yaml", "-o", ""], /option '-o, --output <dir>' .* The path is empty/],
    [["run", "s.yaml", "--output= "], /'-o, --output <dir>'.* empty/],
    [["run", ""], /argument 'study'.* empty/],
    [["plan", ""], /argument 'study'.* empty/],
    [["run", "--resume="], /--resume.* empty/],
    [["show", "a", ""], /argument 'dir'.* empty/],
    [["status", "-o", ""], /-o, --output <dir>.* empty/],
  ];
  for (const [args, option] of empty) {
    const answer = parseArguments(args);
    assert.ok(answer.kind === "text" && answer.exitCode === 2, JSON.stringify(args));
    assert.match(answer.text, option);
  }
});

Deno.test("llem --help names every option's values, the exit codes, and examples that are command lines of llem", () => {
  const help = (line: string): string => {
    const answer = parseArguments(words(line));
    return answer.kind === "text" ? answer.text.replaceAll(/\s+/g, " ") : "";
  };
  for (const value of [...BACKENDS, ...CYCLE_ORDERS, "fp32, fp16 or bf16", "aienergyscore"]) {
    assert.ok(help("run --help").includes(value), value);
  }
  const codes = [...new Set([...Object.values(EXIT), ...Object.values(STOP_SIGNALS)])];
  for (const code of codes) assert.match(help("--help"), new RegExp(`Exit codes:.* ${code}[, ]`), `${code}`);
  const examples = EXAMPLES.split("\n").filter((line) => line.startsWith("  llem "));
  assert.ok(examples.length > 5);
  for (const line of examples) {
    const command = line.trim().split(/ {2,}| \| /)[0] ?? "";
    const answer = parseArguments(words(command).slice(1), isFile);
    assert.ok(answer.kind !== "text", command);
  }
});

Deno.test("parseArguments() starts afresh every time", () => {
  const line = words("run s.yaml --set a=1");
  assert.deepEqual(parseArguments(line), parseArguments(line));
});

Deno.test("parseArguments() understands doctor", () => {
  assert.deepEqual(parseArguments(words("doctor")), { kind: "doctor", json: false });
  assert.deepEqual(parseArguments(words("doctor --json")), { kind: "doctor", json: true });
  assert.equal(parseArguments(words("doctor now")).kind, "text");
});

Deno.test("parseArguments() understands mock-server by the table of its options", () => {
  const options = (line: string): unknown => {
    const command = parseArguments(words(`mock-server ${line}`));
    assert.ok(command.kind === "mock-server", JSON.stringify(command));
    return command.options;
  };
  assert.deepEqual(options(""), mockOptions());
  assert.deepEqual(
    options("--port 8000 --tick-ms 0.5 --no-prefix-cache --usage finish --cut-after 0 --stamps --model m"),
    mockOptions({
      port: 8000,
      tick_ms: 0.5,
      prefix_cache: false,
      usage: "finish",
      cut_after: 0,
      stamps: true,
      model: "m",
    }),
  );
  const given = { slots: 4, done: false, truth: "t.ndjson", cut_after: null, until_stdin_ends: true };
  assert.deepEqual(options(mockArguments(given).join(" ")), mockOptions(given));
  for (
    const line of [
      "--tick-ms -1",
      "--tick-ms x",
      "--slots 1.5",
      "--usage some",
      "--port 65536",
      "--nope",
      "x",
    ]
  ) {
    const answer = parseArguments(words(`mock-server ${line}`));
    assert.ok(answer.kind === "text" && answer.exitCode === EXIT.usage, line);
  }
});

Deno.test("parseArguments() names the newest unfinished study where --resume names none, and takes --devices for a plan", () => {
  const parse = (line: string) => parseArguments(words(line), () => false, (output) => `${output}/my study`);
  const answer = parse("run --resume -o out");
  assert.match(
    answer.kind === "text" ? answer.text : "",
    /unfinished study: llem run --resume 'out\/my study'/,
  );
  const plain = parse("run");
  assert.ok(plain.kind === "text" && !plain.text.includes("unfinished"));
  const plan = parse("plan s.yaml --devices 0,1");
  assert.deepEqual(plan.kind === "plan" && plan.overrides, [
    { path: "execution.devices", value: ["0", "1"], source: "--devices" },
  ]);
});
