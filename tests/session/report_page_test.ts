/** Pages of `llem report` and `llem history` in a real Chromium. LLEM_PICTURES=FOLDER keeps pictures of them for a person to look at. */
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { readStudy } from "../../lib/archive/read_study.ts";
import { historyPage } from "../../lib/report/history/history_page.ts";
import { makeReport } from "../../lib/session/make_report.ts";
import { BROWSER, Browser, type Page, type PageOptions } from "../support/browser.ts";
import { historyOf, HOSTILE_NAME } from "../support/histories.ts";
import "../support/libc.ts";
import { testWith } from "../support/needs.ts";
import { SLOW } from "../support/sampled.ts";
import { type SyntheticStudy, syntheticStudy } from "../support/synthetic_study.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** Names and texts that would be something else in a page that takes them for markup. */
const HOSTILE = `</title></script><script>alert(1)</script>\u202e\u2028'"&amp;<img src=x onerror=alert(2)>`;

/** What a reader's studies may be like. */
const STUDIES: Readonly<Record<string, readonly SyntheticStudy[]>> = {
  usual: [{ requests: 32, powerReadings: 200, retried: (index) => index === 3 }],
  one: [{ experiments: 1, cycles: 1 }],
  failed: [{ failed: () => true }],
  "no energy": [{ energy: false, experiments: 2, cycles: 2 }],
  hostile: [{ name: HOSTILE, gpu: HOSTILE, experiments: 2, cycles: 2, failed: (index) => index === 2 }],
  two: [{ name: "base", experiments: 2 }, { name: "new", experiments: 2, slowdown: 1.1, seed: 7 }],
};

/** One for all tests of this file. */
const browser = BROWSER.isMet() ? await Browser.start() : null;
Deno.test.afterAll(async () => await browser?.[Symbol.asyncDispose]());

function open(path: string, options: PageOptions = {}): Promise<Page> {
  assert.ok(browser !== null);
  return browser.open(path, options);
}

/** The colours are the same in all pages, so that two of them show each. */
const DARK: readonly string[] = ["usual", "failed"];

async function pageOf(folder: TempFolder, name: string, wishes: readonly SyntheticStudy[]): Promise<string> {
  const [first, ...others] = wishes.map((wish) => readStudy(syntheticStudy(folder.at(name), wish)));
  assert.ok(first !== undefined);
  return folder.write(`${name}.html`, await makeReport([first, ...others]));
}

/** Nothing beyond its own file, and nothing to complain of. */
function assertSilent(page: Page, path: string, what: string): void {
  assert.deepEqual(page.requests, [encodeURI(`file://${path}`)], what);
  assert.deepEqual(page.console, [], what);
}

async function picture(page: Page, name: string): Promise<void> {
  const folder = Deno.env.get("LLEM_PICTURES") ?? "";
  if (folder !== "") await page.picture(join(folder, `${name.replaceAll(" ", "-")}.png`));
}

testWith(
  [BROWSER],
  "makeReport() makes pages that ask for nothing, complain of nothing and can be used by everybody",
  async () => {
    using folder = new TempFolder();
    for (const [name, wishes] of Object.entries(STUDIES)) {
      const path = await pageOf(folder, name, wishes);
      await using page = await open(path);
      for (const dark of DARK.includes(name) ? [false, true] : [false]) {
        await page.emulate({ dark });
        await picture(page, `${name} ${dark ? "dark" : "light"}`);
        // What is not light or dark has been looked at.
        const found = await page.violations(dark ? ["color-contrast"] : null);
        assert.deepEqual(found, [], `${name} ${dark ? "dark" : "light"}`);
      }
      await page.emulate({ print: true });
      await picture(page, `${name} print`);
      assertSilent(page, path, name);
      await using narrow = await open(path, { width: 390, height: 844 });
      await picture(narrow, `${name} narrow`);
      assert.equal(await narrow.evaluate("document.documentElement.scrollWidth"), 390, name);
    }
  },
);

