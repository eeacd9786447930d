import assert from "node:assert/strict";
import { join, relative } from "node:path";
import {
  ended,
  llem,
  type Ran,
  ran,
  readResult,
  runFolder,
  Sandbox,
  start,
  until,
  WORKERS,
} from "../e2e/llem.ts";

/** What the worker is given, by where it stands. */
const SECRETS = {
  env: "s3cret-in-env",
  set: "s3cret-by-set-42",
  params: "s3cret, in params",
  argument: "hf_S3cretInTheArguments",
  named: "s3cret-by-name",
  hub: "hf_S3cretOfTheHub",
};
const SET = ["--set", `command.env.SET_KEY=${SECRETS.set}`];

function studyOf(box: Sandbox, token = SECRETS.env): string {
  const study = {
    name: "secrets",
    backend: "command",
    model: "none",
    command: {
      argv: [join(WORKERS, "tells_secrets.sh"), SECRETS.argument],
      env: { API_TOKEN: token, PLAIN: "for everybody" },
      env_from: ["NAMED_KEY"],
    },
    params: { login: { user: "me", password: SECRETS.params } },
    energy: { backend: null },
    execution: { n_cycles: 1, retries: 0 },
  };
  return box.write("study.yaml", JSON.stringify(study));
}

function environment(box: Sandbox): Deno.CommandOptions {
  return {
    cwd: box.dir,
    env: { NAMED_KEY: SECRETS.named, HF_TOKEN: SECRETS.hub, HOME: box.dir, XDG_CONFIG_HOME: "" },
  };
}

function tellsNone(text: string, where: string): void {
  for (const [name, secret] of Object.entries(SECRETS)) {
    assert.ok(!text.includes(secret), `the secret of ${name} stands in ${where}: ${text}`);
  }
}

/** Files below a folder with their modes. */
function* filesOf(folder: string): Generator<{ path: string; mode: number; isFolder: boolean }> {
  yield { path: folder, mode: (Deno.statSync(folder).mode ?? 0) & 0o777, isFolder: true };
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* filesOf(path);
    else yield { path, mode: (Deno.lstatSync(path).mode ?? 0) & 0o777, isFolder: false };
  }
}

/** The names of the files of a study that hold a secret. */
function holders(dir: string): string[] {
  const found: string[] = [];
  for (const { path, isFolder, mode } of filesOf(dir)) {
    const text = isFolder ? "" : Deno.readTextFileSync(path);
    if (!Object.values(SECRETS).some((secret) => text.includes(secret))) continue;
    assert.equal(mode & 0o077, 0, path);
    found.push(relative(dir, path));
  }
  return found.sort();
}

/** The command lines of everything that lives, without those that the user has written a secret into. */
function commandLines(): string[] {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name)).flatMap(({ name }) => {
    try {
      return [Deno.readTextFileSync(`/proc/${name}/cmdline`)];
    } catch {
      return [];
    }
  }).filter((line) => !line.includes("command.env.SET_KEY=") && !line.includes(SECRETS.argument));
}

Deno.test("fault 52: a secret reaches the worker, and stands where its owner put it and nowhere else", async () => {
  using box = new Sandbox();
  const study = studyOf(box);
  const options = environment(box);
  const child = start(["run", study, "-o", join(box.dir, "out"), "--json", ...SET], options);
  await until("the worker to wait", () => Deno.statSync(join(box.dir, "waiting")).isFile);
  tellsNone(commandLines().join("\n"), "a list of processes");
  box.write("go", "");
  const first = ran(await ended(child));
  assert.deepEqual(first.runs.map(({ outcome }) => outcome), ["failed"], first.stderr);
  assert.deepEqual(first.runs[0]?.error, { type: "Denied", message: "***, *** and ***" });
  for (const path of ["API_TOKEN", "SET_KEY", "login.password", "argv.1"]) {
    assert.match(first.stderr, new RegExp(`warning: .*${path}: looks like a secret.*env_from`));
  }
  const failed = readResult(runFolder(first.dir, 1));
  assert.equal(failed.outcome.error?.traceback, "login(***)");
  assert.deepEqual(failed.config.command?.env, { API_TOKEN: "***", PLAIN: "for everybody", SET_KEY: "***" });
  assert.deepEqual(failed.config.command?.env_from, ["NAMED_KEY"]);

  const second = ran(await llem(["run", "--resume", first.dir, "--retry-failed", "--json"], options));
  assert.equal(second.code, 0, second.stderr);
  const { measurement, config, phases } = readResult(
    join(first.dir, second.runs[0]?.result_file ?? "", ".."),
  );
  assert.deepEqual(measurement?.metrics, {
    env: SECRETS.env.length,
    set: SECRETS.set.length,
    params: SECRETS.params.length,
    named: SECRETS.named.length,
    argument: SECRETS.argument.length,
    "calls ***": 3,
  });
  assert.deepEqual([measurement?.model, measurement?.["own ***"]], [{ "***": 1 }, [{ "***": "***" }]]);
  assert.equal(phases[0]?.name, "load ***");
  assert.deepEqual(config.params, { login: { user: "me", password: "***" } });
  assert.deepEqual(holders(first.dir), ["plan.json", "study.yaml"]);
  for (const name of ["plan.json", "study.yaml"]) {
    const text = Deno.readTextFileSync(join(first.dir, name));
    for (const secret of [SECRETS.named, SECRETS.hub]) assert.ok(!text.includes(secret), name);
  }
  await looks(first, second, { study, options });
});

