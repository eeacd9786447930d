import { type DownloadWork, USUAL_PACE } from "./download_work.ts";
import type { HubEnvironment } from "./hub_environment.ts";
import { hubFetch, HubRefusal } from "./hub_fetch.ts";
import { retried } from "./retried.ts";
import { hubRetry } from "./messages.ts";

/** Answers that may be others in a moment: too many requests, and what a busy server or one that restarts says. */
const PASSING = [408, 429, 500, 502, 503, 504];

/** A hubFetch() that asks once more where the hub asks for patience. A hub that is not there is not waited for. */
export function patientFetch(hub: HubEnvironment, work: DownloadWork): typeof fetch {
  const { signal, say, pace = USUAL_PACE } = work;
  const once = hubFetch(hub, signal, pace.silence_ms);
  return (input, init) =>
    retried(() => once(input, init), {
      pace,
      signal,
      isPassing: (error) => error instanceof HubRefusal && PASSING.includes(error.status),
      askedPauseMs: (error) => error instanceof HubRefusal ? error.retry_after_ms : null,
      onRetry: ({ error, pause_ms }) => {
        const { detail } = error as HubRefusal;
        say(hubRetry(hub.endpoint, detail, pause_ms));
      },
    });
}
