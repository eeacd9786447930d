import * as messages from "../../../../lib/launch/docker/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  noGpuForContainers: [[]],
  daemonUnreachable: [["permission denied while trying to connect"]],
  dockerProgramMissing: [[null], ["/opt/podman does not exist."]],
  pullingImage: [["my/engine:2.1"]],
  dockerPullLine: [["Status: Downloaded newer image", null], [
    "a1: Pull complete (3 of 30)",
    "my/engine:2.1",
  ]],
  stillPulling: [["my/engine:2.1", 125, "3 of 30"], ["my/engine:2.1", 60, null]],
  othersStillPulled: [[]],
  pullLeftNoImage: [[]],
  imageUnavailable: [["my/engine:2.1", "manifest unknown"]],
  imageDiskFull: [["my/engine:2.1", "write /layer.tar: no space left on device"]],
  imageNotAllowed: [["my/engine:2.1", "pull access denied for my/engine"]],
  imageNameMoved: [["my/engine:2.1", "sha256:4567", "my/engine@sha256:0123"]],
  badSharedMemory: [["much"]],
  driverTooOld: [["my/engine:2.1", "13.0"]],
  nameMeansOtherImage: [["sha256:4567"]],
  studyImageGone: [["my/engine:2.1", "sha256:0123", "the name now means sha256:4567"]],
  limitsNotRaised: [[]],
  containerNotStartable: [["my/engine:2.1", "exec format error"]],
  containerWithoutGpus: [["my/engine:2.1", "could not select device driver"]],
  imageNeedsGpu: [["my/engine:2.1"]],
  imageReady: [["my/engine:2.1", "3.12.3", ["vllm 0.32.0", "torch 2.13.0"]]],
  imagePythonNotUsable: [["python3", "my/engine:2.1", "it ended with exit code 127"]],
  imagePythonLacks: [["python3", "my/engine:2.1", "lacks torch"]],
  containersNotSupported: [["llamacpp", "pytorch", "Say local for it."]],
});

export default SAMPLES;
