/** The texts of lib/cluster for people. */
import { largest } from "../base/numbers.ts";
import type { HardwareDifference } from "./hardware.ts";

/** What could not be saved. */
export const SHARED_FILE = "what this agent shares with others";

/** Of a mount over an object store. */
export function objectStore(dir: string, type: string): string {
  return `${dir} lies on ${type}, where two machines can make the same file: agents cannot share a study there. ` +
    "Use a shared file system (NFS, Lustre, GPFS, CephFS), or give each machine its part with --shard i/n and join them " +
    "with llem merge.";
}

/** `option`: the mount's, that says so; null where nothing says otherwise. */
export function localLocks(dir: string, type: string, option: string | null): string {
  const why = option === null
    ? "whose locks hold on one machine only unless its administrator made them global"
    : `mounted with ${option}: its locks hold on one machine only`;
  return `${dir} lies on ${type}, ${why}. llem run --resume on another machine would not notice the agents. ` +
    "Mount it with locks, use --no-lock to join all the same, or give each machine its part with --shard i/n and join " +
    "them with llem merge.";
}

export function noExclusive(dir: string, type: string | null): string {
  return `${dir} (${
    type ?? "file system unknown"
  }) lets two processes make the same file, or does not rename over one: ` +
    "agents cannot share a study there. Use another file system, or give each machine its part with --shard i/n and join " +
    "them with llem merge.";
}

export function probeText(type: string | null, method: "link" | "exclusive", syncsFolders: boolean): string {
  const how = method === "link" ? "claims by link(2)" : "claims by O_EXCL (no hard links here)";
  return `shared directory on ${type ?? "an unknown file system"}: ${how}${
    syncsFolders ? "" : ", folders cannot be synced"
  }`;
}

/** A table: what, on the first agent's machine, here. */
export function otherHardware(
  node: string,
  first: string,
  differences: readonly HardwareDifference[],
): string {
  const rows = [["", `first agent (${first})`, `here (${node})`]].concat(
    differences.map(({ what, first: before, here }) => [what, before, here]),
  );
  const widths = [0, 1].map((column) => largest(rows.map((row) => (row[column] ?? "").length), 0));
  const lines = rows.map((row) =>
    `  ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join("  ").trimEnd()}`
  );
  return `This machine differs from that of the study's first agent:\n${lines.join("\n")}\n` +
    "Numbers of both would be mixed. Run on machines that are alike, or set cluster.mixed: true before the study begins.";
}