testWith(
  [BROWSER],
  "the first screen says what is best, by how much, whether it can be trusted and what to do next",
  async () => {
    using folder = new TempFolder();
    for (const name of ["usual", "one", "failed", "no energy", "two"]) {
      const path = await pageOf(folder, name, STUDIES[name] ?? []);
      await using page = await open(path, { width: 1280, height: 800 });
      const bottom = await page.evaluate<number>(
        "Math.max(...['.verdict', '#trust', '#best tbody tr', '#next'].map((one) => " +
          "document.querySelector(one)?.getBoundingClientRect().bottom ?? 0))",
      );
      assert.ok(bottom > 0 && bottom <= 800, `${name}: ${bottom}`);
      await using narrow = await open(path, { width: 390, height: 844 });
      // Of a table that scrolls what counts is seen at once.
      const right =
        "Math.max(...[...document.querySelectorAll('#best tbody tr')].map(({ lastElementChild }) => " +
        "lastElementChild.getBoundingClientRect().right))";
      if (name === "failed") continue;
      const edge = await narrow.evaluate<number>(right);
      assert.ok(edge <= 390, `${name}: ${edge}`);
    }
  },
);

testWith([BROWSER], "makeReport() lets no text of a study be markup or script", async () => {
  using folder = new TempFolder();
  const path = await pageOf(folder, "hostile", STUDIES["hostile"] ?? []);
  await using page = await open(path);
  assert.equal(await page.evaluate("document.images.length"), 0);
  assert.equal(await page.evaluate("document.scripts.length"), 2);
  assert.match(await page.evaluate("document.querySelector('h1').textContent"), /<script>alert\(1\)/);
  assert.ok(!(await page.evaluate<string>("document.body.textContent")).includes("\u202e"));
  assertSilent(page, path, "hostile");
});

testWith(
  [BROWSER],
  "makeReport() makes a page that is whole without script, without style, and on paper",
  async () => {
    using folder = new TempFolder();
    const path = await pageOf(folder, "usual", STUDIES["usual"] ?? []);
    const text = "document.querySelector('main').innerText";
    const marks = "document.querySelectorAll('figure svg [data-c]').length";
    const [withScript, count] = await (async () => {
      await using page = await open(path);
      return [await page.evaluate<string>(text), await page.evaluate<number>(marks)];
    })();
    assert.ok(count > 0);
    {
      await using page = await open(path, { script: false });
      assertSilent(page, path, "without script");
      assert.equal(await page.evaluate(marks), count);
      // Nothing that does nothing: buttons and fields come with the script.
      assert.equal(await page.evaluate("document.querySelectorAll('button, input').length"), 0);
      const lines = (all: string): string[] => all.split("\n").map((line) => line.trim()).filter(Boolean);
      const first = lines(withScript).filter((line) => /completed|J\/token|decide/.test(line));
      assert.deepEqual(first.filter((line) => !lines(withScript).includes(line)), []);
      assert.ok((await page.evaluate<string>(text)).includes("Can it be trusted?"));
    }
    // The policy that servers put on pages which others made: no script, and no style within the page.
    const refused = folder.read("usual.html").replace(
      /content="default-src[^"]*"/,
      `content="default-src 'none'; img-src 'self'; style-src 'self'"`,
    );
    {
      await using page = await open(folder.write("refused.html", refused));
      assert.ok(page.console.length > 0, "the policy was not in force");
      assert.equal(await page.evaluate(marks), count);
      const colors = await page.evaluate<string[]>(
        "[...document.querySelectorAll('figure svg [data-c]')].flatMap((mark) => {" +
          " const { fill, stroke } = getComputedStyle(mark); return [fill, stroke]; })",
      );
      assert.ok(colors.includes("rgb(0, 114, 178)"), colors.join(" "));
    }
    {
      await using page = await open(path, { print: true });
      const hidden = "[...document.querySelectorAll('details table')].filter((table) => " +
        "table.getBoundingClientRect().height === 0).length";
      assert.equal(await page.evaluate(hidden), 0, "a table is folded up on paper");
      const pdf = new TextDecoder("latin1").decode(await page.pdf());
      assert.ok(!pdf.includes("/Subtype /Image"), "a plot is printed as pixels");
      assert.match(pdf, /^%PDF/);
    }
  },
);

