/** The version of llem; a test holds it equal to deno.json. */
export const LLEM_VERSION = "0.1.0";
