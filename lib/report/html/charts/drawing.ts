/** The library that draws, behind one door: options of a plot to the text of an SVG. */
import { type Markish, plot, type PlotOptions, type RenderFunction } from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** Of the whole picture, in CSS pixels; a page scales it to its width. */
export const WIDTH = 760;

/** The part of a DOM that is used here. */
export interface Element {
  readonly children: ArrayLike<Element>;
  readonly attributes: ArrayLike<{ readonly name: string; readonly value: string }>;
  readonly outerHTML: string;
  textContent: string;
  innerHTML: string;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  querySelectorAll(selector: string): Iterable<Element>;
  appendChild(child: Element): Element;
  prepend(...children: Element[]): void;
  remove(): void;
}

interface Document {
  createElementNS(namespace: string, name: string): Element;
}

export interface Drawing {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly options: PlotOptions;
  readonly marks: readonly Markish[];
  /** Stands above the plot's frame. */
  readonly legend?: readonly LegendEntry[];
}

/** What a kind of mark stands for. */
export interface LegendEntry {
  readonly label: string;
  readonly color: string;
  /** The path of its symbol about (0, 0); null for a line. */
  readonly symbol: string | null;
  readonly dash?: string;
}

const SVG = "http://www.w3.org/2000/svg";

/** Draws it. The same values give the same bytes. */
export function svgOf({ id, title, description, options, marks, legend = [] }: Drawing): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>") as unknown as {
    readonly document: Document;
  };
  const rows = legendRows(legend, options.width ?? WIDTH);
  const above = rows.length === 0 ? 0 : rows.length * LEGEND_LINE + 4;
  // Without a label above the axis the legend stands in its place.
  const top = options.y?.label === null ? LABEL_HEIGHT : 0;
  const given = {
    width: WIDTH,
    height: 360,
    marginTop: 24,
    marginRight: 24,
    marginLeft: 60,
    marginBottom: 40,
    ...options,
    marks: [...marks],
  };
  const svg = plot(
    {
      ...given,
      marginTop: given.marginTop + above - top,
      height: given.height + above - top,
      document,
    } as unknown as PlotOptions,
  ) as unknown as Element;
  for (const style of [...svg.querySelectorAll("style")]) style.remove();
  svg.removeAttribute("class");
  const create = (name: string, text: string, own: string): Element => {
    const element = document.createElementNS(SVG, name);
    element.setAttribute("id", own);
    element.textContent = text;
    return element;
  };
  for (const row of legendElements(document, rows, LEGEND_TOP - top)) svg.appendChild(row);
  svg.prepend(create("title", title, `${id}-t`), create("desc", description, `${id}-d`));
  svg.setAttribute("xmlns", SVG);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-labelledby", `${id}-t ${id}-d`);
  svg.setAttribute("font-size", "12");
  tidy(svg);
  return svg.outerHTML.replace(/plot-clip-(\d+)/g, clipNamer(id));
}

/** The library numbers what it clips by over its whole life: here from 1 in every plot. */
function clipNamer(id: string): (whole: string, number: string) => string {
  const known = new Map<string, number>();
  return (_, number) => {
    const own = known.get(number) ?? known.size + 1;
    known.set(number, own);
    return `${id}-clip-${own}`;
  };
}

/** Positions have a tenth of a pixel, and what the whole picture says in words is not said again of its parts. */
function tidy(element: Element): void {
  for (const child of [...element.querySelectorAll("*")]) {
    for (const { name, value } of [...Array.from(child.attributes)]) {
      if (name.startsWith("aria-")) child.removeAttribute(name);
      else if (POSITIONS.has(name) && LONG.test(value)) {
        child.setAttribute(name, value.replace(LONG_ALL, rounded));
      }
    }
  }
}

const POSITIONS: ReadonlySet<string> = new Set(
  ["d", "cx", "cy", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "transform", "points", "r"],
);
const LONG = /\.\d{2}/;
const LONG_ALL = /-?\d+\.\d{2,}(?:e-?\d+)?/g;

function rounded(text: string): string {
  return String(Number(Number(text).toFixed(1)));
}

/** What a mark stands for, for the page's script and for who points at it. */
export interface Tag {
  /** The configuration's hash; null where it stands for none. */
  readonly config: string | null;
  /** A run's key; null where it stands for no single one. */
  readonly run: string | null;
  /** Null where there is nothing to say. */
  readonly title: string | null;
}

/** The `render` of a mark whose elements are told what they stand for; `tagOf` gets the position of the datum. */
export function tagged(tagOf: (index: number) => Tag): { readonly render: RenderFunction } {
  return taggedBy((index) => index, tagOf);
}

/** The same of lines: `tagOf` gets the number of the line, in the order of their first points. */
export function taggedLines(tagOf: (line: number) => Tag): { readonly render: RenderFunction } {
  return taggedBy((_, place) => place, tagOf);
}

