import { dirname, resolve } from "node:path";
import { earlierTimes } from "../../archive/earlier_times.ts";
import { pause } from "../../base/abort.ts";
import { jsonText } from "../../base/text.ts";
import type { RunnerEvent } from "../../journal/runner_event.ts";
import { estimateTime, NO_EARLIER_TIMES } from "../../plan/estimate.ts";
import type { Plan } from "../../plan/plan.ts";
import type { StopSignal } from "../../process/inherited.ts";
import type { StopSwitch } from "../../process/stop.ts";
import type { Suspension } from "../../process/suspension.ts";
import { ndjsonRecord } from "../../report/ndjson.ts";
import { drainText, stopText } from "../../report/live/messages.ts";
import { timeText } from "../../report/plan_text.ts";
import type { Verbosity } from "../../report/run_line.ts";
import { runNamer } from "../../report/run_name.ts";
import { summaryTable } from "../../report/summary/summary_table.ts";
import { endText } from "../../report/verdict/end_text.ts";
import { reportAt } from "../../report/verdict/messages.ts";
import { type EndedStudy, studyVerdict } from "../../report/verdict/study_verdict.ts";
import { comparedConfigs } from "../../plan/search.ts";
import { mostRuns } from "../../plan/until.ts";
import type { SessionEvent } from "../../session/session_event.ts";
import { stdoutFailedInStudy } from "../messages.ts";
import { DownloadLine } from "./download_line.ts";
import { printIssues } from "./print_issues.ts";
import { Progress, type ProgressOptions } from "./progress.ts";
import { tableSpace } from "./table_space.ts";
import { listenForPauses } from "./signals.ts";
import type { Streams } from "./streams.ts";

const FLUSH_PATIENCE_MS = 200;

/** The study that a screen shows. */
export interface ShownStudy {
  readonly dir: string;
  readonly plan: Plan;
  readonly todo: Plan["runs"];
}

/** Prints the events of a session: records on stdout where they are asked for, everything for people on stderr. */
export class RunScreen implements Disposable {
  readonly #streams: Streams;
  readonly #json: boolean;
  readonly #verbosity: Verbosity;
  readonly #stack = new DisposableStack();
  readonly #download: DownloadLine;
  #progress: Progress | null = null;
  #studyDir: string | null = null;

  constructor(streams: Streams, { json, verbosity }: { json: boolean; verbosity: Verbosity }) {
    this.#streams = streams;
    this.#json = json;
    this.#download = new DownloadLine(streams);
    this.#verbosity = verbosity;
  }

  take(event: SessionEvent): void {
    switch (event.type) {
      case "notice":
        if (event.level === "important" || this.#verbosity !== "quiet") this.#say(event.text);
        return;
      case "downloading":
        if (this.#verbosity !== "quiet") this.#download.take(event.state);
        return;
      case "invalid":
        return printIssues(event.issues, this.#streams, { json: this.#json });
      default:
        return this.#takeRunning(event);
    }
  }

  /** The study is about to run: shows its progress from now on, and what signals do to it. */
  begin({ dir, plan, todo }: ShownStudy, stop: StopSwitch, suspension: Suspension): void {
    this.#studyDir = dir;
    const name = runNamer(comparedConfigs(plan), plan.n_cycles);
    const progress = this.#stack.use(
      new Progress(this.#streams, {
        ...progressTimes({ dir, plan, todo }, this.#verbosity),
        total: plan.runs.length,
        todo,
        grows: plan.search !== null,
        further: Math.max(0, (mostRuns(plan) ?? 0) - plan.runs.length),
        name,
        verbosity: this.#verbosity,
        study_dir: dir,
      }),
    );
    this.#progress = progress;
    this.#stack.use(
      listenForPauses({ suspension, tell: () => progress.tell(), hide: () => progress.hide() }),
    );
    this.#tellStops(stop, plan.execution.grace_seconds, progress);
    this.#streams.out.onFailure = (reason) => {
      const text = stdoutFailedInStudy(reason, dir);
      this.take({ type: "warning", code: "stdout", text });
    };
  }

  /**
   * The table, and below it what the study came to, after the last line of progress, unless nobody takes that line. `reported`:
   * where its report is; null where none was written.
   */
  async showEnd(ended: EndedStudy, reported: string | null): Promise<void> {
    this[Symbol.dispose]();
    await Promise.race([this.#streams.err.flush(), pause(FLUSH_PATIENCE_MS)]);
    if (this.#verbosity === "quiet") return;
    if (this.#json) return reported === null ? undefined : this.#say(reportAt(reported));
    const space = tableSpace(this.#streams);
    const { width = null, signs } = space;
    const end = endText(studyVerdict(ended, signs), { width, reported });
    this.#streams.out.write(`\n${summaryTable(ended.summary, space)}\n${end}`);
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  #takeRunning(event: RunnerEvent): void {
    const record = this.#json ? ndjsonRecord(event, this.#studyDir) : null;
    if (record !== null) this.#streams.out.write(`${jsonText(record)}\n`);
    this.#progress?.take(event);
  }

  #say(text: string): void {
    if (this.#progress === null) this.#streams.err.write(`${this.#download.clear()}llem: ${text}\n`);
    else this.#progress.say(text);
  }

  /** Says what a signal does, as it comes. */
  #tellStops(stop: StopSwitch, graceS: number, progress: Progress): void {
    const tellStop = (signal: StopSignal, urgency: "first" | "again"): void => {
      progress.say(stopText(signal, urgency, progress.running, graceS));
    };
    this.#stack.use(stop.listen(tellStop));
    const tellDrain = (): void => progress.say(drainText(progress.running));
    stop.draining.addEventListener("abort", tellDrain);
    this.#stack.defer(() => stop.draining.removeEventListener("abort", tellDrain));
  }
}

/** How long the runs take that are left, as far as earlier studies beside this one tell. */
function progressTimes(
  { dir, plan, todo }: ShownStudy,
  verbosity: Verbosity,
): Pick<ProgressOptions, "gaps" | "earlier" | "time"> {
  const { gaps, search, execution } = plan;
  if (verbosity === "quiet") return { gaps, earlier: NO_EARLIER_TIMES };
  const hashes = new Set(todo.map(({ config_hash }) => config_hash));
  const earlier = earlierTimes(dirname(resolve(dir)), hashes);
  const estimate = estimateTime({ runs: todo, gaps, search, execution }, earlier);
  // With several runs at a time the sum says little.
  const isKnown = estimate.kind !== "unknown" && execution.parallel === "off";
  return { gaps, earlier, ...isKnown ? { time: timeText(estimate) } : {} };
}
