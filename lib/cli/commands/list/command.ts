import { EXIT } from "../../../base/refusal.ts";
import type { Streams } from "../../terminal/streams.ts";
import type { ListCommand } from "./options.ts";

/** `llem list`. */
export function listCommand(_: ListCommand, streams: Streams): number {
  streams.err.write("llem: not yet\n");
  return EXIT.usage;
}
