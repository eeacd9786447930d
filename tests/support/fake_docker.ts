/**
 * A docker program for machines without a daemon. It is a fake: what it calls a container is a process of this machine
 * in a session of its own, that lives until its end or `rm --force`, whatever becomes of the program that started it.
 * It writes down how it was called, and does as files in its folder say.
 */
import { join } from "node:path";

const SCRIPT = `#!/usr/bin/env bash
# Files: calls (one line a call), images/NAME (its id and digests), containers/NAME (pid, labels), python (the image's
# python3); registry/NAME (what a pull brings; without it id sha256:pulled), made (what inspect says), pull_s (how long a
# pull takes); down, no_pull (what a pull fails with), missing (images that no registry has), run_code (exit code of run),
# run_words: how it is to fail.
state=STATE
{ printf '%s\\x1f' "$@"; echo; } >>"$state/calls"
slug() { printf %s "$1" | tr -c 'a-zA-Z0-9.' _; }
die() { echo "$2" >&2; exit "$1"; }
[ ! -e "$state/down" ] || die 1 'Cannot connect to the Docker daemon at unix:///nowhere. Is the docker daemon running?'
case $1 in
version) echo 99.0.1 ;;
info) cat "$state/security" 2>/dev/null || echo '["name=seccomp,profile=default"]' ;;
inspect) cat "$state/made" 2>/dev/null || die 1 "Error: No such object: $4" ;;
image) cat "$state/images/$(slug "$5")" 2>/dev/null || die 1 "Error: No such image: $5" ;;
pull)
  if [ -e "$state/no_pull" ] || grep -qxF "$2" "$state/missing" 2>/dev/null; then
    words=$(cat "$state/no_pull" 2>/dev/null)
    die 1 "Error response from daemon: \${words:-manifest for $2 not found: manifest unknown}"
  fi
  date +"%s%N begin $2" >>"$state/pulls"
  printf '%s\\n' "latest: Pulling from $2" 'a1: Pulling fs layer' 'a1: Waiting'
  [ ! -e "$state/pull_s" ] || sleep "$(cat "$state/pull_s")"
  printf '%s\\n' 'a1: Pull complete' "Status: Downloaded newer image for $2"
  cat "$state/registry/$(slug "$2")" 2>/dev/null >"$state/images/$(slug "$2")" ||
    echo 'sha256:pulled []' >"$state/images/$(slug "$2")"
  date +"%s%N end $2" >>"$state/pulls" ;;
ps)
  shift
  wanted=()
  while [ $# -gt 0 ]; do
    [ "$1" != --filter ] || { wanted+=("\${2#label=}"); shift; }
    shift
  done
  for container in "$state"/containers/*; do
    [ -e "$container" ] || continue
    for label in "\${wanted[@]}"; do grep -qxF "$label" "$container" || continue 2; done
    basename "$container"
  done ;;
rm)
  [ ! -e "$state/no_rm" ] || die 1 'Error response from daemon: tried to kill container, but did not receive an exit event'
  for name in "\${@:3}"; do
    [ -e "$state/containers/$name" ] || continue
    kill -KILL "-$(head -1 "$state/containers/$name")" 2>/dev/null
    rm -f "$state/containers/$name"
    echo "$name"
  done ;;
run)
  shift
  name=probe-$$ labels=() variables=() folder=/ program=
  while [[ $1 == --* ]]; do
    case $1 in
    --rm | --interactive | --init) shift; continue ;;
    --name) name=$2 ;;
    --label) labels+=("$2") ;;
    --env) [[ $2 == *=* ]] && variables+=("$2") || { [ -z "\${!2+set}" ] || variables+=("$2=\${!2}"); } ;;
    --workdir) folder=$2 ;;
    --entrypoint) program=$2 ;;
    esac
    shift 2
  done
  shift
  code=$(cat "$state/run_code" 2>/dev/null)
  [[ " $* " == *" -c "* && -e $state/only_runs ]] && code=
  [ -z "$code" ] || die "$code" "$(cat "$state/run_words")"
  exec 3<&0
  cd "$folder" || exit 125
  env -i PATH="$PATH" "\${variables[@]}" setsid "$state/python" "$@" <&3 &
  pid=$!
  printf '%s\\n' "$pid" "\${labels[@]}" >"$state/containers/$name"
  trap 'kill -TERM "-$pid"' TERM
  trap 'kill -INT "-$pid"' INT
  wait "$pid"; ended=$?
  while kill -0 "$pid" 2>/dev/null; do wait "$pid"; ended=$?; done
  rm -f "$state/containers/$name"
  exit "$ended" ;;
*) die 1 "docker: '$1' is not a docker command." ;;
esac
`;

