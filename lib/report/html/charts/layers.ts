import type { Chart } from "./chart.ts";
import { packed } from "./packed.ts";

/** A picture among others of the same chart. */
export interface Layer {
  readonly id: string;
  /** What people choose it by. */
  readonly label: string;
  readonly svg: string;
}

/** A chart with its other pictures, as it is drawn. */
export interface LayeredChart extends Chart {
  /** The first one is the chart's own. */
  readonly layers?: { readonly legend: string; readonly choices: readonly Layer[] };
}

/** The other pictures packed for the page's script: they would be most of a page, and many a reader never looks at them. */
export async function packLayers({ layers, ...chart }: LayeredChart): Promise<Chart> {
  const [first, ...others] = layers?.choices ?? [];
  if (layers === undefined || first === undefined || others.length === 0) return chart;
  const bytes = new TextEncoder().encode(JSON.stringify(others.map(({ svg }) => svg)));
  return {
    ...chart,
    interaction: {
      kind: "layers",
      legend: layers.legend,
      choices: [first, ...others].map(({ id, label }) => ({ id, label })),
      packed: await packed(bytes),
    },
  };
}

/** What distinguishes the ids within a picture from those of the chart's first one. */
export function layerId(chart: string, layer: number): string {
  return layer === 0 ? chart : `${chart}-${layer + 1}`;
}
