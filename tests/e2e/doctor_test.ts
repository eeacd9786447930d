import assert from "node:assert/strict";
import { join } from "node:path";
import type { DoctorCheck } from "../../lib/report/doctor_text.ts";
import { NO_CAPABILITIES, testWith } from "../support/needs.ts";
import { LLEM, llem, Sandbox } from "./llem.ts";

interface Document {
  readonly schema: string;
  readonly ok: boolean;
  readonly checks: readonly DoctorCheck[];
  readonly devices: readonly unknown[];
  readonly boards: readonly unknown[];
}

function statusOf({ checks }: Document, name: string): string | undefined {
  return checks.find((check) => check.name === name)?.status;
}

Deno.test("llem doctor says what runs here, for people and for scripts, and leaves nothing behind", async () => {
  using box = new Sandbox();
  const options = { cwd: box.dir, env: { XDG_CACHE_HOME: join(box.dir, "cache"), XDG_CONFIG_HOME: box.dir } };
  const { code, stdout, stderr } = await llem(["doctor", "--json"], options);
  assert.equal(code, 0, stdout + stderr);
  const document: Document = JSON.parse(stdout);
  assert.deepEqual([document.schema, document.ok], ["llem.doctor/1", true]);
  assert.ok(Array.isArray(document.devices) && Array.isArray(document.boards));
  assert.deepEqual([...new Set(document.checks.map(({ group }) => group))], [
    "Energy",
    "Engines",
    "Process control",
    "Files",
    "Machine",
  ]);
  assert.equal(statusOf(document, "llamacpp"), "ok");
  // By whatever python3 there is on PATH: most have no vLLM.
  assert.ok(["ok", "missing"].includes(statusOf(document, "vllm") ?? ""), statusOf(document, "vllm"));
  const client = document.checks.find(({ name }) => name === "openai");
  const { requests, failed, ttft_error_p50_ms = null } = client?.figures ?? {};
  assert.deepEqual([requests, failed], [100, 0], client?.detail);
  assert.ok(ttft_error_p50_ms !== null && ttft_error_p50_ms > 0);
  for (const { name, status, remedy } of document.checks) {
    if (status === "broken") assert.notEqual(remedy, null, name);
  }
  assert.deepEqual([...Deno.readDirSync(box.dir)].map(({ name }) => name), ["cache"]);
  const text = await llem(["doctor"], options);
  assert.equal(text.code, 0);
  assert.match(text.stdout, /^Energy\n/);
  assert.match(text.stdout, /\nStudies can be run here\. /);
});

Deno.test("llem doctor ends with 3 where results cannot be kept, and says what to do", async () => {
  using box = new Sandbox();
  // A file where the user's configuration wants a folder: root is refused, too.
  const file = box.write("file", "");
  Deno.mkdirSync(join(box.dir, "llem"));
  box.write(join("llem", "config.yaml"), `output: { results_dir: ${file} }\n`);
  const { code, stdout } = await llem(["doctor", "--json"], {
    cwd: box.dir,
    env: { XDG_CONFIG_HOME: box.dir },
  });
  assert.equal(code, 3);
  const document: Document = JSON.parse(stdout);
  assert.equal(document.ok, false);
  const results = document.checks.find(({ name }) => name === "results");
  assert.equal(results?.status, "broken");
  assert.match(results?.remedy ?? "", /-o/);
});

Deno.test("a cache that cannot be used costs doctor a warning, as it costs a run no more than time", async () => {
  using box = new Sandbox();
  const cache = box.write("cache", "");
  const { code, stdout } = await llem(["doctor", "--json"], { cwd: box.dir, env: { XDG_CACHE_HOME: cache } });
  assert.equal(code, 0, stdout);
  const document: Document = JSON.parse(stdout);
  assert.deepEqual([statusOf(document, "llamacpp"), statusOf(document, "cache")], ["warning", "warning"]);
});

testWith(
  [NO_CAPABILITIES],
  "a umask that keeps its user from what a study makes is named by doctor and run, and nothing is left",
  async () => {
    using box = new Sandbox();
    const study = box.study(["quick"]);
    const names = (): string[] => [...Deno.readDirSync(box.dir)].map(({ name }) => name).sort();
    const before = [...names(), "cache"].sort();
    for (const umask of ["777", "277"]) {
      const ended = async (...args: readonly string[]): Promise<{ code: number; text: string }> => {
        const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
          args: [
            "-c",
            `umask ${umask}; exec setpriv --bounding-set=-all --inh-caps=-all "$0" "$@"`,
            LLEM,
            ...args,
          ],
          cwd: box.dir,
          env: { XDG_CACHE_HOME: join(box.dir, "cache"), XDG_CONFIG_HOME: box.dir, LLEM_LOCK_DIR: box.dir },
          stdin: "null",
        }).output();
        const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
        return { code, text: text(stdout) + text(stderr) };
      };
      const doctor = await ended("doctor");
      assert.equal(doctor.code, 3, doctor.text);
      assert.match(doctor.text, new RegExp(`error +umask +the umask ${umask} removes your own rights`));
      const run = await ended("run", study, "-o", join(box.dir, "out"));
      assert.equal(run.code, 4, run.text);
      assert.match(run.text, new RegExp(`^llem: Cannot save anything: the umask ${umask} .*umask 022`));
      assert.deepEqual(names(), before);
    }
  },
);
