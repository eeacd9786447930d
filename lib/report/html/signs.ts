import { type Signs, signsOf } from "../summary/signs.ts";

/** A page is UTF-8, whatever the environment. */
export const UNICODE: Signs = signsOf({ LC_ALL: "C.UTF-8" });
