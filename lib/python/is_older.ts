/** True for a release before that one, by major and minor number; false where it is not told as numbers. */
export function isOlder(release: string, oldest: string): boolean {
  const [[major, minor], [oldestMajor, oldestMinor]] = [numbers(release), numbers(oldest)];
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}

function numbers(release: string): [major: number, minor: number] {
  const [major = "", minor = "0"] = release.split(".");
  return [Number.parseInt(major), Number.parseInt(minor)];
}