function taggedBy(
  which: (datum: number, place: number) => number,
  tagOf: (which: number) => Tag,
): { readonly render: RenderFunction } {
  const render = (
    index: ArrayLike<number>,
    scales: unknown,
    values: unknown,
    dimensions: unknown,
    context: { readonly document: Document },
    next: (...all: readonly unknown[]) => Element | null,
  ): Element | null => {
    const group = next(index, scales, values, dimensions, context);
    if (group === null) return null;
    Array.from(group.children).forEach((element, place) => {
      const { config, run, title } = tagOf(which(index[place] ?? NaN, place));
      if (config !== null) element.setAttribute("data-c", config);
      if (run !== null) element.setAttribute("data-r", run);
      if (title === null) return;
      const text = context.document.createElementNS(SVG, "title");
      text.textContent = title;
      element.appendChild(text);
    });
    return group;
  };
  return { render: render as unknown as RenderFunction };
}

/** From here on marks are drawn together, without a title each: a page has to stay small. */
export const MANY = 200;

/**
 * The `render` of marks that stand for nothing one could point at, or are too many to be pointed at: all of them as one path, for a
 * tenth of the bytes. Bars lie along x in a band of y, `height` of its height; those thinner than a hair are left out. Dots are ends of
 * lines of no length: they take `stroke` and `stroke-width`.
 */
export function onePath(
  kind: "bars" | "rules" | "lines" | "dots",
  { height = 1, attributes }: {
    readonly height?: number;
    readonly attributes: Readonly<Record<string, string>>;
  },
): { readonly render: RenderFunction } {
  const render = (
    index: ArrayLike<number>,
    { y: scale }: { readonly y?: { readonly bandwidth?: () => number } },
    values: Readonly<Record<string, ArrayLike<number>>>,
    _: unknown,
    context: { readonly document: Document },
  ): Element => {
    const band = scale?.bandwidth?.() ?? 0;
    const at = (name: string, datum: number): number => values[name]?.[datum] ?? NaN;
    const parts = Array.from(index).map((datum) => {
      if (kind === "dots") return `M${short(at("x", datum))},${short(at("y", datum))}h0`;
      if (kind === "lines") {
        return `M${short(at("x1", datum))},${short(at("y", datum))}H${short(at("x2", datum))}`;
      }
      if (kind === "rules") {
        return `M${short(at("x", datum))},${short(at("y1", datum))}V${short(at("y2", datum))}`;
      }
      const [from, to] = [at("x1", datum), at("x2", datum)];
      if (to - from < HAIR) return "";
      const [tall, top] = [band * height, at("y", datum) + band * (1 - height) / 2];
      return `M${short(from)},${short(top)}h${short(to - from)}v${short(tall)}H${short(from)}z`;
    });
    const path = context.document.createElementNS(SVG, "path");
    path.setAttribute("d", parts.join(""));
    if (kind === "dots") path.setAttribute("stroke-linecap", "round");
    for (const [name, value] of Object.entries(attributes)) path.setAttribute(name, value);
    return path;
  };
  return { render: render as unknown as RenderFunction };
}

const HAIR = 0.3;

function short(value: number): string {
  return String(Number(value.toFixed(1)));
}

const LEGEND_LINE = 20;
/** Below the label of the vertical axis, which stands at the top. */
const LEGEND_TOP = 32;
const LABEL_HEIGHT = 20;
const LETTER_WIDTH = 6.6;
const SIGN_WIDTH = 24;

interface PlacedEntry extends LegendEntry {
  readonly x: number;
}

/** As many to a line as fit by the usual width of letters. */
function legendRows(entries: readonly LegendEntry[], width: number): PlacedEntry[][] {
  const rows: PlacedEntry[][] = [];
  let x = Infinity;
  for (const entry of entries) {
    const needed = SIGN_WIDTH + entry.label.length * LETTER_WIDTH + 14;
    if (x + needed > width) {
      rows.push([]);
      x = 8;
    }
    rows.at(-1)?.push({ ...entry, x });
    x += needed;
  }
  return rows;
}

function legendElements(
  document: Document,
  rows: readonly (readonly PlacedEntry[])[],
  top: number,
): Element[] {
  return rows.flatMap((row, line) =>
    row.map(({ x, label, color, symbol, dash }) => {
      const group = document.createElementNS(SVG, "g");
      group.setAttribute(
        "transform",
        `translate(${Number(x.toFixed(1))},${top + line * LEGEND_LINE})`,
      );
      const sign = document.createElementNS(SVG, "path");
      sign.setAttribute("d", symbol ?? "M-9,0H9");
      sign.setAttribute("transform", "translate(10,0)");
      sign.setAttribute("fill", symbol === null ? "none" : color);
      sign.setAttribute("stroke", color);
      if (symbol === null) sign.setAttribute("stroke-width", "2");
      if (dash !== undefined && dash !== "none") sign.setAttribute("stroke-dasharray", dash);
      const text = document.createElementNS(SVG, "text");
      text.setAttribute("x", String(SIGN_WIDTH));
      text.setAttribute("dy", "0.32em");
      text.setAttribute("text-anchor", "start");
      text.setAttribute("fill", "currentColor");
      text.textContent = label;
      group.appendChild(sign);
      group.appendChild(text);
      return group;
    })
  );
}
