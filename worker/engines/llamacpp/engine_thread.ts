/** The thread of the engine: a Web Worker that takes one assignment, blocks in the library, and says how it went. */
import { toErrorFrame } from "../../worker_error.ts";
import { Outbox } from "./outbox.ts";
import { runEngine } from "./run_engine.ts";
import type { EngineMessage, EngineRequest } from "./thread_messages.ts";

interface ThreadScope {
  onmessage: (event: MessageEvent<EngineRequest>) => void;
  postMessage(message: EngineMessage): void;
}

const scope = globalThis as unknown as ThreadScope;

scope.onmessage = ({ data: request }) => {
  const outbox = new Outbox((frames) => scope.postMessage({ kind: "frames", frames }));
  try {
    runEngine(request, outbox);
    outbox.flush();
    scope.postMessage({ kind: "finished" });
  } catch (error) {
    outbox.flush();
    scope.postMessage({ kind: "failed", error: toErrorFrame(error) });
  }
};
