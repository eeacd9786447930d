import assert from "node:assert/strict";

/** A disk of memory of one's own, to be filled. Needs TMPFS of needs.ts. */
export class SmallDisk implements Disposable {
  readonly path: string;

  /** Makes the folder `path` and mounts the disk there; `options` such as `size=5m` or `nr_inodes=40`. */
  constructor(path: string, options: string) {
    this.path = path;
    Deno.mkdirSync(path);
    system("mount", "-t", "tmpfs", "-o", options, "tmpfs", path);
  }

  change(options: string): void {
    system("mount", "-o", `remount,${options}`, this.path);
  }

  [Symbol.dispose](): void {
    system("umount", this.path);
  }
}

function system(program: string, ...args: readonly string[]): void {
  const { success, stderr } = new Deno.Command(program, { args: [...args] }).outputSync();
  assert.ok(success, new TextDecoder().decode(stderr));
}
