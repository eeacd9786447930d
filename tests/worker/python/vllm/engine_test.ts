/** What a real vLLM tells, takes and refuses. One process runs it all: vLLM's import costs more than these runs. */
import "./_failures.ts";
import "./_memory.ts";
import "./_settings.ts";
