import type { FailureRule } from "../../engines/failure_rule.ts";
import { pathMissing, permissionDenied, SYSTEM_FAILURE } from "./messages.ts";
import { rule } from "./rule.ts";

/** What the operating system refused, by its own words (strerror(3)). The most general of all texts: they come last. */
export const SYSTEM_RULES: readonly FailureRule[] = [
  rule(
    /No space left on device|\bENOSPC\b|\[Errno 28\]|os error 28\b/,
    SYSTEM_FAILURE.diskFull,
  ),
  rule(
    /Disk quota exceeded|\bEDQUOT\b|os error 122\b/,
    SYSTEM_FAILURE.quotaUsedUp,
  ),
  rule(
    /Read-only file system|\bEROFS\b/,
    SYSTEM_FAILURE.readOnly,
  ),
  rule(
    /Address already in use|\bEADDRINUSE\b|\[Errno 98\]/,
    SYSTEM_FAILURE.portTaken,
  ),
  rule(
    /Too many open files|\bEMFILE\b|\[Errno 24\]/,
    SYSTEM_FAILURE.openFiles,
  ),
  rule(
    /can't start new thread|Resource temporarily unavailable.*?(?:fork|clone|thread)|(?:fork|pthread_create|clone)\b.*?Resource temporarily unavailable|libgomp: Thread creation failed/,
    SYSTEM_FAILURE.threads,
  ),
  {
    pattern: /(?:Permission denied|PermissionError|\[Errno 13\]|os error 13)[^'"\n]*(?:['"]([^'"\n]+)['"])?/,
    explain: ([, path]) => permissionDenied(path ?? null),
  },
  rule(
    /Connection refused|\bECONNREFUSED\b|\[Errno 111\]/,
    SYSTEM_FAILURE.serverDown,
  ),
  {
    pattern: /(?:No such file or directory|FileNotFoundError|os error 2\))[^'"\n]*(?:['"]([^'"\n]+)['"])?/,
    explain: ([, path]) => pathMissing(path ?? null),
  },
];