testWith(
  [BROWSER],
  "the page's script marks a setting everywhere, finds rows and walks along plots by keyboard",
  async () => {
    using folder = new TempFolder();
    const path = await pageOf(folder, "usual", STUDIES["usual"] ?? []);
    await using page = await open(path);
    const marked = "new Set([...document.querySelectorAll('.on')].map(({ dataset }) => dataset.c)).size";
    const active = <T>(what: string): Promise<T> => page.evaluate<T>(`document.activeElement.${what}`);

    await page.press("Tab");
    assert.equal(await active("className"), "skip");
    await page.press("Enter");
    assert.equal(await page.evaluate("location.hash"), "#main");

    // One stop for a plot, and its points by arrow keys.
    await page.evaluate("document.querySelector('.plot').focus()");
    assert.match(await active("ariaLabel"), /arrow keys/);
    await page.press("ArrowRight");
    const heard = "document.querySelector('.heard').textContent";
    assert.equal(
      await page.evaluate(heard),
      await page.evaluate("document.querySelector('.tip').textContent"),
    );
    assert.notEqual(await page.evaluate(heard), "");
    assert.equal(await page.evaluate("document.querySelector('.tip').hidden"), false);
    await page.press("Enter");
    assert.equal(await page.evaluate(marked), 1);
    assert.ok(await page.evaluate<number>("document.querySelectorAll('tr.on').length") > 1);
    await page.press("Escape");
    assert.equal(await page.evaluate("document.querySelector('.tip').hidden"), true);
    assert.equal(await page.evaluate(marked), 0);

    // By pointer, once the page has come to rest: it scrolls smoothly, and what is laid out late moves it.
    const { x, y } = await page.evaluate<{ x: number; y: number }>(
      "(async () => { const frame = () => new Promise(requestAnimationFrame);" +
        " for (const mark of document.querySelectorAll('.plot svg [data-c]')) {" +
        " mark.scrollIntoView({ block: 'center', behavior: 'instant' });" +
        " let [top, same] = [NaN, 0]; while (same < 20) { await frame();" +
        " const now = mark.getBoundingClientRect().y; same = now === top ? same + 1 : 0; top = now; }" +
        " const { x, y, width, height } = mark.getBoundingClientRect();" +
        " const at = { x: x + width / 2, y: y + height / 2 };" +
        " if (document.elementFromPoint(at.x, at.y) === mark) return at; } })()",
    );
    await page.point(x, y);
    assert.equal(await page.evaluate("document.querySelector('.tip').hidden"), false);
    await page.point(x, y, true);
    assert.equal(await page.evaluate(marked), 1);

    const shown =
      "[...document.querySelector('#experiments tbody').rows].filter(({ hidden }) => !hidden).length";
    assert.equal(await page.evaluate(shown), 4);
    await page.evaluate(
      "(() => { const field = document.querySelector('#experiments input'); field.value = '656';" +
        " field.value = document.querySelector('#experiments tbody tr').cells[2].textContent;" +
        " field.dispatchEvent(new Event('input')); })()",
    );
    assert.ok(await page.evaluate<number>(shown) >= 1);
    await page.evaluate(
      "(() => { const field = document.querySelector('#experiments input'); field.value = 'no such row';" +
        " field.dispatchEvent(new Event('input')); })()",
    );
    assert.equal(await page.evaluate(shown), 0);

    await page.evaluate("document.querySelector('button.copy').click()");
    await page.settle(heard, "Copied");
    assertSilent(page, path, "after all that");
  },
);

