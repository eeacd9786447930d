export function isFolderNotFile(): string {
  return "it is a folder, not a file";
}

export function isNotRegularFile(): string {
  return "it is a pipe or a device, not a file";
}

export function fileTooLong(mostBytes: number): string {
  return `it is longer than ${mostBytes} bytes`;
}

export function placeIsNoFolder(path: string): string {
  return `${path} is not a folder`;
}

export function placeIsOpen(folder: string): string {
  return `${folder} is writable for everyone`;
}

export function placeIsNoexec(path: string): string {
  return `${path} is on a file system mounted noexec`;
}

export function placeNotWritable(path: string, reason: string): string {
  return `${path} cannot be written: ${reason}`;
}
