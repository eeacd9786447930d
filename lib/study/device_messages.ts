/** Texts on devices as a study names them, for people. */
import { quote } from "./wording.ts";

/** Both parts of an issue. */
interface Text {
  readonly message: string;
  readonly hint: string;
}

const FORMS =
  "a number of nvidia-smi such as 0, a range such as 0-3, a UUID (GPU-..., MIG-...) or a PCI address";

/** A word for every device there is. */
export function notOneDevice(word: string): Text {
  return {
    message: `${quote(word)} names no single device`,
    hint: "leave devices out to let runs use every GPU that is visible, or give a range such as 0-3",
  };
}

/** A word for no device. */
export function noDevice(word: string): Text {
  return {
    message: `${quote(word)} is not a device`,
    hint:
      `give ${FORMS}; to hide all GPUs from the runs, leave devices out and set CUDA_VISIBLE_DEVICES to nothing`,
  };
}

/** A range from a number down to a smaller one. */
export function rangeBackwards(word: string, forwards: string): Text {
  return { message: `the range ${quote(word)} counts backwards`, hint: `write ${forwards}` };
}

/** A range that no machine has the boards for. */
export function rangeTooLong(word: string): Text {
  return { message: `the range ${quote(word)} is longer than any machine has GPUs`, hint: `give ${FORMS}` };
}

/** One device twice. */
export function deviceTwice(device: string): Text {
  return { message: `device ${quote(device)} is named twice`, hint: "name it once" };
}
