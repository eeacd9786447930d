import { ownVariable } from "../../../base/own_environment.ts";
import { ownChild } from "../../../base/own_children.ts";
import { wordsOf } from "../../../base/text.ts";
import { noBrowser } from "./messages.ts";

/** Hands a file to the desktop's browser and does not wait for it. Returns why that failed; null where it did not. */
export function openPage(path: string): string | null {
  const hasDisplay = ["DISPLAY", "WAYLAND_DISPLAY"].some((name) => (ownVariable(name) ?? "") !== "");
  if (!hasDisplay) return noBrowser();
  try {
    const child = ownChild(
      new Deno.Command("xdg-open", { args: [path], stdin: "null", stdout: "null", stderr: "null" }).spawn(),
    );
    child.unref();
    return null;
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? noBrowser() : wordsOf(error);
  }
}
