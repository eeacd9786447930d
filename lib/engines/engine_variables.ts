/** Files and folders of this machine are not there inside a container. */
const NO_PATH = "(?!(.*_)?(PATH|DIR|ROOT|FOLDER|FILE|(ASSETS|MEDIA)_CACHE)$)";

/**
 * The names of variables that a container gets from outside for an engine: those that begin with one of its prefixes and
 * name no path, and those of the libraries that every engine in Python stands on.
 */
export function engineVariables(...prefixes: readonly string[]): RegExp {
  const own = prefixes.map((prefix) => `${prefix}_${NO_PATH}[A-Z0-9_]+`);
  return new RegExp(
    `^(${[...own, "TRANSFORMERS_(OFFLINE|VERBOSITY|CACHE)", "TOKENIZERS_PARALLELISM"].join("|")})$`,
  );
}
