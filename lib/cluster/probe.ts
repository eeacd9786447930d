import { join } from "node:path";
import { realDisk } from "../storage/disk.ts";
import { removeTree } from "../base/files.ts";
import { localLocks, noExclusive, objectStore, probeText } from "./messages.ts";
import type { CreateMethod } from "./shared_files.ts";

/** What the file system of a study directory can be trusted with, as it was tried. */
export interface Probe {
  /** Such as `nfs4`; null where it is unknown. */
  readonly type: string | null;
  readonly method: CreateMethod;
  /** What was found, in one line. */
  readonly text: string;
}

/** Why agents cannot share a directory: a sentence. `locks`: only the locks are unsafe, which agents do not need. */
export interface ProbeRefusal {
  readonly refusal: string;
  readonly locks: boolean;
}

/** File systems over object stores, and others whose names are not exclusive between machines. */
const OBJECT_STORES =
  /^(?:fuse\.)?(?:s3fs|s3ql|gcsfuse|goofys|geesefs|blobfuse2?|rclone|mount-s3|mountpoint-s3|s3backer|ossfs|cosfs|obsfs|riofs|yas3fs|catfs|davfs2?|curlftpfs|google-drive-ocamlfuse|sshfs)\b/i;

/** What a mount is, of /proc/mounts. */
export interface MountFacts {
  readonly source: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** Why that mount cannot be shared by machines; null where nothing is known against it. */
export function mountRefusal(dir: string, { source, type, options }: MountFacts): ProbeRefusal | null {
  const program = /^fuse$/.test(type) ? source.replace(/#.*$/, "") : type;
  if (OBJECT_STORES.test(program)) return { refusal: objectStore(dir, program), locks: false };
  const isLocal = options.find((option) =>
    /^nfs4?$/.test(type) && (option === "nolock" || /^local_lock=(all|flock)$/.test(option)) ||
    type === "lustre" && option === "localflock"
  );
  if (isLocal !== undefined) return { refusal: localLocks(dir, type, isLocal), locks: true };
  // Its locks reach other machines only where tuneUseGlobalFileLocks is set, which a mount does not tell.
  if (type === "beegfs") return { refusal: localLocks(dir, type, null), locks: true };
  return null;
}

/** The mount that a path without links lies on, by the text of /proc/mounts (proc(5)); the last of the deepest. */
export function mountFacts(mounts: string, path: string): MountFacts | null {
  let best: MountFacts & { readonly point: string } | null = null;
  for (const line of mounts.split("\n")) {
    const [source = "", place, type, options = ""] = line.split(" ").map(unescape);
    if (place === undefined || type === undefined) continue;
    const holds = path === place || path.startsWith(place.endsWith("/") ? place : `${place}/`);
    if (!holds || place.length < (best?.point.length ?? 0)) continue;
    best = { source, type, options: options.split(","), point: place };
  }
  return best === null ? null : { source: best.source, type: best.type, options: best.options };
}

function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}

/**
 * Tries in a folder of its own what agents rely on: O_EXCL, link(2) and its count, rename over a name, fsync of a folder.
 * `withoutLocks`: goes on where locks hold on one machine only. Throws what the system threw where nothing can be written.
 */
export function probe(
  dir: string,
  agent: string,
  { withoutLocks, mounts = readMounts() }: { readonly withoutLocks: boolean; readonly mounts?: string },
): Probe | ProbeRefusal {
  const mount = mountFacts(mounts, Deno.realPathSync(dir));
  const refused = mount === null ? null : mountRefusal(dir, mount);
  if (refused !== null && !(refused.locks && withoutLocks)) return refused;
  const folder = join(dir, `.probe-${agent}`);
  Deno.mkdirSync(folder);
  try {
    const type = mount?.type ?? null;
    if (!isExclusive(folder) || !renamesOver(folder)) {
      return { refusal: noExclusive(dir, type), locks: false };
    }
    const method = links(folder) ? "link" : "exclusive";
    return { type, method, text: probeText(type, method, syncsFolder(folder)) };
  } finally {
    removeTree(folder);
  }
}

function readMounts(): string {
  try {
    return Deno.readTextFileSync("/proc/self/mounts");
  } catch {
    return "";
  }
}

function isExclusive(folder: string): boolean {
  const path = join(folder, "exclusive");
  try {
    Deno.openSync(path, { write: true, createNew: true }).close();
    Deno.openSync(path, { write: true, createNew: true }).close();
    return false;
  } catch (error) {
    return error instanceof Deno.errors.AlreadyExists;
  }
}

function renamesOver(folder: string): boolean {
  const [from, to] = [join(folder, "new"), join(folder, "old")];
  Deno.writeTextFileSync(to, "old");
  Deno.writeTextFileSync(from, "new");
  try {
    Deno.renameSync(from, to);
  } catch {
    return false;
  }
  return Deno.readTextFileSync(to) === "new";
}

function links(folder: string): boolean {
  const [one, two] = [join(folder, "one"), join(folder, "two")];
  Deno.writeTextFileSync(one, "text");
  try {
    Deno.linkSync(one, two);
    if (Deno.statSync(one).nlink !== 2 || Deno.lstatSync(two).isSymlink) return false;
  } catch {
    return false;
  }
  try {
    Deno.linkSync(one, two);
    return false;
  } catch (error) {
    return error instanceof Deno.errors.AlreadyExists;
  }
}

function syncsFolder(folder: string): boolean {
  try {
    using opened = Deno.openSync(folder, { read: true });
    opened.syncSync();
    return true;
  } catch {
    realDisk.syncFolder(folder);
    return false;
  }
}
