/** Decides which role this process plays, and nothing else. Roles load lazily: none pays for another's packages. */
if (import.meta.main) {
  const [role, ...rest] = Deno.args;
  if (role === "__worker") {
    const { runWorker } = await import("./worker/main.ts");
    await runWorker(rest);
  } else {
    const { runCli } = await import("./lib/cli/main.ts");
    Deno.exitCode = await runCli(Deno.args);
  }
}
