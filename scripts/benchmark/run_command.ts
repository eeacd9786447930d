/** Runs a program to its end and gives its stdout; throws with its stderr where it fails. */
export async function runCommand(program: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args], stdin: "null" })
    .output();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(`${program} ${args.join(" ")} failed: ${new TextDecoder().decode(stderr).trim()}`);
}

/** Milliseconds from start to end of a program whose output nobody reads. */
export async function timeCommand(program: string, args: readonly string[]): Promise<number> {
  const beginMs = performance.now();
  const command = new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  });
  const { success } = await command.spawn().status;
  if (!success) throw new Error(`${program} ${args.join(" ")} failed`);
  return performance.now() - beginMs;
}
