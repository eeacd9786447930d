import { join } from "node:path";

/** A folder that goes away with the test. */
export class TempFolder implements Disposable {
  readonly path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "llem-test-" }));

  /** A path in the folder. */
  at(...parts: readonly string[]): string {
    return join(this.path, ...parts);
  }

  /** Writes a file, executable if it is a script, and returns its path. */
  write(name: string, content: string | Uint8Array): string {
    const path = this.at(name);
    Deno.writeFileSync(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
    if (typeof content === "string" && content.startsWith("#!")) Deno.chmodSync(path, 0o755);
    return path;
  }

  read(name: string): string {
    return Deno.readTextFileSync(this.at(name));
  }

  /** True for a file of its own; false for a link, or nothing. */
  isFile(name: string): boolean {
    try {
      return Deno.lstatSync(this.at(name)).isFile;
    } catch {
      return false;
    }
  }

  names(...parts: readonly string[]): string[] {
    return [...Deno.readDirSync(this.at(...parts))].map(({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
