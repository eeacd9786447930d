import * as messages from "../../../lib/process/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  notPinned: [["sched_setaffinity: errno 1"]],
  noAnswerWithin: [[15_000]],
  wasStopped: [[]],
  programNotFound: [["/home/me/worker", false], ["/home/me/study/bin/worker", true]],
  programNotInPath: [["python3", "/usr/local/bin:/usr/bin"]],
  programUnreachable: [["/srv/private/worker"]],
  programIsFolder: [["/home/me/study"]],
  programNotExecutable: [["/home/me/worker.sh"]],
  programOnNoexec: [["/mnt/share/worker"]],
  programIsNeitherBinaryNorScript: [["/home/me/worker.txt"]],
  programForAnotherMachine: [["/home/me/worker-arm64"]],
  workerNotContained: [["Permission denied (os error 13)"]],
  containerNotRemoved: [["docker rm: the daemon does not answer"]],
  containerRemovalTimedOut: [[]],
  containerStillListed: [[]],
  cgroupNotDivisible: [[]],
  containerNotStarted: [[125, "docker: Error response from daemon: no such image"], [126, ""], [127, ""]],
  guardProgramsMissing: [[["cat"]], [["grep", "rmdir", "sleep"]]],
  guardShellEnded: [["/bin/sh", "exit code 127"]],
  guardNotStarted: [["/bin/sh", "/bin/sh does not exist.", true], [
    "/bin/sh",
    "/bin/sh ended with exit code 1.",
    false,
  ]],
  cannotStart: [["/home/me/worker", "the machine is out of memory"]],
  spawnReason: [
    ["ENOENT", "/home/me", true],
    ["ENOENT", "/home/me/gone", false],
    ["EACCES", "/home/me", true],
    ["ENOEXEC", "/home/me", true],
    ["E2BIG", "/home/me", true],
    ["ETXTBSY", "/home/me", true],
    ["EAGAIN", "/home/me", true],
    ["ENOMEM", "/home/me", true],
    ["EMFILE", "/home/me", true],
    ["EIO", "/home/me", true],
  ],
});

export default SAMPLES;
