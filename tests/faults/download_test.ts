/** Downloads before a study, against a hub on this machine. */
import assert from "node:assert/strict";
import { join } from "node:path";
import "../support/libc.ts";
import { HubServer } from "../support/hub_server.ts";
import { parquetOf } from "../support/parquet.ts";
import { ended, Sandbox, start, until } from "../e2e/llem.ts";

Deno.test("fault 59: a download stalls and its llem is killed: another one that waited for it goes on where it was", async () => {
  using box = new Sandbox();
  await using hub = new HubServer();
  const file = parquetOf({ text: Array.from({ length: 500 }, (_, index) => `prompt number ${index}`) });
  hub.add("dataset", "own/set", { "train.parquet": file });
  hub.faults.bodies = [{ kind: "stall", after_bytes: 100 }];
  const study = box.write(
    "study.yaml",
    "name: late\nmodel: tiny-random\nbackend: llamacpp\ndataset: { hub: own/set }\nn: 1\nmax_output_tokens: 2\n" +
      "energy: { backend: null }\nexecution: { n_cycles: 1, cycle_order: sequential }\n",
  );
  const env = { HF_HUB_CACHE: join(box.dir, "hub"), HF_ENDPOINT: hub.endpoint };
  const args = ["run", study, "-o", join(box.dir, "out"), "--json"];
  const blobs = join(box.dir, "hub", "datasets--own--set", "blobs");
  const first = start(args, { env });
  await until("a part has come", () => {
    const [name] = [...Deno.readDirSync(blobs)];
    return name !== undefined && Deno.statSync(join(blobs, name.name)).size === 100;
  });
  const second = start(args, { env });
  await until(
    "the second waits",
    () => hub.requests.filter(({ path }) => path.includes("/tree/")).length === 2,
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  first.kill("SIGKILL");
  await ended(first);
  const end = await ended(second);
  assert.equal(end.code, 0, end.stderr);
  assert.match(
    end.stderr,
    new RegExp(`own/set train\\.parquet: waiting for process ${first.pid} of llem to download it`),
  );
  const parts = hub.requests.filter(({ path }) => path.startsWith("/stored/")).map(({ range }) => range);
  assert.deepEqual(parts, [null, "bytes=100-"]);
  assert.deepEqual([...Deno.readDirSync(blobs)].map(({ name }) => /^[0-9a-f]{64}$/.test(name)), [true]);
});
