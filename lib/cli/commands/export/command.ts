import { EXIT } from "../../../base/refusal.ts";
import type { Streams } from "../../terminal/streams.ts";
import type { ExportCommand } from "./options.ts";

/** `llem export`. */
export async function exportCommand(_: ExportCommand, streams: Streams): Promise<number> {
  streams.err.write("llem: not yet\n");
  return await Promise.resolve(EXIT.usage);
}
