/** The texts of `llem kubernetes` on the command line. */

export const HELP = {
  about: "print a Kubernetes Job whose pods are agents of one study; nothing is sent to a cluster",
  study: "study file",
  nodes: "pods at a time, each on a node of its own (default: 1)",
  image: "container image with llem and what the engines need (default: llem:latest)",
  volume: "claim of a ReadWriteMany volume for the study and its results (default: llem-studies)",
  gpus: "GPUs of each pod (default: what a run holds, 0 where no run holds one)",
};

export function notACount(text: string, least: number): string {
  return `"${text}" is not a whole number of at least ${least}`;
}

/** Comments at the head of the manifest, a line each. */
export function manifestNotes(file: string, dir: string, volume: string): string[] {
  return [
    "Agents of one study, written by llem kubernetes. Read it, then: kubectl apply -f FILE",
    `Put ${file} on the volume ${volume} first, with everything that it names by a relative path.`,
    `The study directory is ${dir} there. llem status, in any pod that mounts the volume, says how far it is.`,
    "The volume must keep link(2) and O_EXCL for all nodes (NFS 4, CephFS, Lustre; no object store): agents try that and refuse.",
    "Use whole GPUs: with time-slicing or MPS a GPU is shared, and so is its energy.",
  ];
}
