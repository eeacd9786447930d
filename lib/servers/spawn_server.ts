import type { ServerWish } from "../engines/server_wish.ts";
import type { ServerContainer } from "../launch/docker/server.ts";
import { SERVER_TAG } from "../launch/server_launch.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../launch/temporary_folder.ts";
import type { Cage } from "../process/cage.ts";
import type { Container } from "../process/container.ts";
import type { ContainmentMethod } from "../process/containment.ts";
import type { Guard, Guarded } from "../process/guard.ts";
import { marksOf, type ProcessTag } from "../process/held_process.ts";
import { resolveProgram } from "../process/resolve_program.ts";
import type { Affinity } from "../process/affinity.ts";
import { type ChildProcess, spawnDetached } from "../process/spawn.ts";
import type { StopSwitch } from "../process/stop.ts";
import type { Suspension } from "../process/suspension.ts";
import { KEEPS_ENVIRONMENT } from "../process/tagged.ts";
import { freePort } from "./free_port.ts";
import { serverNotStarted } from "./messages.ts";
import { ServerError } from "./server_error.ts";

/** Where and with what a server is started. */
export interface ServerPlace {
  readonly guard: Guard;
  readonly containment: ContainmentMethod;
  /** Its whole environment, but for what the wish adds. */
  readonly env: Readonly<Record<string, string>>;
  /** What it is kept to of the machine; left out for all. */
  readonly affinity?: Affinity;
  /** Absolute folder of the study file: its working directory, where relative paths start. */
  readonly base_dir: string;
  /** Absolute; gets what it writes, head and tail. */
  readonly log_path: string;
  /** How it is started in a container; left out for a program of this machine. */
  readonly container?: ServerContainer;
  /** Chooses its port; left out where any free one will do. */
  readonly port?: () => number;
  /** From SIGTERM to SIGKILL; left out for 10 s. */
  readonly grace_s?: number;
  /** Takes out of a line what nobody is to read. */
  readonly hide?: (line: string) => string;
  /** Hears of troubles that end nothing. */
  readonly warn: (code: string, text: string) => void;
  /** A second stop ends its grace, and it stands still with the study; left out where nobody asks for either. */
  readonly control?: ServerControl;
  /** Writes down what becomes of it; left out where nobody does. */
  readonly book?: ServerBook;
}

/** What of the study reaches its servers. */
export interface ServerControl {
  readonly stop: StopSwitch;
  readonly suspension: Suspension;
}

/** Hears of a server's life, so that it is found should this program die. What it throws ends the server. */
export interface ServerBook {
  /** By what it will be known; `tag` is its instance. It is spawned when this returns. */
  readonly starting: (marks: Omit<Guarded, "pgid">) => void;
  readonly started: (instance: string, child: ChildProcess) => void;
  /** Nothing of it is left. */
  readonly stopped: (instance: string) => void;
}

/** A server that has been spawned, and what it is known by. */
export interface Started {
  readonly instance: string;
  readonly port: number;
  readonly argv: readonly string[];
  readonly cage: Cage;
  readonly child: ChildProcess;
  readonly container: Container | null;
  /** Goes with it; null where its container has one. */
  readonly temporary: TemporaryFolder | null;
}

/** Spawns it in a cage of its own. `hold` is called in the tick of the spawn. Throws ServerError. */
export async function spawnServer<T>(
  wish: ServerWish,
  place: ServerPlace,
  hold: (started: Started) => T,
): Promise<T> {
  const { guard, containment, base_dir } = place;
  const instance = crypto.randomUUID();
  const port = (place.port ?? freePort)();
  const fill = filler({ port: String(port), model: wish.model });
  const argv = wish.argv.map(fill);
  const wished = Object.entries(wish.env).map(([name, value]) => [name, fill(value)]);
  const tag = { name: SERVER_TAG, value: instance };
  const temporary = temporaryFolder(place, tag);
  const tmp = temporary === null ? {} : { TMPDIR: temporary.path };
  const env = {
    ...KEEPS_ENVIRONMENT,
    ...place.env,
    ...tmp,
    ...Object.fromEntries(wished),
    [tag.name]: tag.value,
  };
  await using held = new AsyncDisposableStack();
  held.defer(async () => void await temporary?.remove());
  const { program, args, container } = commandOf(place, { instance, port, argv }, env);
  const cage = await containment.makeCage();
  const folder = temporary === null ? {} : { temporary: temporary.path };
  const marks = marksOf({ tag, cage, container, ...folder });
  // Known to the guard before it can run, and to the journal.
  await guard.add({ ...marks, pgid: null });
  try {
    place.book?.starting(marks);
    const affinity = place.affinity === undefined ? {} : { affinity: place.affinity };
    const spawned = spawnDetached(cage.wrap({ program, args, cwd: base_dir, env, ...affinity }));
    if ("child" in spawned) {
      if (spawned.unpinned !== null) place.warn("unpinned", spawned.unpinned);
      held.move();
      return hold({ instance, port, argv, cage, container, temporary, child: spawned.child });
    }
    throw new ServerError("server_not_started", serverNotStarted(spawned.failure.message));
  } catch (error) {
    await guard.remove(marks);
    await cage.close();
    place.book?.stopped(instance);
    throw error;
  }
}

/** Null for a container, which has its own. Throws ServerError. */
function temporaryFolder({ container, env, warn }: ServerPlace, tag: ProcessTag): TemporaryFolder | null {
  if (container !== undefined) return null;
  const made = makeTemporaryFolder(tag, env);
  if ("failure" in made) throw new ServerError("server_not_started", made.failure.message);
  if (made.folder.elsewhere !== null) warn("temporary_folder", made.folder.elsewhere);
  return made.folder;
}

/** What is spawned: the program itself, or what makes its container. Throws ServerError. */
function commandOf(
  { container, base_dir }: ServerPlace,
  start: Pick<Started, "instance" | "port" | "argv">,
  env: Readonly<Record<string, string>>,
): { program: string; args: readonly string[]; container: Container | null } {
  if (container !== undefined) return { program: container.program, ...container.start(start) };
  const [name = "", ...args] = start.argv;
  const found = resolveProgram(name, { baseDir: base_dir, searchPath: env["PATH"] ?? "" });
  if (found.path !== null) return { program: found.path, args, container: null };
  throw new ServerError("server_not_started", serverNotStarted(found.message), false);
}

/** Fills in the places of a text; what is filled in is not looked at again. */
function filler(values: Readonly<Record<"port" | "model", string>>): (text: string) => string {
  return (text) => text.replace(/\{(port|model)\}/g, (_, name: "port" | "model") => values[name]);
}
