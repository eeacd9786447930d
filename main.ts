/** Decides which role this process plays, and nothing else. Roles load lazily: none pays for another's packages. */
if (import.meta.main) {
  const [role, ...rest] = Deno.args;
  if (role === "__worker") {
    const { runWorker } = await import("./worker/main.ts");
    await runWorker(rest);
  } else if (role === "__meter") {
    const { runMeter } = await import("./lib/meter/meter_process.ts");
    await runMeter();
  } else {
    const { runCli } = await import("./lib/cli/main.ts");
    // Everything is written by now; what a stranger still holds open must not keep us.
    Deno.exit(await runCli(Deno.args));
  }
}
