/**
 * A real Chromium without a window, driven by its own protocol (Chrome DevTools Protocol) over a WebSocket: what a page asks
 * of a network, says on the console, refuses by its policy, and looks like. scripts/setup-browser installs it.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type Need, program } from "./needs.ts";

const AXE = fileURLToPath(new URL("../../.tools/browser/axe.min.js", import.meta.url));
const NAMES = ["chromium", "chromium-browser", "google-chrome"];

export const BROWSER: Need = {
  what: "Chromium and axe-core (scripts/setup-browser)",
  isMet: () => isFile(AXE) && findProgram() !== null,
};

/** A violation that axe-core found. */
export interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

type Listener = (method: string, params: Record<string, unknown>) => void;

/** One process for all pages of a test file. */
export class Browser implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #listeners = new Map<string, Listener>();
  /** Fails what waits for a browser that is gone. */
  readonly #gone = Promise.withResolvers<never>();
  #serial = 0;

  private constructor(child: Deno.ChildProcess, folder: string, socket: WebSocket) {
    this.#child = child;
    this.#folder = folder;
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    this.#gone.promise.catch(() => {});
    socket.onclose = () =>
      this.#gone.reject(new Error("Chromium has ended, as it does where there is no font"));
  }

  static async start(): Promise<Browser> {
    const folder = Deno.makeTempDirSync({ prefix: "llem-browser-" });
    const child = new Deno.Command(findProgram() ?? "chromium", {
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        "--remote-debugging-port=0",
        `--user-data-dir=${folder}`,
        "about:blank",
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const socket = new WebSocket(await addressIn(`${folder}/DevToolsActivePort`));
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error("Chromium does not answer"));
    });
    return new Browser(child, folder, socket);
  }

  /** Opens a file as a user would, and waits until it is loaded. */
  async open(path: string, options: PageOptions = {}): Promise<Page> {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, String(sessionId), String(targetId));
    await page.load(path, options);
    return page;
  }

  async send(
    method: string,
    params: Record<string, unknown> = {},
    sessionId?: string,
  ): Promise<Record<string, unknown>> {
    const id = ++this.#serial;
    const answer = new Promise<Message>((resolve) => this.#waiting.set(id, resolve));
    this.#socket.send(
      JSON.stringify({ id, method, params, ...sessionId === undefined ? {} : { sessionId } }),
    );
    const { result, error } = await this.unlessGone(answer);
    assert.equal(error, undefined, `${method}: ${error?.message}`);
    return result ?? {};
  }

  /** The same; fails where the browser ends first. */
  unlessGone<T>(awaited: Promise<T>): Promise<T> {
    return Promise.race([awaited, this.#gone.promise]);
  }

  /** A browser that is gone has closed its pages: what failed stands where it failed. */
  async closePage(targetId: string): Promise<void> {
    if (this.#socket.readyState === WebSocket.OPEN) await this.send("Target.closeTarget", { targetId });
  }

  /** Every event of a page. */
  listen(sessionId: string, listener: Listener): void {
    this.#listeners.set(sessionId, listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ id: ++this.#serial, method: "Browser.close" }));
    }
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 5000);
    await this.#child.status;
    clearTimeout(timer);
    this.#socket.close();
    await removePatiently(this.#folder);
  }

  #hear({ id, method, sessionId, params = {}, ...answer }: Message): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    } else if (method !== undefined && sessionId !== undefined) {
      this.#listeners.get(sessionId)?.(method, params);
    }
  }
}

export interface PageOptions {
  /** Default 1200 x 900. */
  readonly width?: number;
  readonly height?: number;
  /** Default: a light one on a screen. */
  readonly dark?: boolean;
  readonly print?: boolean;
  /** False for a browser that runs no script. */
  readonly script?: boolean;
}

/** A page of a browser and what became known of it. */
export class Page implements AsyncDisposable {
  /** Addresses that it asked for, its own file first. */
  readonly requests: string[] = [];
  /** What stands on its console, policy violations included. */
  readonly console: string[] = [];
  readonly #browser: Browser;
  readonly #session: string;
  readonly #target: string;
  #loaded: () => void = () => {};

