import { projectFile } from "./project_files.ts";

/** A place in a bundled module, as a stack trace has it. */
const PLACE = /file:\/\/\S*?\/((build\/js\/\S+?\.js):(\d+):\d+)/g;
/** The bundle says above each module's text whose it is. */
const SOURCE = /^\/\/ (\S+\.(?:ts|js|mjs))$/;

/** The same text; before each place in a bundled module stands the source file whose text it is. */
export function withSources(text: string): string {
  return text.replace(PLACE, (whole: string, place: string, path: string, line: string) => {
    const source = sourceAt(path, Number(line));
    return source === null ? whole : `${source} (${place})`;
  });
}

function sourceAt(path: string, line: number): string | null {
  try {
    const lines = Deno.readTextFileSync(projectFile(path)).split("\n").slice(0, line);
    const above = lines.findLast((each) => SOURCE.test(each));
    return SOURCE.exec(above ?? "")?.[1] ?? null;
  } catch {
    return null;
  }
}
