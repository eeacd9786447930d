/** What a real vLLM tells, takes, refuses and computes. One process runs it all: the import costs more than any of its runs. */
import "./_failures.ts";
import "./_generation.ts";
import "./_memory.ts";
import "./_settings.ts";
import "./_smollm.ts";
