import { userCacheFolder } from "../../lib/base/user_cache_folder.ts";
import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { join } from "node:path";
import { type Board, boardsFile, findBoard, loadBoards, saveBoards } from "../../lib/storage/boards.ts";
import { TempFolder } from "../support/temp_folder.ts";

function board(uuid: string, driver: string, period_ms: number): Board {
  return { uuid, driver, period_ms, taken_at: "2026-01-01T00:00:00.000Z" };
}

Deno.test("boards are kept by uuid and driver, for their user alone", () => {
  using folder = new TempFolder();
  const path = boardsFile(join(folder.path, "cache", "llem"));
  deepStrictEqual(loadBoards(path), []);
  saveBoards(path, [board("GPU-a", "570.1", 100), board("GPU-b", "570.1", 20)]);
  saveBoards(path, [board("GPU-a", "570.1", 101), board("GPU-a", "580.2", 25)]);
  const boards = loadBoards(path);
  strictEqual(boards.length, 3);
  strictEqual(findBoard(boards, { uuid: "GPU-a", driver: "570.1" })?.period_ms, 101);
  strictEqual(findBoard(boards, { uuid: "GPU-a", driver: "580.2" })?.period_ms, 25);
  strictEqual(findBoard(boards, { uuid: "GPU-b", driver: "580.2" }), null);
  strictEqual((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  deepStrictEqual([...Deno.readDirSync(join(folder.path, "cache", "llem"))].map(({ name }) => name), [
    "boards.json",
  ]);
});

Deno.test("a damaged file of boards is no boards, and what does not read is left out", () => {
  using folder = new TempFolder();
  const path = boardsFile(folder.path);
  const good = board("GPU-a", "1", 100);
  for (const text of ["", "{", "[]", "null", '{"schema":"llem.boards/2","boards":[{}]}']) {
    Deno.writeTextFileSync(path, text);
    deepStrictEqual(loadBoards(path), [], text);
  }
  const boards = [good, { ...good, period_ms: 0 }, { ...good, period_ms: "1" }, null, { uuid: 3 }];
  Deno.writeTextFileSync(path, JSON.stringify({ schema: "llem.boards/1", boards }));
  deepStrictEqual(loadBoards(path), [good]);
});

Deno.test("saveBoards() throws where nothing can be written", () => {
  using folder = new TempFolder();
  Deno.writeTextFileSync(join(folder.path, "file"), "");
  throws(() => saveBoards(boardsFile(join(folder.path, "file")), [board("GPU-a", "1", 100)]));
});

Deno.test("userCacheFolder() takes absolute paths only", () => {
  strictEqual(userCacheFolder({ XDG_CACHE_HOME: "/c", HOME: "/h" }), "/c/llem");
  strictEqual(userCacheFolder({ XDG_CACHE_HOME: "c", HOME: "/h" }), "/h/.cache/llem");
  strictEqual(userCacheFolder({}), null);
});
