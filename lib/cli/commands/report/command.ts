import { EXIT } from "../../../base/refusal.ts";
import type { Streams } from "../../terminal/streams.ts";
import type { ReportCommand } from "./options.ts";

/** `llem report`. */
export async function reportCommand(_: ReportCommand, streams: Streams): Promise<number> {
  streams.err.write("llem: not yet\n");
  return await Promise.resolve(EXIT.usage);
}
