/** Who gets which cores, as tables over machines that tests do not have. */
import assert from "node:assert/strict";
import { readCpuTopology, readDevicePlace } from "../../../lib/host/cpu_topology.ts";
import { joinShares, type Pin, type PlacedBoard, splitCores } from "../../../lib/launch/place/split_cores.ts";
import { cpusOf, type MadeMachine, topologyOf, writeMachine } from "../../support/cpu_trees.ts";
import { TempFolder } from "../../support/temp_folder.ts";

interface Case {
  readonly machine: Omit<MadeMachine, "devices">;
  /** Node of each board, as firmware tells it. */
  readonly boards: readonly number[];
  readonly allowed?: readonly number[];
  readonly pin?: Pin;
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function busOf(at: number): string {
  return `0000:${(16 + at).toString(16)}:00.0`;
}

function split({ machine, boards, allowed, pin = "auto" }: Case) {
  using folder = new TempFolder();
  const devices = Object.fromEntries(boards.map((node, at) => [busOf(at), node]));
  const root = writeMachine(folder.path, { ...machine, devices });
  const topology = readCpuTopology(allowed ?? cpusOf(machine), root);
  const placed: PlacedBoard[] = boards.map((_, at) => ({
    id: `${at}`,
    place: readDevicePlace(busOf(at), root),
  }));
  const { shares, scarce } = splitCores(topology, placed, pin);
  return {
    shares: boards.map((_, at) => shares.get(`${at}`) ?? assert.fail(`nothing for ${at}`)),
    scarce,
    topology,
  };
}

const EIGHT = [0, 0, 0, 0, 1, 1, 1, 1];

Deno.test("splitCores(): 8 boards on 2 sockets of 64 cores have 15 each of their own socket, and their siblings idle", () => {
  const { shares, scarce } = split({
    machine: { sockets: 2, cores_per_socket: 64, threads: 2 },
    boards: EIGHT,
  });
  assert.equal(scarce, null);
  assert.deepEqual(shares[0], { cpus: range(4, 18), numa: 0, cores: 15 });
  assert.deepEqual(shares[3], { cpus: range(49, 63), numa: 0, cores: 15 });
  assert.deepEqual(shares[7], { cpus: range(113, 127), numa: 1, cores: 15 });
});

Deno.test("splitCores(): 2 cores and 8 boards are shared, and said to be", () => {
  const { shares, scarce } = split({
    machine: { sockets: 1, cores_per_socket: 2, threads: 1 },
    boards: [0, 0, 0, 0, 0, 0, 0, 0],
  });
  assert.deepEqual(scarce, { cores: 2, boards: 8 });
  for (const share of shares) assert.deepEqual(share, { cpus: [0, 1], numa: 0, cores: 1 });
});

Deno.test("splitCores(): a cpuset of 10 cores on a large machine is shared out, not the machine", () => {
  const { shares } = split({
    machine: { sockets: 2, cores_per_socket: 32, threads: 1 },
    boards: EIGHT,
    allowed: range(20, 29),
  });
  assert.deepEqual(shares.map(({ cpus }) => cpus), range(22, 29).map((cpu) => [cpu]));
});

Deno.test("splitCores(): one NUMA node, none, and firmware that tells none come to the same", () => {
  const machine = { sockets: 1, cores_per_socket: 16, threads: 2 } as const;
  const cases: readonly (readonly [nodes_per_socket: number, node: number])[] = [[1, 0], [1, -1], [0, -1]];
  for (const [nodes_per_socket, node] of cases) {
    const { shares } = split({ machine: { ...machine, nodes_per_socket }, boards: [node, node, node, node] });
    const cores = shares.map(({ cores }) => cores);
    assert.deepEqual(cores, [3, 3, 3, 3]);
    // Three cores have both of their threads in the slot.
    assert.deepEqual(
      shares.map(({ cpus }) => cpus?.filter((cpu) => cpu < 16)),
      shares.map((_, at) => range(4 + 3 * at, 6 + 3 * at)),
    );
    assert.deepEqual(shares[0]?.cpus, [4, 5, 6, 20, 21, 22]);
  }
});

Deno.test("splitCores(): boards whose node has too few cores get them elsewhere, and no node", () => {
  const { shares } = split({
    machine: { sockets: 2, cores_per_socket: 16, threads: 1 },
    boards: [0, 0, 0, 0],
    allowed: [...range(0, 1), ...range(16, 31)],
  });
  const all = shares.flatMap(({ cpus }) => cpus ?? []);
  assert.equal(new Set(all).size, all.length);
  assert.deepEqual(shares.map(({ cores }) => cores), [4, 4, 4, 4]);
  assert.deepEqual(shares.map(({ numa }) => numa), [1, 1, 1, null]);
});

Deno.test("splitCores(): a quota of CPU time is shared out, whatever CPUs may be used", () => {
  const machine = { sockets: 1, cores_per_socket: 64, threads: 1, cpu_max: "850000 100000" } as const;
  const { shares } = split({ machine, boards: [0, 0, 0, 0] });
  assert.deepEqual(shares.map(({ cores }) => cores), [2, 2, 2, 2]);
  assert.deepEqual(split({ machine: { ...machine, cpu_max: "50000 100000" }, boards: [0, 0] }).scarce, {
    cores: 1,
    boards: 2,
  });
});

Deno.test("splitCores(): numa gives all of a board's node, reckoned with its share; none gives everything", () => {
  const machine = { sockets: 2, cores_per_socket: 8, threads: 2 } as const;
  const { shares } = split({ machine, boards: [0, 0, 1], pin: "numa" });
  assert.deepEqual(shares.map(({ numa, cores }) => [numa, cores]), [[0, 4], [0, 4], [1, 5]]);
  assert.deepEqual(shares[2]?.cpus, [...range(8, 15), ...range(24, 31)]);
  for (const share of split({ machine, boards: [0, 1], pin: "none" }).shares) {
    assert.deepEqual(share, { cpus: null, numa: null, cores: null });
  }
});

Deno.test("splitCores(): on any machine no board is without cores, all have as many, and none shares one", () => {
  for (const sockets of [1, 2, 4]) {
    for (const cores_per_socket of [1, 2, 3, 6, 12, 64]) {
      for (const threads of [1, 2] as const) {
        for (const count of [1, 2, 3, 8]) checkAny({ sockets, cores_per_socket, threads }, count);
      }
    }
  }
});

/** With boards at any of its nodes, or at none. */
function checkAny(machine: MadeMachine, count: number): void {
  const topology = topologyOf(machine);
  const boards = Array.from({ length: count }, (_, at): PlacedBoard => {
    const node = (at * 7 + count) % (machine.sockets + 1) - 1;
    const cpus = topology.cores.filter((core) => core.node === node).flatMap((core) => core.cpus);
    return { id: `${at}`, place: { node: node < 0 ? null : node, cpus } };
  });
  const { shares: byBoard, scarce } = splitCores(topology, boards, "auto");
  const shares = [...byBoard.values()];
  const told = JSON.stringify({ machine, boards, shares });
  const coreOf = (cpu: number): number => topology.cores.findIndex(({ cpus }) => cpus.includes(cpu));
  const used = shares.map(({ cpus }) => new Set(cpus?.map(coreOf)));
  assert.equal(shares.length, count, told);
  assert.equal(scarce === null, topology.cores.length >= count, told);
  assert.equal(new Set(shares.map(({ cores }) => cores)).size, 1, told);
  assert.ok(shares.every(({ cores, cpus }) => (cores ?? 0) >= 1 && cpus !== null && cpus.length > 0), told);
  if (scarce !== null) return;
  const all = used.flatMap((own) => [...own]);
  assert.equal(new Set(all).size, all.length, told);
}

Deno.test("joinShares() of a set of boards is all that they have; the node is that of all", () => {
  const { shares } = split({
    machine: { sockets: 2, cores_per_socket: 8, threads: 1 },
    boards: [0, 0, 1, 1],
  });
  assert.deepEqual(joinShares(shares.slice(0, 2)), { cpus: range(2, 7), numa: 0, cores: 6 });
  assert.deepEqual(joinShares(shares).numa, null);
  assert.equal(joinShares(shares).cores, 12);
});
