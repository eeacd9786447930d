import { CACHE_VARIABLES } from "../../engines/caches.ts";

/**
 * What a worker in a container gets to know of the environment outside: the hub and its token, proxies,
 * limits on threads, switches of CUDA. Paths of this machine stay outside but for those of mounted
 * folders, and so does CUDA_VISIBLE_DEVICES, since the container counts its devices anew.
 */
const PASSED = new RegExp(
  `^(${
    [
      "HF_[A-Z_]+",
      "(SSL_CERT_FILE|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE)",
      "HUGGING_?FACE_HUB_(CACHE|TOKEN)",
      "LLEM_(RUN_ID|RUN_DIR|ATTEMPT|STUDY_DIR|SLOT|SLOT_PORT|SLOT_CORES)",
      "NCCL_[A-Z_]+",
      `(${CACHE_VARIABLES.join("|")})`,
      "PYTORCH_[A-Z_]*ALLOC_CONF",
      "SPT_NOENV",
      "CUDA_(DEVICE_ORDER|LAUNCH_BLOCKING|MODULE_LOADING)",
      "(OMP|MKL|OPENBLAS|NUMEXPR|RAYON)_NUM_THREADS",
      "NUMEXPR_MAX_THREADS",
      "(https?|no|all)_proxy",
      "(HTTPS?|NO|ALL)_PROXY",
    ].join("|")
  })$`,
);

/** A folder of every container that any user may write to and that goes with it. */
export const CONTAINER_HOME = "/run/llem";

/**
 * Set inside whatever is set outside: a user without an entry in the image's passwd still has a name and a
 * home.
 */
const INSIDE: Readonly<Record<string, string>> = {
  HOME: CONTAINER_HOME,
  TMPDIR: CONTAINER_HOME,
  USER: "llem",
  LOGNAME: "llem",
};

/**
 * The options of `docker run` for variables, from the environment it is called with: those that every worker gets, those
 * whose names fit `ofEngine`, and further names. They go by name alone: docker takes the values from there, and no token
 * stands in a list of processes.
 */
export function environmentArguments(
  env: Readonly<Record<string, string>>,
  also: readonly string[],
  ofEngine: RegExp,
): string[] {
  const ours = Object.keys(env).filter((name) => PASSED.test(name) || ofEngine.test(name));
  const passed = [...new Set([...ours, ...also])].sort();
  const own = Object.entries(INSIDE).map(([name, value]) => `${name}=${value}`);
  return [...own, ...passed].flatMap((variable) => ["--env", variable]);
}
