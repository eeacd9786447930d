import { errno, libc } from "../base/libc.ts";

/** CPUs and memory that a process and all that it starts are kept to. */
export interface Affinity {
  /** Null for all. */
  readonly cpus: readonly number[] | null;
  /** The NUMA node whose memory is taken first, and any other once that is full; null for the system's own choice. */
  readonly numa: number | null;
}

/** Which of it the system lets this process set: a container's filter of system calls often denies the memory policy. */
export interface AffinityPowers {
  readonly cpus: boolean;
  readonly numa: boolean;
}

/** Bytes of a set of CPUs: 8192, the most that Linux is built for. */
const CPU_SET_BYTES = 1024;
/** Bits of a set of NUMA nodes, 1024, and one: set_mempolicy(2) and its twin take one bit less than they are told. */
const NODE_BITS = 1024n + 1n;
const NODE_SET_BYTES = 136;
const MPOL_PREFERRED = 1;

/** Numbers of set_mempolicy(2) and get_mempolicy(2): syscall_64.tbl of x86, and asm-generic/unistd.h, which aarch64 has. */
const SYSCALLS: Readonly<Record<typeof Deno.build.arch, { readonly set: bigint; readonly get: bigint }>> = {
  x86_64: { set: 238n, get: 239n },
  aarch64: { set: 237n, get: 236n },
};

/** CPUs that this thread may run on, ascending, by sched_getaffinity(2); null where the system does not say. */
export function allowedCpus(): number[] | null {
  const set = readCpus();
  return set === null ? null : cpusOf(set);
}

/** Asks by setting what is set already. */
export function affinityPowers(): AffinityPowers {
  const [cpus, policy] = [readCpus(), readPolicy()];
  return { cpus: cpus !== null && setCpus(cpus), numa: policy !== null && setPolicy(policy) };
}

/**
 * Calls `spawn` with this thread kept to CPUs and memory, which a process that is started then takes over with all its
 * children, and puts back what was before in the same tick: no other code of this thread runs meanwhile, and no other thread is
 * touched. Where the system refuses, the process is started all the same, and `trouble` says what was refused.
 */
export function spawnWithin<T>(
  affinity: Affinity | undefined,
  spawn: () => T,
): { readonly started: T; readonly trouble: string | null } {
  const { cpus = null, numa = null } = affinity ?? {};
  if (cpus === null && numa === null) return { started: spawn(), trouble: null };
  const troubles: string[] = [];
  const [cpusBefore, policyBefore] = [readCpus(), readPolicy()];
  const isPinned = cpus !== null && cpusBefore !== null && setCpus(setOf(cpus, CPU_SET_BYTES));
  if (cpus !== null && !isPinned) troubles.push(refused("sched_setaffinity"));
  const hasPolicy = numa !== null && policyBefore !== null &&
    setPolicy({ mode: MPOL_PREFERRED, nodes: setOf([numa], NODE_SET_BYTES) });
  if (numa !== null && !hasPolicy) troubles.push(refused("set_mempolicy"));
  try {
    return { started: spawn(), trouble: troubles.length === 0 ? null : troubles.join("; ") };
  } finally {
    // A CPU set that was narrowed meanwhile (cpuset) refuses what was before: then any CPU that it still has.
    if (isPinned && !setCpus(cpusBefore)) setCpus(new Uint8Array(CPU_SET_BYTES).fill(0xff));
    if (hasPolicy) setPolicy(policyBefore);
  }
}

function refused(call: string): string {
  return `${call}: errno ${errno()}`;
}

/** 0 is the thread that calls. */
function readCpus(): Uint8Array<ArrayBuffer> | null {
  const set = new Uint8Array(CPU_SET_BYTES);
  return libc().sched_getaffinity(0, BigInt(set.length), set) === 0 ? set : null;
}

function setCpus(set: Uint8Array<ArrayBuffer>): boolean {
  return libc().sched_setaffinity(0, BigInt(set.length), set) === 0;
}

interface Policy {
  readonly mode: number;
  readonly nodes: Uint8Array<ArrayBuffer>;
}

function readPolicy(): Policy | null {
  const mode = new Int32Array(1);
  const nodes = new Uint8Array(NODE_SET_BYTES);
  const { get } = SYSCALLS[Deno.build.arch];
  const code = libc().syscall(get, pointerOf(mode), pointerOf(nodes), NODE_BITS, 0n, 0n);
  return code === 0n ? { mode: mode[0] ?? 0, nodes } : null;
}

function setPolicy({ mode, nodes }: Policy): boolean {
  const { set } = SYSCALLS[Deno.build.arch];
  return libc().syscall(set, BigInt(mode), pointerOf(nodes), NODE_BITS, 0n, 0n) === 0n;
}

/** Of a buffer that the caller keeps until the call is over. */
function pointerOf(buffer: Uint8Array<ArrayBuffer> | Int32Array<ArrayBuffer>): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(buffer));
}

function setOf(members: readonly number[], bytes: number): Uint8Array<ArrayBuffer> {
  const set = new Uint8Array(bytes);
  for (const member of members) set[member >> 3] = (set[member >> 3] ?? 0) | 1 << (member & 7);
  return set;
}

function cpusOf(set: Uint8Array): number[] {
  return [...set].flatMap((byte, at) =>
    [...Array(8).keys()].filter((bit) => byte >> bit & 1).map((bit) => 8 * at + bit)
  );
}
