import { runCommand } from "./run_command.ts";

/** A process inherits the peak of the one that forks it, so the parent must be small. */
const PROGRAM = `
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
`;

/** The most memory that a program held at once, in MB. */
export async function maxRssMb(program: string, args: readonly string[]): Promise<number> {
  return Number(await runCommand("python3", ["-c", PROGRAM, program, ...args])) * 1024 / 1e6;
}
