import { z } from "zod";

const text = z.string();

/** What an interpreter says of itself: the answer of worker/python/llem_worker/probe.py. */
const factsSchema = z.object({
  schema: z.literal("llem.python/1"),
  /** Absolute path by its own account. */
  executable: text,
  version: text.regex(/^\d+\.\d+/),
  /** By module; null where it is not installed, "unknown" where its version is. */
  packages: z.record(text, z.nullable(text)),
  /** What torch was built for; null where that is not known, its fields where it was built for none. */
  torch_build: z.nullable(z.object({ cuda: z.nullable(text), hip: z.nullable(text) })),
  pip: z.boolean(),
  /** True where pip refuses to install into it (PEP 668). */
  externally_managed: z.boolean(),
});

export type PythonFacts = Readonly<z.output<typeof factsSchema>>;

/** Reads the answer; null where it is none. */
export function parsePythonFacts(line: string): PythonFacts | null {
  try {
    return factsSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

/** True for a torch that can use no GPU; false where that is not known. */
export function isCpuBuild({ torch_build: build }: PythonFacts): boolean {
  return build !== null && build.cuda === null && build.hip === null;
}
