/** Machines in a folder, as /sys shows them: tests have one with two cores. */
import type { CpuTopology } from "../../lib/host/cpu_topology.ts";
import { writeTree } from "./sys_trees.ts";

/** A machine of equal sockets. CPUs are numbered as Linux does it: a hardware thread of every core, then the second ones. */
export interface MadeMachine {
  readonly sockets: number;
  readonly cores_per_socket: number;
  readonly threads: 1 | 2;
  /** NUMA nodes of a socket; 0 for a machine that tells of none. */
  readonly nodes_per_socket?: number;
  /** Nodes of devices of the PCI bus, by address; -1 is what firmware says that tells none. */
  readonly devices?: Readonly<Record<string, number>>;
  /** The text of cpu.max of the group of this process. */
  readonly cpu_max?: string;
}

/** All CPUs of such a machine. */
export function cpusOf({ sockets, cores_per_socket, threads }: MadeMachine): number[] {
  return Array.from({ length: sockets * cores_per_socket * threads }, (_, cpu) => cpu);
}

/** The same as llem reads it, without a folder. */
export function topologyOf({ sockets, cores_per_socket, threads }: MadeMachine): CpuTopology {
  const count = sockets * cores_per_socket;
  const cores = Array.from({ length: count }, (_, core) => {
    const socket = Math.floor(core / cores_per_socket);
    return { cpus: threads === 1 ? [core] : [core, core + count], socket, node: socket };
  });
  return { cores, granted: null, is_whole: true };
}

/** Writes it; what it returns stands before /proc and /sys. */
export function writeMachine(root: string, machine: MadeMachine): string {
  const { sockets, cores_per_socket, threads, nodes_per_socket = 1, devices = {}, cpu_max } = machine;
  const cores = sockets * cores_per_socket;
  const perNode = nodes_per_socket === 0 ? Infinity : cores_per_socket / nodes_per_socket;
  const files: Record<string, string> = {
    "sys/devices/system/cpu/online": `0-${sockets * cores_per_socket * threads - 1}`,
  };
  const nodes = new Map<number, number[]>();
  for (const cpu of cpusOf(machine)) {
    const core = cpu % cores;
    const folder = `sys/devices/system/cpu/cpu${cpu}/topology`;
    files[`${folder}/thread_siblings_list`] = threads === 1 ? `${core}` : `${core},${core + cores}`;
    files[`${folder}/physical_package_id`] = String(Math.floor(core / cores_per_socket));
    const node = Math.floor(core / perNode);
    nodes.set(node, [...nodes.get(node) ?? [], cpu]);
  }
  if (nodes_per_socket > 0) {
    for (const [node, cpus] of nodes) files[`sys/devices/system/node/node${node}/cpulist`] = cpus.join(",");
  }
  for (const [bus, node] of Object.entries(devices)) {
    files[`sys/bus/pci/devices/${bus}/numa_node`] = String(node);
    const local = nodes.get(node) ?? cpusOf(machine);
    files[`sys/bus/pci/devices/${bus}/local_cpulist`] = local.join(",");
  }
  if (cpu_max !== undefined) {
    files["proc/self/cgroup"] = "0::/box";
    files["sys/fs/cgroup/box/cpu.max"] = cpu_max;
  }
  writeTree(root, files);
  return root;
}
