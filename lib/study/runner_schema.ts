import { z } from "zod";
import { BACKENDS } from "../experiment/engines.ts";

/** How a worker is started. */
export const runnerSchema = z.string().regex(/^(local|docker|docker:[^\s-]\S*)$/);

/** The declaration of a `runners` block, in a study file and in the user configuration. */
export const runnersSchema = z.partialRecord(z.enum(BACKENDS), runnerSchema).nullable().default(null)
  .describe(
    "how a backend's worker is started: local, docker or docker:<image>",
  );
