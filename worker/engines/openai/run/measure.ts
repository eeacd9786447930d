import { stampNs } from "../../../../lib/base/stamp.ts";
import type { Dispatched } from "../load/dispatch.ts";
import { type OpenaiRequestFrame, requestFrame } from "../stream/request_record.ts";
import { tokensIn, type WindowTokens } from "../windows/populations.ts";
import type { WaitsFor } from "../windows/window_start.ts";
import { judgeWindow, type Window, type WindowVerdict } from "../windows/window_end.ts";
import { Conversations, type ConversationsOptions } from "./conversations.ts";
import { drive } from "./drive.ts";
import type { LoadLength, LoadSchedule } from "./load_schedule.ts";
import { type Made, madeOf, tokenTimes } from "./made.ts";
import { steadyProgress } from "./messages.ts";
import { type Outbox, phase } from "./outbox.ts";
import { isDue, lineOf, openWindow, type WindowWish } from "./steady.ts";

/** What the load came to. */
export interface Measured {
  /** In the order of their ends. */
  readonly made: readonly Made[];
  readonly dispatched: Dispatched;
  readonly window: Window;
  /** Null without a steady window. */
  readonly steady: {
    readonly tokens: WindowTokens;
    readonly verdict: WindowVerdict;
    /** Seconds of load before the window opened. */
    readonly lead_in_s: number;
    /** What the window had still been waiting for when it was opened all the same; null where it was for nothing. */
    readonly opened_despite: WaitsFor | null;
  } | null;
  /** What the first request answered, for people. */
  readonly sample: string | null;
  /** Turns of conversations that do not hold the answers before them. */
  readonly turnsWithoutAnswers: number;
}

export interface MeasureWish {
  readonly conversations: Omit<ConversationsOptions, "watch" | "stop" | "units" | "load">;
  readonly schedule: LoadSchedule;
  readonly length: LoadLength;
  /** Null measures the load from its first send to its last end. */
  readonly steady: WindowWish | null;
  readonly outbox: Outbox;
  /** Throws where no request has succeeded: asked where a steady window cannot come. */
  readonly giveUp: (made: readonly Made[]) => void;
  /** Called at the edges of the window. */
  readonly edges: { begin(): Promise<void>; end(): Promise<void> };
}

const PROGRESS_MS = 500;

/** Makes the load of a run and sends a frame for every request. */
export async function measure(wish: MeasureWish): Promise<Measured> {
  const { outbox, schedule, length, steady, edges } = wish;
  const stop = new AbortController();
  const made: Made[] = [];
  const underWay = new Map<number, bigint>();
  const keepChunks = steady !== null;
  let sample: string | null = null;
  let isOver = false;
  let firstSendNs: bigint | null = null;
  let window: Window | null = null;
  const conversations = new Conversations({
    ...wish.conversations,
    load: schedule.kind,
    units: length.kind === "whole" && length.minSeconds === null ? length.units : null,
    stop: stop.signal,
    watch: {
      begun: (index, tSchedNs) => underWay.set(index, tSchedNs),
      sent: (tNs) => {
        if (firstSendNs !== null) return;
        firstSendNs = tNs;
        if (steady === null) outbox.soon(phase("measure", "begin", tNs));
      },
      made: (record, ready, tSchedNs) => {
        if (isOver) return;
        underWay.delete(record.index);
        made.push(madeOf(record, ready, tSchedNs, keepChunks));
        if (record.index === 0) sample = record.output_texts[0] ?? null;
        const frame: OpenaiRequestFrame = requestFrame(record, { keepTexts: false });
        const counts = steady === null || isDue(window, tSchedNs);
        const told: OpenaiRequestFrame = counts ? frame : { ...frame, in_window: false };
        outbox.queue(told);
      },
    },
  });
  // What is counted before the first request and after the last one is all that the load did.
  if (steady === null) await edges.begin();
  const startNs = stampNs();
  const progress = setInterval(() => {
    const total = length.kind === "whole" ? length.units * wish.conversations.prompts.sessions.turns : null;
    const note = window === null && steady !== null ? { note: steadyProgress() } : {};
    outbox.queue({
      type: "progress",
      done: made.length,
      total: Math.max(made.length + underWay.size, total ?? 0),
      unit: "requests",
      ...note,
    });
  }, PROGRESS_MS);
  const driven = drive(schedule, length, (unit, dueNs) => conversations.send(unit, dueNs), stop);
  try {
    if (steady === null) {
      const dispatched = await driven;
      const endNs = lastEnd(made, startNs);
      // Nothing was sent where no connection came about.
      if (firstSendNs === null) outbox.send(phase("measure", "begin", startNs));
      outbox.send(phase("measure", "end", endNs));
      await edges.end();
      return {
        made,
        dispatched,
        window: { t0_ns: firstSendNs ?? startNs, t1_ns: endNs },
        steady: null,
        sample,
        turnsWithoutAnswers: conversations.turnsWithoutAnswers,
      };
    }
    outbox.send(phase("warmup", "begin", startNs));
    // A defect of the load must not leave the wait for a window alone.
    const defect = driven.then(() => {}, () => {});
    const opened = await openWindow(steady, schedule, {
      ...{ made, underWay, startNs, over: defect },
      giveUp: () => wish.giveUp(made),
    }, {
      open: async (t0Ns) => {
        outbox.send(phase("warmup", "end", t0Ns), phase("measure", "begin", t0Ns));
        await edges.begin();
      },
      close: async (t1Ns) => {
        outbox.send(phase("measure", "end", t1Ns));
        await edges.end();
      },
      knows: (known) => window = known,
    });
    stop.abort();
    const dispatched = await driven;
    return {
      made,
      dispatched,
      window: opened.window,
      steady: {
        tokens: tokensIn(opened.window, made.map(tokenTimes)),
        verdict: judgeWindow(lineOf(made, underWay, stampNs()), opened.window),
        lead_in_s: Number(opened.window.t0_ns - startNs) / 1e9,
        opened_despite: opened.despite,
      },
      sample,
      turnsWithoutAnswers: conversations.turnsWithoutAnswers,
    };
  } finally {
    clearInterval(progress);
    // A load that was given up still ends its requests.
    stop.abort();
    isOver = true;
  }
}

function lastEnd(made: readonly Made[], otherwise: bigint): bigint {
  let last = otherwise;
  for (const { t_done_ns } of made) if (t_done_ns !== null && t_done_ns > last) last = t_done_ns;
  return last;
}
