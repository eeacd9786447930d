import { type Json, type JsonObject } from "../../base/json.ts";

/** What a Job of agents is made from. */
export interface KubernetesJob {
  /** Of the Job; see {@link jobName}. */
  readonly name: string;
  /** Agents at a time. */
  readonly nodes: number;
  /** With llem on its PATH, and what the study's engines need. */
  readonly image: string;
  /** The claim of a volume that all pods can write (ReadWriteMany). */
  readonly volume: string;
  /** Where it is mounted. */
  readonly mount: string;
  /** The study directory, below the mount. */
  readonly dir: string;
  /** The study file as agents see it; null where the directory holds the study already. */
  readonly study: string | null;
  /** Boards of each pod; 0 for none. */
  readonly gpus: number;
  /** A pod has a node of its own among those of this Job. */
  readonly exclusive: boolean;
  /** How long a pod has to end: that of a run plus a margin. */
  readonly grace_s: number;
}

/** A pod's end comes after that of its agent: its worker's grace, and what is written then. */
export const GRACE_MARGIN_S = 15;

/**
 * A plain Job whose pods are agents: a work queue (parallelism without completions), in which one pod that succeeds has found
 * nothing left. https://kubernetes.io/docs/concepts/workloads/controllers/job/
 */
export function jobManifest(job: KubernetesJob): JsonObject {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: job.name, labels: labelsOf(job) },
    spec: {
      parallelism: job.nodes,
      backoffLimit: 6 * job.nodes,
      // Else a pod that is still ending and the one in its place run side by side.
      podReplacementPolicy: "Failed",
      podFailurePolicy: {
        rules: [
          // A node that is drained is nobody's failure.
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
          // Others are at work on what is left, or this agent was asked to leave: no failure either, and it is replaced.
          { action: "Ignore", onExitCodes: { operator: "In", values: [6, 140] } },
          // The study is over and runs failed, it does not check, or this image cannot run it: so it is for the next pod.
          { action: "FailJob", onExitCodes: { operator: "In", values: [1, 2, 3] } },
        ],
      },
      template: {
        metadata: { labels: labelsOf(job) },
        spec: podOf(job),
      },
    },
  };
}

function podOf(job: KubernetesJob): JsonObject {
  const resources: Json = job.gpus === 0 ? {} : { resources: { limits: { "nvidia.com/gpu": job.gpus } } };
  const study = job.study === null ? [] : [job.study];
  return {
    restartPolicy: "Never",
    terminationGracePeriodSeconds: job.grace_s,
    ...job.exclusive ? { affinity: apart(job) } : {},
    containers: [{
      name: "agent",
      image: job.image,
      command: ["llem", "run", ...study, "--join", job.dir, "--unless-stopped"],
      workingDir: job.mount,
      env: [{ name: "LLEM_NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
      ...resources,
      volumeMounts: [
        { name: "studies", mountPath: job.mount },
        // The 64 MB of a container are too few for engines of several processes.
        { name: "shared-memory", mountPath: "/dev/shm" },
      ],
    }],
    volumes: [
      { name: "studies", persistentVolumeClaim: { claimName: job.volume } },
      { name: "shared-memory", emptyDir: { medium: "Memory" } },
    ],
  };
}

function labelsOf({ name }: KubernetesJob): JsonObject {
  return { "app.kubernetes.io/name": "llem", "app.kubernetes.io/instance": name };
}

function apart(job: KubernetesJob): JsonObject {
  return {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{
        labelSelector: { matchLabels: labelsOf(job) },
        topologyKey: "kubernetes.io/hostname",
      }],
    },
  };
}

/** A name that Kubernetes takes (a DNS label, with room for what it appends): `llem-my-study`. */
export function jobName(study: string | null): string {
  const plain = (study ?? "study").normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return `llem-${plain.replace(/^-+/, "").slice(0, 40).replace(/-+$/, "") || "study"}`;
}