/** What an image's python3 says of itself: all engines are there. */
const FACTS = {
  schema: "llem.python/1",
  executable: "/usr/bin/python3",
  version: "3.12.1",
  packages: {
    torch: "2.8.0",
    transformers: "4.57.0",
    accelerate: "1.10.0",
    vllm: "0.32.0",
    tensorrt_llm: "1.2.1",
  },
  // Machines of tests have no GPU.
  torch_build: { cuda: null, hip: null },
  pip: true,
  externally_managed: false,
};

/** How the program in the image ends: by the name of the model's folder. */
const PYTHON = `#!/bin/sh
# Stands in for an image's python3 with an engine: says what it has, or speaks the protocol.
[ "$1" != -c ] || { echo 'FACTS'; exit; }
FRAMES
echo "$$" >"$run_dir/pids"
env >"$run_dir/environment"
hello
case $assignment in
*'"model":"'*hang'"'*) trap '' TERM INT; sleep 1000 & echo "$!" >>"$run_dir/pids"; while :; do sleep 1000; done ;;
*'"model":"'*polite'"'*) sleep 1000 & echo "$!" >>"$run_dir/pids"; wait ;;
esac
phase measure begin
phase measure end
result
`;

const FRAMES = Deno.readTextFileSync(new URL("../fixtures/workers/_frames.sh", import.meta.url));

/**
 * The program of an image that stands in for Python; `changed` are other releases of modules, null where it lacks one, and
 * `cuda` is what its torch was built for.
 */
export function imagePython(
  changed: Readonly<Record<string, string | null>> = {},
  cuda: string | null = null,
): string {
  const facts = { ...FACTS, packages: { ...FACTS.packages, ...changed }, torch_build: { cuda, hip: null } };
  return PYTHON.replace("FACTS", JSON.stringify(facts)).replace("FRAMES", () => FRAMES);
}

function slug(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9.]/g, "_");
}

/** The fake in a folder of a test. */
export class FakeDocker {
  /** Path of the program. */
  readonly program: string;
  readonly #state: string;

  constructor(folder: string) {
    this.#state = join(folder, "docker");
    for (const name of ["", "images", "containers", "registry"]) Deno.mkdirSync(join(this.#state, name));
    this.program = this.#executable("docker", SCRIPT.replace("STATE", this.#state));
    this.setPython(imagePython());
  }

  /** A file by which it is told how to behave. */
  set(name: string, text = ""): void {
    Deno.writeTextFileSync(join(this.#state, name), text);
  }

  unset(name: string): void {
    Deno.removeSync(join(this.#state, name));
  }

  /** An image that is there already; `digests` are those by which registries know it. */
  addImage(name: string, id: string, digests: readonly string[] = []): void {
    this.set(join("images", slug(name)), `${id} ${JSON.stringify(digests)}\n`);
  }

  /** What a pull of that name brings. */
  offer(name: string, id: string, digests: readonly string[]): void {
    this.set(join("registry", slug(name)), `${id} ${JSON.stringify(digests)}\n`);
  }

  /** Beginnings and ends of pulls so far, in their order: `begin engine:1`. */
  pulls(): string[] {
    const text = Deno.readTextFileSync(join(this.#state, "pulls"));
    return text.trim().split("\n").sort().map((line) => line.replace(/^\d+ /, ""));
  }

  /** The program that stands in for python3 in every image. */
  setPython(text: string): void {
    this.#executable("python", text);
  }

  /** How it was called so far. */
  calls(): string[][] {
    try {
      const text = Deno.readTextFileSync(join(this.#state, "calls"));
      return text.split("\x1f\n").filter((line) => line !== "").map((line) => line.split("\x1f"));
    } catch {
      return [];
    }
  }

  /** Names of containers that are there. */
  containers(): string[] {
    return [...Deno.readDirSync(join(this.#state, "containers"))].map(({ name }) => name);
  }

  #executable(name: string, text: string): string {
    const path = join(this.#state, name);
    Deno.writeTextFileSync(path, text);
    Deno.chmodSync(path, 0o755);
    return path;
  }
}
