import * as messages from "../../../lib/cluster/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  objectStore: [["results/s", "fuse.s3fs"]],
  localLocks: [["results/s", "lustre", "localflock"], ["results/s", "beegfs", null]],
  noExclusive: [["results/s", "fuse.x"], ["results/s", null]],
  probeText: [["nfs4", "link", true], [null, "exclusive", false]],
  otherHardware: [["node2", "node1", [
    { what: "GPU", first: "NVIDIA A100-SXM4-80GB", here: "NVIDIA H100 80GB HBM3" },
    { what: "driver", first: "550.54", here: "570.86" },
  ]]],
});

export default SAMPLES;
