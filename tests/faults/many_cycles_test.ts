/** A study with more runs than a call takes arguments. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Manifest } from "../../lib/journal/manifest.ts";
import type { StampedEvent } from "../../lib/journal/event.ts";
import { decodeLine, encodeLine } from "../../lib/journal/journal_line.ts";
import type { SummaryRow } from "../../lib/results/summary.ts";
import { ended, llem, Sandbox, start, until } from "../e2e/llem.ts";
import { sized } from "../support/sampled.ts";

const CYCLES = sized(130_000, 3_000);

/** The first end of a run in a journal, and the line that began the study. */
function firstEvents(path: string): { opened: string; end: StampedEvent & { type: "run_finished" } } | null {
  const lines = Deno.readTextFileSync(path).split("\n");
  for (const line of lines) {
    const reading = decodeLine(line);
    if (reading.kind === "event" && reading.event.type === "run_finished") {
      return { opened: `${lines[0]}\n`, end: reading.event };
    }
  }
  return null;
}

Deno.test(`fault 49: status and show of a study of ${CYCLES} cycles`, async () => {
  using box = new Sandbox();
  const study = box.study(["ok"], { n_cycles: CYCLES, experiment_gap_seconds: 0 });
  const out = join(box.dir, "out");
  const child = start(["run", study, "-o", out, "-q"]);
  const { dir, opened, end } = await until("the end of a run", () => {
    const [name] = [...Deno.readDirSync(out)].map((entry) => join(out, entry.name));
    const first = name === undefined ? null : firstEvents(join(name, "journal.jsonl"));
    return name === undefined || first === null ? null : { dir: name, ...first };
  });
  child.kill("SIGTERM");
  await ended(child);
  // Every cycle ends as the first one did, and has its result.
  const ends = Array.from(
    { length: CYCLES },
    (_, index) => encodeLine({ ...end, index: index + 1, cycle: index + 1 }, end.at),
  );
  Deno.writeTextFileSync(join(dir, "journal.jsonl"), opened + ends.join(""));

  const shown = await llem(["show", dir, "--json"]);
  assert.equal(shown.code, 0, shown.stderr);
  const [row]: SummaryRow[] = JSON.parse(shown.stdout);
  assert.deepEqual([row?.completed, row?.metrics["output_tokens_per_s"]?.n], [CYCLES, CYCLES]);
  const csv = await llem(["show", dir, "--csv"]);
  assert.deepEqual([csv.code, csv.stdout.trim().split("\n").length], [0, 2]);
  const status = await llem(["status", dir, "--json"]);
  const manifest: Manifest = JSON.parse(status.stdout);
  assert.deepEqual([status.code, manifest.completed, manifest.pending], [0, CYCLES, 0]);
});
