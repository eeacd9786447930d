/** A server that llem is to start for a run, as its engine asks for it. Nothing in it is of one kind of server. */
export interface ServerWish {
  /** As the study names it. */
  readonly kind: string;
  /** Program and arguments; `{port}` and `{model}` stand for what is known at its start. Never empty. */
  readonly argv: readonly string[];
  /** What it gets on top of the environment of a run; the same two places are filled in. */
  readonly env: Readonly<Record<string, string>>;
  /** Image to start it in; null for a program of this machine. */
  readonly image: string | null;
  /** Where the program of its image listens unless it is told; null, or left out, where its kind has no usual port. */
  readonly usual_port?: number | null;
  /** The model, as requests name it and `{model}` stands for it. */
  readonly model: string;
  /** `run`: fresh for every run. `group`: kept over consecutive runs that need the same one. */
  readonly lifetime: "run" | "group";
  /** Path that answers 200 once it is up; says nothing of the model where `proof` has to. */
  readonly health_path: string;
  /** One small request whose answer shows that it computes. */
  readonly proof: ProofRequest;
  /** Where it tells how many requests it has in hand; null, or left out, where its kind does not. */
  readonly idle?: IdleSign | null;
  /** Paths whose JSON tells the version, the first that answers is taken; empty where its kind tells none. */
  readonly version_paths: readonly string[];
  /** Seconds from its start until it has to be ready. */
  readonly ready_s: number;
}

/** How a server tells that it works on nothing: gauges of Prometheus that are all 0. */
export interface IdleSign {
  readonly path: string;
  /** Names without labels; one that is not there is no sign. */
  readonly gauges: readonly string[];
}

/** A streamed request of two tokens. */
export interface ProofRequest {
  readonly path: string;
  /** The body, for a prompt that no request has had before. */
  readonly body: (prompt: string) => string;
  readonly headers: Readonly<Record<string, string>>;
  /** Variable of the environment with the key that is sent along; null where none is. The key is never written. */
  readonly key_variable: string | null;
}