Deno.test("makeReport() says no path of the machine, and is the same wherever the study is read from", async () => {
  using folder = new TempFolder();
  const dir = syntheticStudy(folder.path, { failed: (index) => index < 3, powerReadings: 50, requests: 8 });
  const page = await makeReport([readStudy(dir)]);
  assert.ok(!page.includes(folder.path));
  Deno.mkdirSync(folder.at("elsewhere"));
  const moved = folder.at("elsewhere", basename(dir));
  Deno.renameSync(dir, moved);
  assert.ok(await makeReport([readStudy(moved)]) === page);
});

testWith(
  [BROWSER],
  "a mark of a plot tells why its run failed, and leads to its options and folder",
  async () => {
    using folder = new TempFolder();
    const dir = syntheticStudy(folder.path, { experiments: 2, cycles: 2, failed: (index) => index === 2 });
    const text = await makeReport([readStudy(dir)]);
    const acts = "document.querySelector('.acts')";
    for (const [path, href] of [[join(dir, "page.html"), true], [folder.at("page.html"), false]] as const) {
      Deno.writeTextFileSync(path, text);
      await using page = await open(path);
      await page.evaluate("document.querySelector('#chart-timeline .plot').focus()");
      await page.press("End");
      assert.match(
        await page.evaluate("document.querySelector('.tip').textContent"),
        /crashed: The worker exited/,
      );
      await page.press("Enter");
      await page.settle(`${acts}.lastElementChild.tagName`, href ? "A" : "CODE");
      const run = await page.evaluate<string>(`${acts}.lastElementChild.textContent`);
      assert.ok(Deno.statSync(join(dir, run)).isDirectory, run);
      if (href) {
        const target = await page.evaluate<string>(`${acts}.querySelector('a').href`);
        assert.equal(target, `file://${encodeURI(join(dir, run))}/`);
      }
      await page.evaluate(`${acts}.querySelector('button').click()`);
      await page.settle("document.querySelector('.heard').textContent", "Copied");
      assert.match(await page.evaluate(`${acts}.textContent`), /^batch_size=2, attempt 1: crashed/);
      await page.press("Escape");
      assert.equal(await page.evaluate(`${acts}`), null);
      assertSilent(page, path, "after a mark was chosen");
    }
  },
);

testWith([BROWSER], "a filter of settings leaves experiments out of all plots and tables", async () => {
  using folder = new TempFolder();
  const table = readStudy(syntheticStudy(folder.path, { experiments: 12, cycles: 2 }));
  const rows = table.summary.rows.map((row, at) => ({
    ...row,
    varied: { threads: 2 ** (at % 3), kind: at % 2 === 0 ? "a" : "b", "org.batch": Math.floor(at / 6) },
  }));
  const path = folder.write(
    "filter.html",
    await makeReport([{ ...table, summary: { ...table.summary, rows } }]),
  );
  await using page = await open(path);
  const choose = (name: string, value: string): Promise<unknown> =>
    page.evaluate(
      `(() => { const select = document.querySelector('#chart-field select[aria-label="${name}"]');` +
        ` select.value = [...select.options].find(({ text }) => text === '${value}').value;` +
        " select.dispatchEvent(new Event('change', { bubbles: true })); })()",
    );
  const shown =
    "[...document.querySelector('#experiments tbody').rows].filter((row) => row.offsetParent !== null).length";
  const dimmed = "document.querySelectorAll('#chart-field svg .out').length";
  assert.equal(await page.evaluate(shown), 12);
  await choose("kind =", "a");
  assert.equal(await page.evaluate(shown), 6);
  assert.equal(await page.evaluate(dimmed), 6);
  // 0, 2 and 4 of each six are of this kind, with 1, 4 and 2 threads.
  await choose("threads \u2265", "2");
  assert.equal(await page.evaluate(shown), 4);
  assert.match(await page.evaluate("document.querySelector('.heard').textContent"), /^4 \/ 12 /);
  // A picture that was not there yet is dimmed as well.
  await page.evaluate("document.querySelectorAll('#chart-throughput-ttft-ms input')[1].click()");
  await page.settle("document.querySelectorAll('#chart-throughput-ttft-ms svg .out').length", 8);
  await page.evaluate("document.querySelector('#chart-field').scrollIntoView({ behavior: 'instant' })");
  await picture(page, "filter");
  assert.deepEqual(await page.violations(["label", "select-name", "region", "aria-allowed-attr"]), []);
  await page.evaluate("document.querySelector('#chart-field fieldset button').click()");
  assert.equal(await page.evaluate(shown), 12);
  assert.equal(await page.evaluate(dimmed), 0);
  assertSilent(page, path, "after the filter");
});

