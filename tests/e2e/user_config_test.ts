import assert from "node:assert/strict";
import { join } from "node:path";
import { NO_CAPABILITIES, testWith } from "../support/needs.ts";
import { LLEM, llem, records, Sandbox } from "./llem.ts";

/** The environment of a user whose home is the sandbox. */
function home(box: Sandbox, more: Readonly<Record<string, string>> = {}): Deno.CommandOptions {
  return { cwd: box.dir, env: { HOME: box.dir, XDG_CONFIG_HOME: "", ...more } };
}

function configure(box: Sandbox, text: string, folder = join(".config", "llem")): void {
  Deno.mkdirSync(join(box.dir, folder), { recursive: true });
  box.write(join(folder, "config.yaml"), text);
}

async function gapsOf(box: Sandbox, args: readonly string[], options: Deno.CommandOptions): Promise<unknown> {
  const { code, stdout, stderr } = await llem(["plan", box.study(["ok"]), "--json", ...args], options);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout).study.gaps;
}

Deno.test("the user's gaps hold where the study gives none, GPU or not, and the command line wins", async () => {
  using box = new Sandbox();
  configure(box, "execution: { experiment_gap_seconds: 3, cycle_gap_seconds: 4 }\n");
  assert.deepEqual(await gapsOf(box, [], home(box)), { experiment_s: 3, cycle_s: 4 });
  const set = ["--set", "execution.cycle_gap_seconds=0"];
  assert.deepEqual(await gapsOf(box, set, home(box)), { experiment_s: 3, cycle_s: 0 });
});

Deno.test("XDG_CONFIG_HOME moves the user configuration; a relative one counts as not set", async () => {
  using box = new Sandbox();
  configure(box, "execution: { experiment_gap_seconds: 1, cycle_gap_seconds: 1 }\n");
  configure(box, "execution: { experiment_gap_seconds: 2, cycle_gap_seconds: 2 }\n", join("xdg", "llem"));
  const moved = home(box, { XDG_CONFIG_HOME: join(box.dir, "xdg") });
  assert.deepEqual(await gapsOf(box, [], moved), { experiment_s: 2, cycle_s: 2 });
  assert.deepEqual(await gapsOf(box, [], home(box, { XDG_CONFIG_HOME: "xdg" })), {
    experiment_s: 1,
    cycle_s: 1,
  });
});

Deno.test("a mistake in the user configuration is told with its place beside the study's, exit 2", async () => {
  using box = new Sandbox();
  configure(box, "output:\n  result_dir: x\n");
  const study = box.write("s.yaml", "model: m\nn: 0\n");
  const { code, stdout, stderr } = await llem(
    ["run", study, "--json"],
    home(box, { LLEM_RUNNER_VLLM: "podman" }),
  );
  assert.equal(code, 2);
  assert.match(
    stderr,
    /~\/\.config\/llem\/config\.yaml:2:3 output\.result_dir: is not a known key \(did you mean "results_dir"\?\)/,
  );
  assert.match(stderr, /LLEM_RUNNER_VLLM runners\.vllm: must be local, docker/);
  const [invalid] = records(stdout);
  assert.ok(invalid?.event === "invalid");
  assert.equal(invalid.issues.length, 3);
});

Deno.test("a user configuration that cannot be read is told, exit 2", async () => {
  using box = new Sandbox();
  Deno.mkdirSync(join(box.dir, ".config", "llem", "config.yaml"), { recursive: true });
  const { code, stderr } = await llem(["plan", box.study(["ok"])], home(box));
  assert.equal(code, 2);
  assert.match(stderr, /~\/\.config\/llem\/config\.yaml: this is a folder/);
});

testWith(
  [NO_CAPABILITIES],
  "fault 76: a home that may not be entered counts as none, and a file that is there and may not be read is told, exit 2",
  async () => {
    using box = new Sandbox();
    configure(box, "output: { results_dir: ~/measured }\n", join("home", ".config", "llem"));
    const home = join(box.dir, "home");
    const study = box.study(["ok"]);
    const planned = async (): Promise<[number, string]> => {
      const { code, stderr } = await new Deno.Command("setpriv", {
        args: ["--bounding-set=-all", "--inh-caps=-all", LLEM, "plan", study],
        env: { HOME: home, XDG_CONFIG_HOME: "" },
        stdin: "null",
      }).output();
      return [code, new TextDecoder().decode(stderr)];
    };
    Deno.chmodSync(home, 0);
    assert.deepEqual(await planned(), [0, ""]);
    Deno.chmodSync(home, 0o700);
    Deno.chmodSync(join(home, ".config", "llem", "config.yaml"), 0);
    const [code, stderr] = await planned();
    assert.equal(code, 2, stderr);
    assert.match(stderr, /~\/\.config\/llem\/config\.yaml: permission denied; check/);
  },
);

Deno.test("output.results_dir says where studies go, -o wins", async () => {
  using box = new Sandbox();
  configure(box, "output: { results_dir: ~/measured }\n");
  const study = box.study(["ok"]);
  assert.equal((await llem(["run", study, "-q"], home(box))).code, 0);
  assert.equal((await llem(["run", study, "-q", "-o", "other"], home(box))).code, 0);
  const count = (folder: string): number => [...Deno.readDirSync(join(box.dir, folder))].length;
  assert.deepEqual([count("measured"), count("other")], [1, 1]);
});
