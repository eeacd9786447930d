import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { JsonObject } from "../../lib/base/json.ts";
import { HiddenTexts } from "../../lib/experiment/hidden_texts.ts";
import { configHash } from "../../lib/experiment/identity.ts";
import { askedVariables, withNamedField } from "../../lib/experiment/worker_variables.ts";
import { resolveConfig } from "../../lib/experiment/resolve_config.ts";
import {
  hideTexts,
  hideTokens,
  secretName,
  secretsOfEnvironment,
  tokensIn,
} from "../../lib/experiment/secret_names.ts";
import { hideSecrets, revealSecrets, shownAt } from "../../lib/experiment/secrets.ts";

Deno.test("secretName() goes by words of a name, whatever separates them", () => {
  const secrets = [
    ...["API_KEY", "apiKey", "api-key", "key", "KEYS", "OPENAI_APIKEY", "KEY1", "AWS_SECRET_ACCESS_KEY"],
    ...["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "token", "accessToken", "API_TOKENS", "GITHUB_TOKEN_2"],
    ...["PASSWORD", "DB_PASSWD", "db.password", "PGPASSWORD_FILE_PASSWORD", "passphrase", "DB_PWD"],
    ...["CREDENTIAL", "GOOGLE_APPLICATION_CREDENTIALS", "AUTH", "BASIC_AUTH", "Authorization", "JWT"],
    ...["client_secret", "SECRETS", "AuthToken", "AUTHTOKEN", "MyAPIKey", "WANDB_API_KEY"],
  ];
  for (const name of secrets) ok(secretName(name) !== null, name);
  const others = [
    ...["MONKEY", "KEYBOARD", "KEYRING", "TOKENIZERS_PARALLELISM", "tokenizer", "AUTHOR", "AUTHORS", "PWD"],
    ...[
      "max_tokens",
      "MAX_NEW_TOKENS",
      "TOKENS",
      "pad_token",
      "eos_token",
      "stop_token",
      "max_token",
      "token_id",
    ],
    ...[
      "token_limit",
      "key_dtype",
      "KEY_CACHE",
      "PATH",
      "OMP_NUM_THREADS",
      "batch",
      "SECRETARY",
      "OLDPWD",
      "",
    ],
  ];
  for (const name of others) strictEqual(secretName(name), null, name);
});

const TOKENS = [
  "hf_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789",
  "sk-proj-AbCd0123456789AbCd0123456789",
  "sk-ant-api03-AbCd0123456789",
  "ghp_AbCd0123456789AbCd0123456789AbCd0123",
  "github_pat_11AbCd0123456789_AbCd0123456789",
  "glpat-AbCd0123456789AbCd01",
  "xoxb-0123456789-AbCd0123456789",
  "AKIAIOSFODNN7EXAMPLE",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV",
  "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----",
];

Deno.test("tokensIn() knows tokens by their form, also inside other text", () => {
  for (const token of TOKENS) {
    deepStrictEqual(tokensIn(token), [token]);
    strictEqual(hideTokens(`--x=${token}`), "--x=***");
  }
  strictEqual(hideTokens("https://me:pa55@host:8000/v1?a=b"), "https://***@host:8000/v1?a=b");
  strictEqual(hideTokens("Authorization: Bearer abcdefghijkl"), "Authorization: Bearer ***");
  const plain = [
    ...[
      "hf_transfer",
      "hf_transformers",
      "sk-learn",
      "task-force-of-some-length-17",
      "https://host:8000/a@b",
    ],
    ...["owner/hf_model", "AKIA", "a:b@c", "eyJ.x.y", "ghp_short", "/srv/sk/models", "1:2:3@4"],
  ];
  for (const text of plain) deepStrictEqual(tokensIn(text), [], text);
  const began = performance.now();
  for (const unit of ["://a", "eyJa", "sk-", "hf_", "Bearer ", "://:"]) tokensIn(unit.repeat(50_000));
  ok(performance.now() - began < 1_000);
});

const DRAFT: JsonObject = {
  model: "m",
  backend: "command",
  command: {
    argv: [
      "./w",
      "--api-key",
      "k3y-one",
      "--token=t0ken-two",
      "--max-tokens=12",
      "--name",
      "hf_AbCdEf0123456789",
    ],
    env: { API_TOKEN: "t0ken", MAX_TOKENS: "12", USE_AUTH: "true", PROXY: "http://me:pw@proxy" },
  },
  params: {
    key: "k3y",
    token: 128,
    login: { password: 123456, user: "me" },
    auth: ["one", { two: "2two" }],
    n: "n",
  },
};

Deno.test("hideSecrets() takes them out, and revealSecrets() puts them back", () => {
  const config = resolveConfig(DRAFT);
  ok(config !== null);
  const { config: shown, secrets } = hideSecrets(config);
  deepStrictEqual(shown.command, {
    argv: ["./w", "--api-key", "***", "--token=***", "--max-tokens=12", "--name", "***"],
    env: { API_TOKEN: "***", MAX_TOKENS: "12", USE_AUTH: "true", PROXY: "http://***@proxy" },
    env_from: [],
    waits_for_gate: null,
  });
  deepStrictEqual(shown.params, {
    key: "***",
    token: 128,
    login: { password: "***", user: "me" },
    auth: ["***", { two: "***" }],
    n: "n",
  });
  deepStrictEqual(revealSecrets(shown, secrets), config);
  deepStrictEqual(hideSecrets(shown), { config: shown, secrets: [] });
  deepStrictEqual(shownAt(["command", "env"], { API_KEY: "x1", A: "b" }), { API_KEY: "***", A: "b" });
  deepStrictEqual(shownAt(["params", "auth", "user"], "me"), "***");
  deepStrictEqual(shownAt(["model"], "hf_AbCdEf0123456789"), "hf_AbCdEf0123456789");
});

Deno.test("hideSecrets() looks where any key may stand, and leaves what is declared", () => {
  const config = resolveConfig({
    model: "hf_AbCdEf0123456789",
    dataset: { jsonl: "sk-AbCdEf0123456789.jsonl" },
    pytorch: {
      token: "hf_1",
      use_auth_token: true,
      revision: "sk-AbCdEf0123456789",
      sub: { api_key: "k3y" },
    },
    passthrough_kwargs: { api_key: "k3y", eos_token: "</s>", note: "hf_AbCdEf0123456789" },
  });
  ok(config !== null);
  const { secrets } = hideSecrets(config);
  deepStrictEqual(secrets.map(({ path }) => path.join(".")).sort(), [
    "passthrough_kwargs.api_key",
    "passthrough_kwargs.note",
    "pytorch.sub.api_key",
    "pytorch.token",
  ]);
  const url = resolveConfig({ model: "m", backend: "openai", openai: { base_url: "http://me:pw@host/v1" } });
  strictEqual(url === null ? null : hideSecrets(url).config.openai?.base_url, "http://***@host/v1");
  const server = resolveConfig({
    model: "m",
    backend: "openai",
    openai: {
      server: {
        argv: ["serve", "--api-key", "k3y", "--token=t0k", "--max-num-seqs", "256", "{port}"],
        env: { HF_TOKEN: "x1", OMP_NUM_THREADS: "4" },
      },
      headers: { Authorization: "Bearer b3arer", "X-Route": "a" },
      body: { user: { api_key: "u" }, max_tokens: 3 },
    },
  });
  ok(server !== null);
  const { config: shown, secrets: found } = hideSecrets(server);
  deepStrictEqual(shown.openai?.server?.argv.slice(1, 6), [
    "--api-key",
    "***",
    "--token=***",
    "--max-num-seqs",
    "256",
  ]);
  deepStrictEqual(shown.openai.server?.env, { HF_TOKEN: "***", OMP_NUM_THREADS: "4" });
  deepStrictEqual(shown.openai.headers, { Authorization: "***", "X-Route": "a" });
  deepStrictEqual(shown.openai.body, { user: { api_key: "***" }, max_tokens: 3 });
  deepStrictEqual(revealSecrets(shown, found), server);
  // A configuration without a server of its own gets none by what an earlier llem lacked.
  deepStrictEqual(url === null ? null : withNamedField(url).openai?.server, null);
});

const hashOf = (draft: JsonObject): string => {
  const config = resolveConfig({ model: "m", backend: "command", ...draft });
  return config === null ? "" : configHash(config);
};
const command = (more: JsonObject): JsonObject => ({ command: { argv: ["a"], ...more } });

Deno.test("configHash() leaves the value of a secret out, and keeps its name", () => {
  const same = [
    command({ env: { API_TOKEN: "one", A: "1" } }),
    command({ env: { API_TOKEN: "two", A: "1" } }),
    command({ env: { A: "1" }, env_from: ["API_TOKEN"] }),
    command({ env: { A: "1" }, env_from: ["API_TOKEN", "API_TOKEN"] }),
  ].map(hashOf);
  strictEqual(new Set(same).size, 1);
  const other = [
    command({}),
    command({ env: { API_TOKEN: "one", A: "2" } }),
    command({ env: { OTHER_TOKEN: "one", A: "1" } }),
    command({ env: { A: "1" }, env_from: ["OTHER"] }),
  ].map(hashOf);
  strictEqual(new Set([...same, ...other]).size, 5);
  // What has none hashes as ever.
  strictEqual(
    hashOf({ command: { argv: ["python3", "worker.py"] }, params: { batch: 4 }, model: "none" }),
    "de293834679caa71",
  );
});

Deno.test("secretsOfEnvironment() and hideTexts() find secrets in what others say", () => {
  const secrets = secretsOfEnvironment({
    HF_TOKEN: "hf_x-and-more",
    AUTH: "short",
    SSH_AUTH_SOCK: "/run/agent",
    HTTPS_PROXY: "http://me:pa55word@proxy",
    HOME: "/home/me",
    PASSWORD: "hf_x-and",
  });
  strictEqual(
    hideTexts("hf_x-and-more, hf_x-and, me:pa55word at /run/agent, short", secrets),
    "***, ***, *** at /run/agent, short",
  );
});

Deno.test("secretsOfEnvironment() takes no plain word for a secret, unless the study names its variable", () => {
  const env = {
    X_AUTH: "kerberos",
    Z_KEY: "measure",
    TOKEN: "s3cr3t",
    API_KEY: "correcthorsebattery",
    HF_TOKEN: "hf_Inher1ted",
  };
  deepStrictEqual(secretsOfEnvironment(env), ["correcthorsebattery", "hf_Inher1ted"]);
  deepStrictEqual(secretsOfEnvironment(env, ["Z_KEY", "TOKEN"]), [
    "measure",
    "s3cr3t",
    "correcthorsebattery",
    "hf_Inher1ted",
  ]);
});

Deno.test("HiddenTexts finds secrets however JSON and Python quote them", () => {
  const secret = '\u00e4\u{1f511}"quote\\back\nand/more';
  const hidden = new HiddenTexts([secret, "-----KEY-----\n  first-line-of-it\nlast-line", 12345678]);
  const json = JSON.stringify(secret);
  const ascii = json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  for (const text of [secret, json, ascii, JSON.stringify(json), JSON.stringify(ascii)]) {
    const shown = hidden.hide(`a ${text} b`);
    match(shown, /^a ["\\]*\*\*\*["\\]* b$/);
    ok(hidden.mayStandIn(text));
  }
  strictEqual(hidden.hide("3: first-line-of-it, 12345678"), "3: ***, ***");
  deepStrictEqual([hidden.hideNumber(12345678), hidden.hideNumber(2), hidden.hideNumber(112345678)], [
    "***",
    2,
    112345678,
  ]);
  ok(!hidden.mayStandIn('{"a":"b"}'));
});

Deno.test("askedVariables() names those of a server of our own and that of its key, never a value", () => {
  const asked = (draft: JsonObject): string[] => {
    const config = resolveConfig({ model: "m", ...draft });
    return config === null ? ["none"] : askedVariables(config).map(({ field, name }) => `${field} ${name}`);
  };
  deepStrictEqual(asked({}), []);
  deepStrictEqual(asked({ backend: "command", command: { argv: ["a"], env_from: ["A"] } }), [
    "command.env_from A",
  ]);
  deepStrictEqual(asked({ backend: "openai", openai: { base_url: "u" } }), []);
  deepStrictEqual(
    asked({ backend: "openai", openai: { server: { argv: ["{port}"], env_from: ["A"] }, api_key_env: "K" } }),
    ["openai.server.env_from A", "openai.api_key_env K"],
  );
});
