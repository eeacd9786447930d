/**
 * lib/report/html/charts owns the plots of a report: values to static SVG with a table of the same values. Pure. The page around
 * them is that of lib/report/html.
 */

/** One plot of a report. */
export interface Chart {
  /** Unique in a page, fit for an `id`. */
  readonly id: string;
  readonly title: string;
  /** What a screen reader says in place of the picture: what is drawn, and what it shows. */
  readonly description: string;
  /**
   * Static and whole without style and script: colours are attributes. Empty where there is nothing to draw; `absent` then stands
   * in its place.
   *
   * What stands for an experiment or for a run has `data-c`, the configuration's hash, and `data-r`, the run's place in the order of its study (of a page's second study `2:7`).
   */
  readonly svg: string;
  /** Why there is no picture; null where there is one. */
  readonly absent: string | null;
  /** The same values. */
  readonly table: ChartTable;
  /** What the page's script needs besides the picture; left out where it needs nothing. */
  readonly interaction?: ChartInteraction;
}

export interface ChartTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Rows that are left out, as there are too many. */
  readonly left_out: number;
}

export type ChartInteraction = PowerTraces | ChartLayers | ChartFilter;

/** Other pictures of the same: one of them is there at a time, the first one, which is the chart's `svg`, without script. */
export interface ChartLayers {
  readonly kind: "layers";
  /** For people: by what the pictures differ. */
  readonly legend: string;
  /** In the order in which they are offered. */
  readonly choices: readonly { readonly id: string; readonly label: string }[];
  /** Base64 of the deflated JSON of the SVGs, without that of the first choice. */
  readonly packed: string;
}

/** Experiments to be narrowed down by their settings and by a metric: in all plots and tables of the page. */
export interface ChartFilter {
  readonly kind: "filter";
  /** For people. */
  readonly words: {
    readonly legend: string;
    readonly any: string;
    readonly reset: string;
    readonly left: string;
  };
  readonly axes: readonly FilterAxis[];
  /** Of each experiment by its configuration's hash: the position of its value on each axis. */
  readonly rows: Readonly<Record<string, readonly number[]>>;
}

/** A setting, or a metric in the steps that a reader may choose. */
export interface FilterAxis {
  readonly label: string;
  readonly values: readonly string[];
  /** Values that rise: a part of them is chosen by its ends. */
  readonly rises: boolean;
}

/** Traces of power to be zoomed in: packed numbers that the client part of this folder unpacks and draws. */
export interface PowerTraces {
  readonly kind: "power_traces";
  /** One for each trace: of every run, one for each of its devices. */
  readonly runs: readonly PackedTrace[];
  /** For people. */
  readonly words: TraceWords;
  /** Base64 of deflated pairs of 16-bit numbers, as packed_traces.ts says. */
  readonly packed: string;
}

export interface TraceWords {
  readonly title: string;
  readonly choose: string;
  readonly whole: string;
  readonly hint: string;
  readonly seconds: string;
  readonly watts: string;
}

/** A device over a run. */
export interface PackedTrace {
  readonly run_id: string;
  readonly label: string;
  /** Seconds of its begin since the first phase of its run began. */
  readonly from_s: number;
  readonly seconds: number;
  readonly columns: number;
  /** Watts of one step of the packed numbers. */
  readonly step_w: number;
  /** Begin and end of measured windows. */
  readonly measured: readonly (readonly [number, number])[];
}
