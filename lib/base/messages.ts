export function isFolderNotFile(): string {
  return "it is a folder, not a file";
}

export function isNotRegularFile(): string {
  return "it is a pipe or a device, not a file";
}

export function fileTooLong(mostBytes: number): string {
  return `it is longer than ${mostBytes} bytes`;
}