/** Everything that can be asked of such a study. */
async function looks(
  first: Ran,
  second: Ran,
  { study, options }: { readonly study: string; readonly options: Deno.CommandOptions },
): Promise<void> {
  const asked = [
    ["plan", study, ...SET],
    ["plan", study, "--json", ...SET],
    ["plan", study, "--explain", "command.env.API_TOKEN"],
    ["plan", study, "--explain", "params", "--json"],
    ["run", study, "--dry-run", "--json", ...SET],
    ["plan", study, "--set", `command.env={ API_TOKEN: [${SECRETS.env}], OTHER_KEY: 1 }`, "--json"],
    ["plan", study, "--set", `sweep.command.env.API_TOKEN=[${SECRETS.env}, [${SECRETS.env}]]`, "--json"],
    ["show", first.dir, "--json"],
    ["show", first.dir, "--csv"],
    ["show", first.dir, "--failed", "--json"],
    ["status", first.dir, "--json"],
  ];
  for (const { stdout, stderr } of [first, second]) tellsNone(stdout + stderr, "the output of a run");
  const outputs = await Promise.all(asked.map((args) => llem(args, options)));
  for (const [index, { stdout, stderr }] of outputs.entries()) {
    tellsNone(stdout + stderr, `llem ${asked[index]?.slice(0, 3).join(" ")}`);
  }
  assert.match(outputs[2]?.stdout ?? "", /^command\.env\.API_TOKEN: \*\*\* from .*study\.yaml:1:\d+/);
}

Deno.test("fault 52: a variable that command.env_from names and that is not there is told before anything is made", async () => {
  using box = new Sandbox();
  const study = studyOf(box);
  const { code, stderr } = await llem(["run", study, "-o", join(box.dir, "out")], {
    ...environment(box),
    env: { HOME: box.dir, XDG_CONFIG_HOME: "" },
    clearEnv: true,
  });
  assert.equal(code, 3, stderr);
  assert.match(
    stderr,
    /The variable NAMED_KEY, named by command\.env_from, is not in the environment of llem\./,
  );
  assert.deepEqual([...Deno.readDirSync(box.dir)].map(({ name }) => name), ["study.yaml"]);
});

Deno.test("fault 52: a variable of the shell whose value is a word hides no word of a sentence or a record", async () => {
  using box = new Sandbox();
  const options = environment(box);
  const env = {
    ...options.env,
    MY_AUTH: "measure",
    X_KEY: "completed",
    Z_TOKEN: "study",
    W_TOKEN: "fixture",
  };
  const { code, dir, stderr } = ran(
    await llem(["run", box.study(["ok"]), "-o", join(box.dir, "out"), "--json"], { ...options, env }),
  );
  assert.equal(code, 0, stderr);
  assert.match(stderr, /study finished: 1\/1 runs completed/);
  const record = readResult(runFolder(dir, 1));
  assert.equal(record.worker?.backend, "fixture");
  assert.ok(!stderr.includes("***") && !JSON.stringify(record).includes("***"), stderr);
});

Deno.test("fault 52: a study is gone on with whatever its secrets are by now", async () => {
  using box = new Sandbox();
  box.write("go", "");
  const args = (study: string): string[] => ["run", study, "-o", join(box.dir, "out"), "--json", "--resume"];
  const first = ran(await llem(args(studyOf(box)), environment(box)));
  const again = ran(
    await llem([...args(studyOf(box, "another-token")), "--retry-failed"], environment(box)),
  );
  assert.equal(again.dir, first.dir, again.stderr);
  assert.match(again.stderr, /command\.env\.API_TOKEN keeps the value that the study began with/);
  assert.ok(!again.stderr.includes("another-token"));
});

Deno.test("fault 52: output.mode: private is for the study directory, whatever the umask, and for every resume", async () => {
  using box = new Sandbox();
  Deno.mkdirSync(join(box.dir, ".config", "llem"), { recursive: true });
  const config = box.write(".config/llem/config.yaml", "output: { mode: private }\n");
  const study = box.study(["fails_once", "ok"]);
  const out = join(box.dir, "out");
  Deno.mkdirSync(out);
  const llemWithOpenUmask = async (args: readonly string[]): Promise<Ran> => {
    const { program, lead } = { program: "/bin/sh", lead: ["-c", 'umask 000; exec "$0" "$@"'] };
    const argv = [...lead, join(WORKERS, "..", "..", "..", "dist", "llem"), ...args];
    const { code, stdout, stderr } = await new Deno.Command(program, { args: argv, ...environment(box) })
      .output();
    const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    return ran({ code, signal: null, stdout: text(stdout), stderr: text(stderr) });
  };
  const made = await llemWithOpenUmask(["run", study, "-o", out, "--json"]);
  assert.equal(made.code, 1, made.stderr);
  // The directory itself says it by now.
  Deno.removeSync(config);
  const resumed = await llemWithOpenUmask(["run", "--resume", made.dir, "--retry-failed", "--json"]);
  assert.equal(resumed.code, 0, resumed.stderr);
  const files = [...filesOf(made.dir)];
  for (const { path, mode, isFolder } of files) {
    assert.equal(mode.toString(8), isFolder ? "700" : "600", path);
  }
  assert.ok(files.length > 15);
  const open = await llemWithOpenUmask(["run", study, "-o", out, "--json"]);
  assert.equal((Deno.statSync(open.dir).mode ?? 0) & 0o777, 0o777);
});
