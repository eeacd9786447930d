import { fileURLToPath } from "node:url";

/** The repository's root, with a slash at the end. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Where everything goes that the measuring makes; scripts/bench empties it. */
export const BENCH = `${ROOT}build/bench`;
/** The program that is measured. */
export const LLEM = `${ROOT}dist/llem`;
/** Where the studies of the measuring go. */
export const STUDIES = `${BENCH}/studies`;
/** The embedded engine's libraries. */
export const LIBRARIES = `${ROOT}build/llamacpp`;
