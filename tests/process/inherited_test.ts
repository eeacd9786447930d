import assert from "node:assert/strict";
import { ignoredAtStart, STOP_SIGNALS } from "../../lib/process/inherited.ts";
import { Program } from "../support/program.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("STOP_SIGNALS stand for 128 and their number", () => {
  assert.deepEqual({ ...STOP_SIGNALS }, { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 });
});

Deno.test("ignoredAtStart() reads the mask of ignored signals", () => {
  const cases: readonly (readonly [mask: string, signals: readonly string[]])[] = [
    ["0000000000000000", []],
    ["0000000000000001", ["SIGHUP"]],
    ["0000000000000002", ["SIGINT"]],
    ["0000000000004000", ["SIGTERM"]],
    ["0000000000000006", ["SIGINT", "SIGQUIT"]],
    ["0000000000080a00", ["SIGTSTP", "SIGUSR1", "SIGUSR2"]],
    ["0000000000001000", []],
    ["ffffffffffffffff", ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGTSTP", "SIGUSR1", "SIGUSR2"]],
    ["8000000000004003", ["SIGHUP", "SIGINT", "SIGTERM"]],
  ];
  for (const [mask, signals] of cases) {
    const status = `Name:\tSigIgn:\nSigBlk:\tffffffffffffffff\nSigIgn:\t${mask}\nSigCgt:\tffffffffffffffff\n`;
    assert.deepEqual([...ignoredAtStart(status)].sort(), signals, mask);
  }
  assert.deepEqual([...ignoredAtStart("")], []);
});

for (const [trapped, signals] of [["HUP", ["SIGHUP"]], ["INT TERM", ["SIGINT", "SIGTERM"]]] as const) {
  Deno.test(`ignoredAtStart() sees what a shell ignored: ${trapped}`, async () => {
    await using program = new Program(
      `
      import { ignoredAtStart } from "/lib/process/inherited.ts";
      console.log(JSON.stringify([...ignoredAtStart()].sort()));`,
      { wrap: `trap '' ${trapped}` },
    );
    assert.deepEqual(JSON.parse(await program.line()), signals);
  });
}

Deno.test("closeInheritedOnExec() keeps a descriptor that a shell left open from our children", async () => {
  using folder = new TempFolder();
  await using program = new Program(
    `
    import { closeInheritedOnExec } from "/lib/process/inherited.ts";
    const holds = () => {
      const script = 'for fd in /proc/$$/fd/*; do readlink "$fd"; done';
      const { stdout } = new Deno.Command("/bin/sh", { args: ["-c", script] }).outputSync();
      return new TextDecoder().decode(stdout).includes(Deno.args[0]);
    };
    console.log(holds());
    closeInheritedOnExec();
    console.log(holds());`,
    { args: [folder.at("lock")], wrap: `exec 9>"${folder.at("lock")}"` },
  );
  assert.equal(await program.line(), "true");
  assert.equal(await program.line(), "false");
});