testWith([BROWSER], "a plot has other pictures, chosen by keyboard, and paper has the first", async () => {
  using folder = new TempFolder();
  const path = await pageOf(folder, "usual", STUDIES["usual"] ?? []);
  await using page = await open(path);
  const title = "document.querySelector('#chart-swept-value figure svg > title').textContent";
  const caption = "document.querySelector('#chart-swept-value figcaption').textContent";
  const [first, told] = [await page.evaluate<string>(title), await page.evaluate<string>(caption)];
  const marks = "document.querySelectorAll('#chart-swept-value svg [data-c]').length";
  const count = await page.evaluate<number>(marks);
  await page.evaluate("document.querySelector('#experiments button.mark').click()");
  const on = "document.querySelectorAll('#chart-swept-value svg .on').length";
  const marked = await page.evaluate<number>(on);
  assert.ok(marked > 0);

  // The radio buttons are one stop, and arrow keys choose.
  assert.deepEqual(
    await page.evaluate(
      "[...document.querySelectorAll('#chart-swept-value .layers label')].map((label) => label.textContent.trim())",
    ),
    [
      "J/token",
      "J/token, logarithmic axes",
      "J/token over input and output",
      "J/token over input and output, logarithmic axes",
    ],
  );
  await page.evaluate("document.querySelector('#chart-swept-value input').focus()");
  await page.press("ArrowRight");
  await page.press("ArrowRight");
  await page.settle(title, first.replace("J/token", "J/token over input and output"));
  assert.notEqual(await page.evaluate(caption), told);
  // It tells and is marked as the first one does and is.
  assert.equal(await page.evaluate(marks), count);
  assert.equal(await page.evaluate(on), marked);
  assert.equal(
    await page.evaluate("document.querySelectorAll('#chart-swept-value [data-c] > title').length"),
    0,
  );
  await page.evaluate("document.querySelector('#chart-swept-value .plot').focus()");
  await page.press("ArrowRight");
  assert.match(await page.evaluate("document.querySelector('.tip').textContent"), /\d/);
  assert.deepEqual(await page.violations(["region", "label", "svg-img-alt", "duplicate-id-aria"]), []);

  await page.evaluate("dispatchEvent(new Event('beforeprint'))");
  assert.deepEqual([await page.evaluate(title), await page.evaluate(caption)], [first, told]);
  await page.evaluate("dispatchEvent(new Event('afterprint'))");
  assert.notEqual(await page.evaluate(title), first);
  assertSilent(page, path, "after all pictures");
});

/** Of 100 experiments in 5 cycles: made once. */
let large: string | null = null;

Deno.test("makeReport() of 100 experiments in 5 cycles stays below 1 MB", async () => {
  using folder = new TempFolder();
  const dir = syntheticStudy(folder.path, {
    experiments: 100,
    cycles: 5,
    requests: 32,
    powerReadings: 200,
  });
  const [page, again] = [await makeReport([readStudy(dir)]), await makeReport([readStudy(dir)])];
  assert.ok(page === again);
  const bytes = new TextEncoder().encode(page).length;
  assert.ok(bytes < 1_000_000, `${bytes} bytes`);
  large = page;
});

