/** The texts of lib/study/devices for people, on variables of workers and on devices. */
import type { IssueText } from "../messages.ts";
import { quote } from "../quote.ts";

function text(message: string, hint: string): IssueText {
  return { message, hint };
}

export function selectsGpus(): IssueText {
  return text(
    "selects the GPUs of the worker, but llem locks, records and meters those in execution.devices",
    "list the GPUs in execution.devices",
  );
}

export function badVariableName(): string {
  return 'is not a valid variable name: it must not be empty or contain "=" or NUL';
}

export function reservedVariable(): IssueText {
  return text("is reserved: llem sets the LLEM_ variables of its workers", "use another name");
}

export function variableWithNul(): string {
  return "contains NUL, which no environment variable can";
}

/** A value of null comes from llem's own environment; `place` is where the devices stand, empty for nowhere. */
export function otherDevices(
  { value, devices, place }: {
    readonly value: string | null;
    readonly devices: string;
    readonly place: string;
  },
): IssueText {
  const is = value === null ? "comes from the environment of llem" : `is ${quote(value)}`;
  const where = place === "" ? "" : ` (${place})`;
  return text(
    `${is}, but execution.devices${where} lists ${
      quote(devices)
    }: llem would lock and meter other GPUs than the ` +
      "worker uses",
    "remove it; llem sets it from execution.devices",
  );
}

/** A variable that selects GPUs where several runs are made at a time. */
export function devicesOfSlot(): IssueText {
  return text(
    "selects the GPUs of the worker, but with execution.parallel llem gives each run devices of its own",
    "remove it; execution.devices names those of all runs together",
  );
}

/** A command line that starts a container with GPUs where several runs are made at a time. */
export function gpusOfContainer(): IssueText {
  return text(
    "selects the GPUs of the container, but with execution.parallel llem gives each run devices of its own",
    "let llem start the container (openai.server.image, or runners: docker), or set execution.parallel to off",
  );
}

const DEVICE_FORMS =
  "an index of nvidia-smi such as 0, a range such as 0-3, a UUID (GPU-..., MIG-...), a PCI address or all";

/** A word that might mean any device. */
export function notOneDevice(word: string): IssueText {
  return text(
    `${quote(word)} is not a single device`,
    "write all for every visible GPU, or give a range such as 0-3",
  );
}

/** A word for no device. */
export function noDevice(word: string): IssueText {
  return text(
    `${quote(word)} is not a device`,
    `give ${DEVICE_FORMS}; to hide all GPUs from the runs, leave devices out and set CUDA_VISIBLE_DEVICES to nothing`,
  );
}

/** The word for all devices beside others. */
export function allAndOthers(others: readonly string[]): IssueText {
  return text(
    `"all" already includes ${others.map((device) => quote(device)).join(", ")}`,
    "write all alone, or only the devices that are meant",
  );
}

/** A range from a number down to a smaller one. */
export function rangeBackwards(word: string, forwards: string): IssueText {
  return text(`the range ${quote(word)} is reversed`, `write ${forwards}`);
}

/** A range that no machine has the boards for. */
export function rangeTooLong(word: string, most: number): IssueText {
  return text(`the range ${quote(word)} has more than ${most} devices`, `give ${DEVICE_FORMS}`);
}

/** One device twice. */
export function deviceTwice(device: string): IssueText {
  return text(`device ${quote(device)} is listed twice`, "list it once");
}

/** A word of a form that no name of a device has. */
export function wrongForm(word: string): IssueText {
  return text(
    `${quote(word)} is not a device; a range is 0-3`,
    "write several devices as 0,1 on the command line and as [0, 1] in a study file",
  );
}
