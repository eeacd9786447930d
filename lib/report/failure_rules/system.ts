import type { FailureRule } from "../../engines/failure_rule.ts";
import { rule } from "./rule.ts";

/** What the operating system refused, by its own words (strerror(3)). The most general of all texts: they come last. */
export const SYSTEM_RULES: readonly FailureRule[] = [
  rule(
    /No space left on device|\bENOSPC\b|\[Errno 28\]|os error 28\b/,
    "A disk that the worker writes to is full.",
    "Free space (df -h; caches such as ~/.cache/huggingface, and TMPDIR), or point it to another disk.",
  ),
  rule(
    /Disk quota exceeded|\bEDQUOT\b|os error 122\b/,
    "The user's disk quota is used up.",
    "Free space, or point caches (HF_HOME, TMPDIR) to another file system.",
  ),
  rule(
    /Read-only file system|\bEROFS\b/,
    "The worker writes to a file system that is mounted read-only.",
    "Point its caches (HF_HOME, TMPDIR) to a folder that may be written.",
  ),
  {
    pattern: /Address already in use|\bEADDRINUSE\b|\[Errno 98\]/,
    explain: () => ({
      cause:
        "The port that the worker wants is taken, perhaps by a process that is left from an earlier run.",
      remedy: "Find it (ss -ltnp) and end it, or set another port.",
    }),
  },
  rule(
    /Too many open files|\bEMFILE\b|\[Errno 24\]/,
    "The worker reached the limit of open files.",
    "Raise it (ulimit -n) before llem is started.",
  ),
  rule(
    /can't start new thread|Resource temporarily unavailable.*?(?:fork|clone|thread)|(?:fork|pthread_create|clone)\b.*?Resource temporarily unavailable|libgomp: Thread creation failed/,
    "The limit of processes and threads is reached.",
    "Raise it (ulimit -u, pids limit of the container), or use fewer threads (OMP_NUM_THREADS).",
  ),
  {
    pattern: /(?:Permission denied|PermissionError|\[Errno 13\]|os error 13)[^'"\n]*(?:['"]([^'"\n]+)['"])?/,
    explain: ([, path]) => ({
      cause: `The worker may not use ${path ?? "a file or device"}: permission denied.`,
      remedy: "Check owner and mode (ls -l), and the groups of the user for GPU devices (render, video).",
    }),
  },
  rule(
    /Connection refused|\bECONNREFUSED\b|\[Errno 111\]/,
    "A server that the worker needs does not answer.",
    "Start it, or check its address and port.",
  ),
  {
    pattern: /(?:No such file or directory|FileNotFoundError|os error 2\))[^'"\n]*(?:['"]([^'"\n]+)['"])?/,
    explain: ([, path]) => ({
      cause: `A file is missing: ${path ?? "the log names it"}.`,
      remedy: "Check the path; a worker starts in the study file's folder.",
    }),
  },
];