testWith([BROWSER], "the page of 100 experiments in 5 cycles opens", async () => {
  using folder = new TempFolder();
  const path = folder.write("large.html", large ?? "");
  await using opened = await open(path);
  assert.ok(await opened.evaluate<number>("document.querySelectorAll('svg').length") > 0);
  assertSilent(opened, path, "large");
  await picture(opened, "large");
  // Half a minute where others use the processor as well.
  if (SLOW.isMet()) assert.deepEqual(await opened.violations(), []);
});

testWith(
  [BROWSER],
  "the traces of a page are drawn by its script, run by run, in light and dark",
  async () => {
    using folder = new TempFolder();
    const path = await pageOf(folder, "usual", STUDIES["usual"] ?? []);
    await using page = await open(path);
    const until = async (what: string): Promise<void> => {
      const isSo = await page.evaluate<boolean>(
        `new Promise((done) => { let left = 300; const look = () => (${what}) ? done(true) : left-- === 0 ? done(false) : ` +
          "requestAnimationFrame(look); look(); })",
      );
      assert.ok(isSo, what);
    };
    await until("document.querySelectorAll('#chart-power canvas').length === 1");
    // Pixels that are not empty, of which some are the colour of the first series.
    const blue = "(() => { const { width, height } = document.querySelector('#chart-power canvas');" +
      " const { data } = document.querySelector('#chart-power canvas').getContext('2d').getImageData(0, 0, width, height);" +
      " let found = 0; for (let at = 0; at < data.length; at += 4)" +
      " if (data[at] === RED && data[at + 1] === GREEN && data[at + 2] === BLUE) found++; return found > 100; })()";
    const of = (red: number, green: number, blueOf: number): string =>
      blue.replace("RED", String(red)).replace("GREEN", String(green)).replace("BLUE", String(blueOf));
    await until(of(0x00, 0x72, 0xb2));
    await page.emulate({ dark: true });
    await until(of(0x4a, 0xa8, 0xe0));
    const labels = await page.evaluate<string[]>(
      "[...document.querySelectorAll('#chart-power option')].map(({ textContent }) => textContent)",
    );
    assert.ok(labels.length > 0 && labels.every((label) => /cycle \d/.test(label)), labels.join());
    const { x, y } = await page.evaluate<{ x: number; y: number }>(
      "(() => { const over = document.querySelector('#chart-power .u-over');" +
        " over.scrollIntoView({ block: 'center', behavior: 'instant' });" +
        " const { x, y, width, height } = over.getBoundingClientRect(); return { x: x + width / 2, y: y + height / 2 }; })()",
    );
    await page.point(x, y);
    await until(
      "/^\\d+\\.\\d\\d s: \\d+\\.\\d - \\d+\\.\\d W$/.test(document.querySelector('#chart-power output').textContent)",
    );
    // That its pixels are read is this test's doing.
    assert.deepEqual(page.console.filter((text) => !text.includes("willReadFrequently")), []);
    assert.deepEqual(page.requests, [encodeURI(`file://${path}`)]);
  },
);

testWith(
  [BROWSER],
  "historyPage() makes a page that asks for nothing, complains of nothing and can be used by everybody",
  async () => {
    using folder = new TempFolder();
    for (const [name, model] of [["usual", "org/model"], ["hostile", HOSTILE_NAME]] as const) {
      const path = folder.write(`${name}.html`, historyPage(historyOf(model)));
      await using page = await open(path);
      for (const dark of [false, true]) {
        await page.emulate({ dark });
        assert.deepEqual(await page.violations(), [], `${name} ${dark ? "dark" : "light"}`);
      }
      assertSilent(page, path, name);
    }
  },
);
