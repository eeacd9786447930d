import assert from "node:assert/strict";
import { jobManifest, jobName } from "../../../lib/cluster/kubernetes/job_manifest.ts";

const JOB = {
  name: "llem-study",
  nodes: 4,
  image: "registry/llem:1",
  volume: "studies",
  mount: "/studies",
  dir: "/studies/llem-study",
  study: "/studies/study.yaml",
  gpus: 8,
  exclusive: true,
  grace_s: 17,
};

/** Fields as https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/ has them. */
Deno.test("jobManifest() is a work queue of agents: no completions, a pod after the one that failed, drained nodes nobody's fault", () => {
  // deno-lint-ignore no-explicit-any -- a manifest is looked at by its paths
  const { spec, ...head } = jobManifest(JOB) as any;
  assert.deepEqual([head.apiVersion, head.kind, head.metadata.name], ["batch/v1", "Job", "llem-study"]);
  assert.deepEqual(Object.keys(spec), [
    "parallelism",
    "backoffLimit",
    "podReplacementPolicy",
    "podFailurePolicy",
    "template",
  ]);
  assert.deepEqual([spec.parallelism, spec.podReplacementPolicy], [4, "Failed"]);
  assert.deepEqual(spec.podFailurePolicy.rules[0], {
    action: "Ignore",
    onPodConditions: [{ type: "DisruptionTarget", status: "True" }],
  });
  // Else agents that wait for one long run use up the failures that the Job may have, and it is killed.
  assert.deepEqual(spec.podFailurePolicy.rules[1], {
    action: "Ignore",
    onExitCodes: { operator: "In", values: [6, 140] },
  });
  const pod = spec.template.spec;
  // A failure policy is taken with this alone.
  assert.equal(pod.restartPolicy, "Never");
  assert.equal(pod.terminationGracePeriodSeconds, 17);
  const [agent] = pod.containers;
  assert.deepEqual(agent.command, [
    ...["llem", "run", "/studies/study.yaml", "--join", "/studies/llem-study"],
    "--unless-stopped",
  ]);
  assert.deepEqual(agent.env, [{
    name: "LLEM_NODE",
    valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } },
  }]);
  assert.deepEqual(agent.resources, { limits: { "nvidia.com/gpu": 8 } });
  assert.equal(pod.volumes[0].persistentVolumeClaim.claimName, "studies");
  const mounted = agent.volumeMounts.map(({ name }: { name: string }) => name);
  assert.deepEqual(mounted, pod.volumes.map(({ name }: { name: string }) => name));
  const [apart] = pod.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution;
  assert.deepEqual(apart.labelSelector.matchLabels, spec.template.metadata.labels);
});

Deno.test("jobManifest() asks for no GPU and for no node of its own where none is wanted", () => {
  const text = JSON.stringify(jobManifest({ ...JOB, gpus: 0, exclusive: false, study: null }));
  assert.doesNotMatch(text, /nvidia|podAntiAffinity|study\.yaml/);
});

Deno.test("jobName() is a DNS label", () => {
  const names = ["My Study", "---", "\u00e4_b.c", "x".repeat(90), null].map(jobName);
  for (const name of names) assert.match(name, /^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$/);
  assert.equal(names[0], "llem-my-study");
});
