/** `llem report` from outside: where the page goes, and what a mistake costs. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { llem, Sandbox } from "./llem.ts";

const STUDY = {
  name: "quick",
  backend: "llamacpp",
  model: "tiny-random",
  dataset: { n: 2, input_len: 16, output_len: 16 },
  warmup: { n_warmup: 1 },
  measure: { min_seconds: 0.05 },
  sweep: { "llamacpp.n_parallel": [1, 2] },
  execution: { n_cycles: 3, cycle_order: "interleaved" },
};

Deno.test("report writes the page of a study beside its results, the same each time, and says where", async () => {
  using box = new Sandbox();
  const { dir } = await box.run(box.write("quick.yaml", JSON.stringify(STUDY)));
  const page = join(dir, "report.html");

  const written = await llem(["report", dir]);
  assert.equal(written.code, 0, written.stderr);
  assert.match(written.stdout, /^report: .*report\.html \(\d+ kB\)\n$/);
  const text = Deno.readTextFileSync(page);
  assert.match(text, /^<!doctype html>\n<html lang="en">/);
  assert.match(text, /<svg /);
  assert.match(text, /<\/html>\n$/);
  assert.doesNotMatch(text, /https?:\/\/(?!www\.w3\.org\/)/);

  const again = await llem(["report", dir, "-o", "-"], { cwd: box.dir });
  assert.equal(again.code, 0, again.stderr);
  assert.equal(again.stdout, text);

  // A comparison's page is that of the report.
  const compared = await llem(["compare", dir, "--html", "compared.html"], { cwd: box.dir });
  assert.match(compared.stdout, /n_parallel=2/);
  assert.equal(Deno.readTextFileSync(join(box.dir, "compared.html")), text);

  // A link stays one, and what it leads to is replaced whole.
  const [target, link] = [box.write("target.html", "old"), join(box.dir, "link.html")];
  Deno.symlinkSync(target, link);
  assert.equal((await llem(["report", dir, "-o", link])).code, 0);
  assert.ok(Deno.lstatSync(link).isSymlink);
  assert.equal(Deno.readTextFileSync(target), text);

  // Where the study directory takes no page, as another user's, it lies beside the reader.
  Deno.removeSync(page);
  Deno.mkdirSync(page);
  const beside = await llem(["report", dir], { cwd: box.dir });
  assert.equal(beside.code, 0, beside.stderr);
  const name = `${dir.split("/").at(-1)}.html`;
  assert.match(beside.stdout, new RegExp(`^report: ${name} `));
  assert.equal(Deno.readTextFileSync(join(box.dir, name)), text);

  const mistakes: readonly (readonly [args: readonly string[], code: number, told: RegExp])[] = [
    [[dir, "-o", box.dir], 2, /is a folder; name a file in it/],
    [[dir, "-o", join(box.dir, "missing", "x.html")], 4, /No such file|cannot/],
    [[dir, "-o", "/dev/full"], 4, /space/i],
    [[dir, "-o", "-", "--open"], 2, /--open needs a file/],
    [[dir, dir], 2, /twice/],
    [[dir, "--traces", "some"], 2, /flagged, all, none/],
    [[dir, "--baseline", "n_parallel=9"], 2, /9/],
    [[join(box.dir, "nothing")], 2, /nothing/],
  ];
  for (const [args, code, told] of mistakes) {
    const ended = await llem(["report", ...args], { cwd: box.dir });
    assert.equal(ended.code, code, `${args.join(" ")}: ${ended.stderr}`);
    assert.match(ended.stderr, told);
  }
  const opened = await llem(["report", dir, "-o", join(box.dir, "x.html"), "--open"], {
    env: { DISPLAY: "", WAYLAND_DISPLAY: "" },
  });
  assert.equal(opened.code, 0);
  assert.match(opened.stderr, /no display/);
});
