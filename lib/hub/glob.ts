/** The file patterns of dataset cards: `*`, `**`, `?`, `[0-9]`, `{a,b}`, over paths with slashes. */
export function globPattern(glob: string): RegExp {
  const text = glob.replace(/^\.?\//, "").replace(
    /\*\*\/|\*\*|\*|\?|\[!?[^\]]*\]|\{[^}]*\}|[\\^$.|+()[\]{}]/g,
    translate,
  );
  return new RegExp(`^${text}$`);
}

function translate(token: string): string {
  if (token === "**/") return "(?:.*/)?";
  if (token === "**") return ".*";
  if (token === "*") return "[^/]*";
  if (token === "?") return "[^/]";
  if (token.length > 1 && token.startsWith("[")) return token.replace("[!", "[^").replaceAll("\\", "\\\\");
  if (token.length > 1) return `(?:${token.slice(1, -1).split(",").map(quote).join("|")})`;
  return `\\${token}`;
}

function quote(text: string): string {
  return text.replace(/[\\^$.|+()[\]{}?*]/g, (token) => token === "*" ? "[^/]*" : `\\${token}`);
}
