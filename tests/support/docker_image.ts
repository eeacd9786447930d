/** An image for the docker of this machine, made from its own files: nothing has to be downloaded. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { imagePython } from "./fake_docker.ts";
import { TempFolder } from "./temp_folder.ts";

/** What the stand-in for Python calls. */
const PROGRAMS = ["sh", "sleep", "env", "cat"];

/** An image with a shell and a stand-in for Python; it goes with the test. */
export class DockerImage implements Disposable {
  readonly name = `llem-test:${crypto.randomUUID().slice(0, 8)}`;
  readonly id: string;

  constructor(python = imagePython()) {
    using folder = new TempFolder();
    for (const program of PROGRAMS) copyProgram(program, folder.at("root"));
    Deno.mkdirSync(folder.at("root", "tmp"), { recursive: true });
    Deno.writeTextFileSync(folder.at("root", "bin", "python3"), python, { mode: 0o755 });
    run("tar", ["-C", folder.at("root"), "-cf", folder.at("image.tar"), "."]);
    run("docker", ["import", "--change", "ENV PATH=/bin", folder.at("image.tar"), this.name]);
    this.id = run("docker", ["image", "inspect", "--format", "{{.Id}}", this.name]).trim();
  }

  [Symbol.dispose](): void {
    run("docker", ["image", "rm", "--force", this.name]);
  }
}

/** Ids of the containers that carry a label. */
export function containersOf(label: string): string[] {
  const listed = run("docker", ["ps", "--all", "--quiet", "--filter", `label=${label}`]);
  return listed.split("\n").filter((id) => id !== "");
}

function copyProgram(name: string, root: string): void {
  const path = run("sh", ["-c", `command -v ${name}`]).trim();
  const libraries = run("ldd", [path]).split("\n").map((line) => /(\/\S+) \(0x/.exec(line)?.[1]);
  copyFile(path, join(root, "bin", name));
  for (const library of libraries) {
    if (library !== undefined) copyFile(library, join(root, library));
  }
}

function copyFile(from: string, to: string): void {
  Deno.mkdirSync(dirname(to), { recursive: true });
  Deno.copyFileSync(from, to);
}

function run(program: string, args: readonly string[]): string {
  const { success, stdout, stderr } = new Deno.Command(program, { args: [...args], stdin: "null" })
    .outputSync();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  assert.ok(success, `${program} ${args.join(" ")}: ${text(stderr)}`);
  return text(stdout);
}
