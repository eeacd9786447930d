/** The audit of neighbours, with real workers on boards that are only names. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { JsonObject } from "../../../lib/base/json.ts";
import type { StampedEvent } from "../../../lib/journal/event.ts";
import { JournalFold } from "../../../lib/journal/fold.ts";
import { parseJournal } from "../../../lib/journal/journal.ts";
import type { Plan } from "../../../lib/plan/plan.ts";
import { StopSwitch } from "../../../lib/process/stop.ts";
import type { StudyAudit } from "../../../lib/results/audit.ts";
import { readRecord } from "../../../lib/results/read_record.ts";
import { Guard } from "../../../lib/process/guard.ts";
import {
  launch,
  livingChildren,
  type MadeStudy,
  makeStudy,
  type StudyOptions,
} from "../../support/attempts.ts";
import "../../support/libc.ts";
import { configOf, planOf, WORKERS } from "../../support/plans.ts";
import { FailingDisk } from "../../support/failing_disk.ts";
import { SaveError } from "../../../lib/storage/save_error.ts";
import { TempFolder } from "../../support/temp_folder.ts";

const BEFORE = livingChildren();

/** A study of two cycles whose runs are slowed down by so much beside others. */
function planWith(
  folder: string,
  share: number,
  audit: JsonObject | null,
  more: readonly string[] = [],
): Plan {
  const argv = [join(WORKERS, "minds_others.py"), folder, "0.05", String(share), ...more];
  const execution = { parallel: "shared", audit };
  return planOf([configOf({ command: { argv, waits_for_gate: true } })], { n_cycles: 2, execution });
}

const AUDIT = { experiments: 1, pairs: 4, tolerance: 0.01 };

function made(plan: Plan, options: StudyOptions = {}): Promise<MadeStudy> {
  return makeStudy(plan, { ...options, pool: { boards: 3, mode: "shared", ...options.pool } });
}

function auditOf({ events, error }: MadeStudy): StudyAudit {
  const found = events.find((event) => event.type === "audit_taken");
  assert.ok(found?.type === "audit_taken", String(error));
  return found.audit;
}

function journalOf({ folder }: MadeStudy): readonly StampedEvent[] {
  return parseJournal(Deno.readFileSync(folder.at("journal.jsonl"))).events;
}

/** How the study's own runs were made. */
function sharings({ events }: MadeStudy): (string | undefined)[] {
  return events.flatMap((event) => {
    if (event.type !== "run_finished") return [];
    const { mode, shared_is } = event.record.run.parallel ?? {};
    return [shared_is === undefined ? mode : `${mode} ${shared_is}`];
  });
}

Deno.test("an audit is silent where neighbours change nothing, and its runs are none of the study's", async () => {
  using open = new TempFolder();
  const heard: string[] = [];
  using study = await made(planWith(open.path, 0, AUDIT), {
    pool: { boards: 3, onSharing: ({ mode, is_audited }) => heard.push(`${mode} ${is_audited}`) },
  });
  const audit = auditOf(study);
  assert.equal(audit.answer, "within_tolerance", JSON.stringify(audit));
  assert.deepEqual(audit.numbers.map(({ metric, n }) => [metric, n]), [
    ["output_tokens_per_s", 4],
    ["ttft_ms", 4],
    ["ttft_p95_ms", 4],
  ]);
  assert.deepEqual(sharings(study), ["shared audited", "shared audited"]);
  assert.deepEqual(heard, ["shared false", "shared true"]);
  assert.deepEqual([study.end?.status, study.end?.totals.completed, study.end?.totals.total], [
    "completed",
    2,
    2,
  ]);
  const runs = journalOf(study).flatMap((event) => event.type === "audit_run" ? [event] : []);
  assert.equal(runs.length, 8);
  assert.equal(new Set(runs.map(({ devices }) => devices.join())).size, 1, "the same board");
  for (const { arm, result_file, beside_share } of runs) {
    assert.match(result_file, /^audit\/p\d_(alone|beside)_/);
    const record = readRecord(study.folder.at(result_file));
    const others = record?.measurement?.metrics["others"];
    assert.equal(others, arm === "alone" ? 0 : 2, "every other board is measured, or none");
    if (arm === "beside") assert.ok((beside_share ?? 0) > 0.99, String(beside_share));
  }
  assert.deepEqual(study.folder.names("runs").length, 2);
  assert.equal(study.folder.names("audit").length, 8, "of what kept boards busy nothing is left");
  assert.deepEqual(study.left.filter((pid) => !BEFORE.includes(pid)), []);
});