  constructor(browser: Browser, session: string, target: string) {
    this.#browser = browser;
    this.#session = session;
    this.#target = target;
    browser.listen(session, (method, params) => this.#hear(method, params));
  }

  async load(path: string, options: PageOptions): Promise<void> {
    const { width = 1200, height = 900, script = true } = options;
    for (const domain of ["Page", "Runtime", "Log", "Network", "Audits"]) await this.send(`${domain}.enable`);
    await this.send("Emulation.setDeviceMetricsOverride", {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: false,
    });
    await this.send("Emulation.setScriptExecutionDisabled", { value: !script });
    await this.emulate(options);
    const isLoaded = new Promise<void>((resolve) => {
      this.#loaded = resolve;
    });
    await this.send("Page.navigate", { url: `file://${path}` });
    await this.#browser.unlessGone(isLoaded);
  }

  /** Light or dark, screen or paper. */
  async emulate({ dark = false, print = false }: PageOptions): Promise<void> {
    await this.send("Emulation.setEmulatedMedia", {
      media: print ? "print" : "screen",
      features: [
        { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
        // Nothing is still on its way when a test looks.
        { name: "prefers-reduced-motion", value: "reduce" },
      ],
    });
  }

  send(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    return this.#browser.send(method, params, this.#session);
  }

  /** The value of an expression in the page, of a promise what it comes to. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    }) as { result: { value: T }; exceptionDetails?: { exception?: { description?: string } } };
    assert.equal(exceptionDetails, undefined, exceptionDetails?.exception?.description);
    return result.value;
  }

  /** Waits until an expression in the page has this value. */
  async settle(expression: string, expected: unknown): Promise<void> {
    let found: unknown;
    for (const end = performance.now() + SETTLE_MS; performance.now() < end;) {
      found = await this.evaluate(expression);
      if (found === expected) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal(found, expected);
  }

  /** What axe-core finds, by all its rules or by these alone. */
  async violations(rules: readonly string[] | null = null): Promise<Violation[]> {
    await this.evaluate(`${Deno.readTextFileSync(AXE)}; 0`);
    return await this.evaluate<Violation[]>(
      `axe.run(document, ${
        JSON.stringify({ resultTypes: ["violations"], ...rules === null ? {} : { runOnly: rules } })
      }).then(({ violations }) => ` +
        "violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.slice(0, 3).map(" +
        "({ html, failureSummary }) => ({ html: html.slice(0, 200), failureSummary })) })))",
    );
  }

  /** Presses and releases a key, as `Tab` or `ArrowRight`. */
  async press(key: keyof typeof KEYS): Promise<void> {
    const event = {
      key,
      code: key,
      windowsVirtualKeyCode: KEYS[key],
      ...key === "Enter" ? { text: "\r" } : {},
    };
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", ...event });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  }

  /** Moves the pointer, and clicks where asked. */
  async point(x: number, y: number, isClick = false): Promise<void> {
    const at = { x, y, button: isClick ? "left" : "none", clickCount: isClick ? 1 : 0 };
    await this.send("Input.dispatchMouseEvent", { type: "mouseMoved", ...at });
    if (!isClick) return;
    await this.send("Input.dispatchMouseEvent", { type: "mousePressed", ...at });
    await this.send("Input.dispatchMouseEvent", { type: "mouseReleased", ...at });
  }

  /** A picture of the whole page, as PNG. */
  async picture(path: string): Promise<void> {
    const { data } = await this.send("Page.captureScreenshot", { captureBeyondViewport: true });
    Deno.writeFileSync(path, Uint8Array.from(atob(String(data)), (character) => character.charCodeAt(0)));
  }

  /** The page on paper, as PDF. */
  async pdf(): Promise<Uint8Array<ArrayBuffer>> {
    const { data } = await this.send("Page.printToPDF", { printBackground: false });
    return Uint8Array.from(atob(String(data)), (character) => character.charCodeAt(0));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.closePage(this.#target);
  }

  #hear(method: string, params: Record<string, unknown>): void {
    if (method === "Page.loadEventFired") this.#loaded();
    else if (method === "Network.requestWillBeSent") {
      this.requests.push((params as { request: { url: string } }).request.url);
    } else if (["Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"].includes(method)) {
      this.console.push(JSON.stringify(params));
    } else if (method === "Audits.issueAdded") this.console.push(JSON.stringify(params));
  }
}

const KEYS = { Tab: 9, Enter: 13, Escape: 27, ArrowRight: 39, Home: 36, End: 35 } as const;

function findProgram(): string | null {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  const paths = NAMES.flatMap((name) => folders.map((folder) => `${folder}/${name}`));
  // Some distributions have a program of this name that only says where to get the real one.
  return paths.find((path) => isFile(path) && program("Chromium", path, "--version").isMet()) ?? null;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

const START_MS = 60_000;
/** For what a page does in its own time. */
const SETTLE_MS = 10_000;

/** Chromium writes its port and path there once it listens. */
async function addressIn(file: string): Promise<string> {
  for (const end = performance.now() + START_MS; performance.now() < end;) {
    if (isFile(file)) {
      const [port, path] = Deno.readTextFileSync(file).trim().split("\n");
      if (port !== undefined && path !== undefined) return `ws://127.0.0.1:${port}${path}`;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("Chromium did not start");
}

/** Helpers of a browser that has ended may still write their last. */
async function removePatiently(folder: string): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    try {
      return Deno.removeSync(folder, { recursive: true });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
