import { EXIT } from "../../../base/refusal.ts";
import type { Streams } from "../../terminal/streams.ts";
import type { HistoryCommand } from "./options.ts";

/** `llem history`. */
export function historyCommand(_: HistoryCommand, streams: Streams): number {
  streams.err.write("llem: not yet\n");
  return EXIT.usage;
}
