import { type Board, boardKey, boardNamed, type Boards, isDead } from "./boards.ts";
import { visibleDevices } from "./gpus.ts";

/** Slurm's word for none in CUDA_VISIBLE_DEVICES. */
const NO_BOARDS = "NoDevFiles";

type Env = Readonly<Record<string, string | undefined>>;

/** The word for every board that this process may use. */
export const ALL_DEVICES = "all";

/**
 * What the environment leaves of the boards to a process that names none: `all`, since nothing says otherwise; these
 * `names`, as {@link keyNamed} takes them; `unknown`, in a Slurm job that does not tell.
 */
export type Visible =
  | { readonly kind: "all" }
  | { readonly kind: "unknown" }
  | { readonly kind: "names"; readonly names: readonly string[] };

/**
 * What CUDA_VISIBLE_DEVICES leaves, and in a Slurm job what is the job's. Slurm tells numbers of device files
 * (SLURM_STEP_GPUS, SLURM_JOB_GPUS), whatever the order of the bus; where its device cgroup keeps the others from the job,
 * NVML shows no more than the job's boards, and CUDA_VISIBLE_DEVICES counts among them.
 */
export function visibleTo(env: Env, machine: Boards): Visible {
  const { CUDA_VISIBLE_DEVICES: variable, SLURM_JOB_ID } = env;
  if (SLURM_JOB_ID === undefined) {
    return variable === undefined ? { kind: "all" } : { kind: "names", names: visibleDevices(variable, []) };
  }
  const own = visibleDevices(variable ?? "", []);
  // By UUID no numbering comes between: Slurm 25.11, and MIG devices.
  if (own.length > 0 && own.every((name) => !/^\d+$/.test(name))) return { kind: "names", names: own };
  const minors = jobNumbers(env);
  // What a job is told that asked for no board: those that it reaches are others'.
  if (variable === NO_BOARDS && minors === null) return { kind: "names", names: [] };
  if (isConfined(machine, minors)) return confined(own, machine);
  const names = minors === null ? [] : ofMinors(minors, machine.boards);
  return names.length === 0 ? { kind: "unknown" } : { kind: "names", names };
}

/** The numbers of device files that the job or step has; null where Slurm tells none. */
function jobNumbers({ SLURM_STEP_GPUS, SLURM_JOB_GPUS }: Env): number[] | null {
  const text = SLURM_STEP_GPUS ?? SLURM_JOB_GPUS ?? "";
  const numbers = text.split(",").flatMap((part) => {
    const range = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part);
    if (range === null) return [];
    const [first, last] = [Number(range[1]), Number(range[2] ?? range[1])];
    return Array.from({ length: Math.max(0, Math.min(last - first + 1, 64)) }, (_, place) => first + place);
  });
  return numbers.length === 0 ? null : numbers;
}

/**
 * True where all that NVML shows is the job's: a cgroup keeps other boards that the driver lists out of reach, or there are
 * no more than the job has. With more in reach than the job has nothing keeps it from those of others.
 */
function isConfined({ boards, listed, asked }: Boards, minors: readonly number[] | null): boolean {
  const count = boards.filter(({ driver }) => driver === "nvidia").length;
  if (!asked || count === 0 || minors !== null && count > minors.length) return false;
  return count < listed ||
    minors !== null && !minors.every((minor) => boards.some((board) => board.minor === minor));
}

/** What CUDA sees of the job's boards, which it counts from 0; all of them where it says nothing that fits. */
function confined(own: readonly string[], { boards }: Boards): Visible {
  const fits = own.length > 0 && own.every((name) => boards.some(({ index }) => index === Number(name)));
  return { kind: "names", names: fits ? own : boards.map(boardKey) };
}

/** Boards are told by what they are known by, since a number of a device file is none of nvidia-smi. */
function ofMinors(minors: readonly number[], boards: readonly Board[]): string[] {
  if (boards.length === 0) return minors.map(String);
  // Drivers that tell no numbers of device files: they are mostly those of the boards.
  const isTold = boards.some(({ minor }) => minor !== null);
  return minors.flatMap((number) =>
    boards.filter(({ minor, index }) => number === (isTold ? minor : index)).map(boardKey)
  );
}

/** The names of the boards that a process may use which is to use all of them; null where nothing keeps it from any. */
export function namesVisible(env: Env, machine: Boards): readonly string[] | null {
  const visible = visibleTo(env, machine);
  return visible.kind === "names" ? visible.names : givenToContainer(env, machine);
}

/**
 * What NVIDIA_VISIBLE_DEVICES names, which the runtime of a container reads: a container with all rights reaches the others
 * as well. Null where it names none of the boards that are here.
 */
function givenToContainer(
  { NVIDIA_VISIBLE_DEVICES: variable }: Env,
  machine: Boards,
): readonly string[] | null {
  const names = visibleDevices(variable ?? "", []);
  const isHere = names.some((name) => boardNamed(name, machine) !== null);
  // Numbers are those of the host: where no more boards are in reach than it names, they are counted anew.
  const isCountedAnew = names.some((name) => /^\d+$/.test(name)) && machine.boards.length <= names.length;
  return isHere && !isCountedAnew ? names : null;
}

/** Names with `all` replaced by those that it stands for, without boards that do not open. */
export function withoutAll(names: readonly string[], env: Env, machine: Boards): readonly string[] {
  if (!names.includes(ALL_DEVICES)) return names;
  const open = machine.boards.filter((board) => !isDead(board));
  const visible = namesVisible(env, machine);
  if (visible === null) return open.map(boardKey);
  return visible.filter((name) => open.some((board) => board === boardNamed(name, machine)));
}
