/** Milliseconds that a program takes which gets the line on its stdin and is read to the end, with nothing around it. */
export async function timeBareSpawn(program: string, line: Uint8Array): Promise<number> {
  const beginMs = performance.now();
  const child = new Deno.Command(program, { stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(line);
  await writer.close();
  const [stdout, , status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.status,
  ]);
  const wallMs = performance.now() - beginMs;
  if (!status.success || !stdout.includes('"result"')) throw new Error(`${program} did not do its work`);
  return wallMs;
}