Deno.test("an audit finds 3 %, and the study goes on staged and says so", async () => {
  using open = new TempFolder();
  const heard: string[] = [];
  using study = await made(planWith(open.path, 0.03, AUDIT), {
    pool: { boards: 3, onSharing: ({ mode }) => heard.push(mode) },
  });
  const audit = auditOf(study);
  assert.equal(audit.answer, "differs");
  const speed = audit.numbers.find(({ metric }) => metric === "output_tokens_per_s");
  assert.ok(Math.abs((speed?.ratio ?? 0) - 1 / 1.03) < 0.004, JSON.stringify(speed));
  assert.deepEqual(sharings(study), ["staged", "staged"]);
  assert.deepEqual(heard, ["shared", "staged"]);
  assert.equal(study.end?.status, "completed");
});

Deno.test("shared without an audit is told to be unaudited", async () => {
  using open = new TempFolder();
  using study = await made(planWith(open.path, 0, null));
  assert.deepEqual(sharings(study), ["shared unaudited", "shared unaudited"]);
  assert.ok(!study.folder.names(".").includes("audit"));
});

Deno.test("companions that do not run leave an audit unresolvable, and the study goes on", async () => {
  using open = new TempFolder();
  using study = await made(planWith(open.path, 0, { ...AUDIT, pairs: 3 }, ["fails as a companion"]));
  assert.equal(auditOf(study).answer, "not_resolvable");
  assert.deepEqual(sharings(study), ["shared unaudited", "shared unaudited"]);
  assert.equal(study.end?.status, "completed");
  assert.deepEqual(study.left.filter((pid) => !BEFORE.includes(pid)), []);
});

Deno.test("a resume goes on with an audit, and does not repeat one that is over", async () => {
  using open = new TempFolder();
  const plan = planWith(open.path, 0, AUDIT);
  const stop = new StopSwitch();
  let begun = 0;
  using first = await made(plan, {
    stop,
    onEvent: (event) => {
      if (event.type === "audit_run" && ++begun === 4) setTimeout(() => stop.request("SIGTERM"), 20);
    },
  });
  assert.equal(first.end?.status, "interrupted");
  assert.equal(first.end?.totals.pending, 2, "no run of the study was begun");
  const before = journalOf(first).flatMap((event) => event.type === "audit_run" ? [event] : []);
  const completed = before.filter(({ kind }) => kind === "completed").length;
  assert.ok(completed >= 2 && completed < 8, `${completed} completed`);
  const folded = (study: MadeStudy): JournalFold => {
    const fold = new JournalFold();
    for (const event of journalOf(study)) fold.apply(event);
    return fold;
  };
  using second = await made(plan, { fold: folded(first) });
  const rest = second.events.filter(({ type }) => type === "audit_run").length;
  assert.equal(rest, 8 - completed);
  assert.equal(auditOf(second).numbers[0]?.n, 4);
  const over = new JournalFold();
  for (const event of [...journalOf(first), ...journalOf(second)]) over.apply(event);
  using third = await made(plan, { fold: over });
  assert.equal(third.events.filter(({ type }) => type === "audit_run").length, 0);
  assert.equal(auditOf(third).answer, auditOf(second).answer);
});

Deno.test("a worker of an audit that cannot be killed costs its board, and the study ends as of any other", async () => {
  using open = new TempFolder();
  const remove = (): Promise<string> => Promise.resolve("it hangs");
  const container = { name: "c", image: "engine:1", image_id: "sha256:0123", program: "/bin/true", remove };
  using study = await made(planWith(open.path, 0, AUDIT), {
    guard: () => new Guard(() => {}, { program: "/bin/true", env: {} }),
    launch: (request) => ({
      ...launch(request),
      ...request.run_id.startsWith("p1_alone_") ? { container } : {},
    }),
  });
  const out = study.events.flatMap((event) => event.type === "board_out" ? [event.why] : []);
  assert.deepEqual(out, ["quarantined"]);
  assert.deepEqual(sharings(study), ["shared unaudited", "shared unaudited"]);
  assert.equal(study.end?.totals.completed, 2);
  assert.deepEqual(study.end?.cut, { kind: "unkillable" });
});

Deno.test("a disk that fails in an audit ends all that run, and is thrown", async () => {
  using open = new TempFolder();
  const disk = new FailingDisk();
  disk.onWrite = (what, path) => {
    if (what === "replace" && path.includes("_companion_")) throw new Deno.errors.NotCapable("no");
  };
  using study = await made(planWith(open.path, 0, AUDIT), { disk });
  assert.ok(study.error instanceof SaveError, String(study.error));
  assert.deepEqual(study.left.filter((pid) => !BEFORE.includes(pid)), []);
});
