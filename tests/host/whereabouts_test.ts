import assert from "node:assert/strict";
import { hostsIn, type OwnNames, whereaboutsByName, whereaboutsOf } from "../../lib/host/whereabouts.ts";

const OWN: OwnNames = {
  addresses: new Set(["10.1.2.3", "fd00::2", "fe80::1"]),
  name: "node7",
  hosts: hostsIn("127.0.1.1 node7.cluster node7 # ours\n10.9.9.9\tGPU9 gpu9.cluster\n\n10.1.2.3 gpu7"),
};

Deno.test("what leads to this machine is known by loopback, own addresses, own names and hosts(5)", () => {
  const here = [
    ...["localhost", "a.localhost", "127.0.0.1", "127.8.9.1", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1"],
    ...["10.1.2.3", "fd00:0:0:0::2", "fe80::1%eth0", "::ffff:10.1.2.3"],
    ...["node7", "NODE7", "node7.", "node7.cluster", "gpu7"],
  ];
  for (const name of here) assert.equal(whereaboutsByName(name, OWN), "here", name);
  for (const name of ["10.1.2.4", "8.8.8.8", "fd00::3", "gpu9", "gpu9.cluster"]) {
    assert.equal(whereaboutsByName(name, OWN), "elsewhere", name);
  }
  for (const name of ["gpu8", "node7.other", "api.example", ""]) {
    assert.equal(whereaboutsByName(name, OWN), null, name);
  }
});

Deno.test("the resolver is asked where nothing else tells; a name that stands for nothing is elsewhere", async () => {
  const asked: string[] = [];
  const answering = (...addresses: readonly string[]) => (name: string) => {
    asked.push(name);
    return Promise.resolve(addresses);
  };
  assert.equal(await whereaboutsOf("localhost", OWN, answering()), "here");
  assert.deepEqual(asked, []);
  assert.equal(await whereaboutsOf("gpu8", OWN, answering("10.1.2.9", "10.1.2.3")), "here");
  assert.equal(await whereaboutsOf("gpu8", OWN, answering("10.1.2.9")), "elsewhere");
  assert.equal(await whereaboutsOf("gpu8", OWN, answering()), "elsewhere");
  assert.deepEqual(asked, ["gpu8", "gpu8", "gpu8"]);
});
