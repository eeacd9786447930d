import { InvalidArgumentError } from "@commander-js/extra-typings";
import { expandHome } from "../../base/expand_home.ts";
import { ownVariable } from "../../base/own_environment.ts";
import { emptyPath } from "./messages.ts";

/** A path as the command line gives it, with the home folder written out. An empty one, of a variable that is not set, is refused. */
export function pathArgument(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError(emptyPath());
  return expandHome(text, { HOME: ownVariable("HOME") });
}

/** One more path of an argument that takes several. */
export function collectPath(text: string, before: string[] | undefined): string[] {
  return [...before ?? [], pathArgument(text)];
}
