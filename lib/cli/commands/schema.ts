import { studyJsonSchema } from "../../study/json_schema.ts";
import { EXIT } from "../../base/refusal.ts";
import type { Streams } from "../terminal/streams.ts";

/** `llem schema`: the JSON Schema of study files, for editors. */
export function schemaCommand(streams: Streams): number {
  streams.out.write(`${JSON.stringify(studyJsonSchema())}\n`);
  return EXIT.ok;
}
