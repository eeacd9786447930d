import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { studyJsonSchema } from "../../lib/study/json_schema.ts";
import { llem } from "./llem.ts";

Deno.test("llem schema prints the JSON Schema of study files and nothing else", async () => {
  const { code, stdout, stderr } = await llem(["schema"]);
  deepStrictEqual([code, stderr], [0, ""]);
  deepStrictEqual(JSON.parse(stdout), JSON.parse(JSON.stringify(studyJsonSchema())));
  strictEqual((await llem(["schema", "extra"])).code, 2);
});
