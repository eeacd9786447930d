import { listStudies } from "../../../archive/list_studies.ts";
import { EXIT } from "../../../base/refusal.ts";
import { jsonText, printable, printableLines } from "../../../base/text.ts";
import { listText } from "../../../report/studies/list_text.ts";
import { noStudiesIn } from "../../../report/studies/messages.ts";
import type { Streams } from "../../terminal/streams.ts";
import { resultsFolder } from "../studies_to_read.ts";
import type { ListCommand } from "./options.ts";

/** `llem list`: the studies of a folder, newest first, from their manifests alone. */
export function listCommand({ root, json }: ListCommand, { out, err }: Streams): number {
  const folder = root ?? resultsFolder();
  const heads = listStudies(folder);
  if (json) out.write(`${jsonText(heads)}\n`);
  else if (heads.length > 0) out.write(printableLines(listText(heads, Deno.hostname())));
  if (heads.length === 0) err.write(`llem: ${printable(noStudiesIn(folder))}\n`);
  return EXIT.ok;
}
