// Power over a run, to be zoomed into: below the plot that is there without script. Runs before the page's own script, which
// calls it with the plot's place and with what was packed for it (packed_traces.ts).
(() => {
  "use strict";

  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const unpack = async (packed) => {
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new Int16Array(await new Response(stream).arrayBuffer());
  };

  // Seconds, smallest and largest watts of each column of a run; `from` is where its numbers begin.
  const columnsOf = (numbers, from, { from_s, seconds, columns, step_w }) => {
    const [times, lows, highs] = [[], [], []];
    let low = 0;
    for (let column = 0; column < columns; column++) {
      low += numbers[from + 2 * column];
      times.push(from_s + (column + 0.5) * seconds / columns);
      lows.push(low * step_w);
      highs.push((low + numbers[from + 2 * column + 1]) * step_w);
    }
    return [times, lows, highs];
  };

  const powerTraces = async (place, { runs, packed, words }) => {
    const numbers = await unpack(packed);
    const starts = [];
    runs.reduce((from, { columns }) => {
      starts.push(from);
      return from + 2 * columns;
    }, 0);

    const choice = make(
      "select",
      { name: "trace" },
      ...runs.map(({ label }, index) => make("option", { value: index }, label)),
    );
    const back = make("button", { type: "button" }, words.whole);
    const read = make("output", {}, words.hint);
    const canvas = make("div", { className: "trace" });
    canvas.setAttribute("role", "img");
    const bar = make(
      "p",
      { className: "trace-bar" },
      make("label", {}, words.choose, " ", choice),
      " ",
      back,
      " ",
      read,
    );
    place.querySelector("figure").after(bar, canvas);

    let drawn = null;
    const draw = () => {
      drawn?.destroy();
      const run = runs[choice.value];
      canvas.setAttribute("aria-label", `${words.title} ${run.label}`);
      const axis = {
        stroke: color("--text"),
        grid: { stroke: color("--line") },
        ticks: { stroke: color("--line") },
      };
      drawn = new uPlot(
        {
          width: Math.max(canvas.clientWidth, 200),
          height: 260,
          legend: { show: false },
          scales: { x: { time: false }, y: { range: (_, __, most) => [0, most * 1.05] } },
          axes: [{ ...axis, label: words.seconds }, { ...axis, label: words.watts, size: 60 }],
          series: [
            {},
            { stroke: color("--c1"), width: 1, points: { show: false } },
            { stroke: color("--c1"), width: 1, points: { show: false } },
          ],
          bands: [{ series: [2, 1], fill: color("--c1") }],
          hooks: {
            drawClear: [(plot) => {
              const { ctx, bbox } = plot;
              ctx.save();
              ctx.fillStyle = color("--band");
              for (const [begin, end] of run.measured) {
                const left = Math.max(plot.valToPos(begin, "x", true), bbox.left);
                const right = Math.min(plot.valToPos(end, "x", true), bbox.left + bbox.width);
                if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
              }
              ctx.restore();
            }],
            setCursor: [(plot) => {
              const { idx } = plot.cursor;
              if (idx === null || idx === undefined) return;
              const [time, low, high] = plot.data.map((values) => values[idx]);
              read.textContent = `${time.toFixed(2)} s: ${low.toFixed(1)} - ${high.toFixed(1)} W`;
            }],
          },
        },
        columnsOf(numbers, starts[choice.value], run),
        canvas,
      );
    };

    choice.addEventListener("change", draw);
    back.addEventListener("click", draw);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    new ResizeObserver(() => {
      const width = Math.max(canvas.clientWidth, 200);
      if (drawn !== null && drawn.width !== width) drawn.setSize({ width, height: 260 });
    }).observe(canvas);
    draw();
  };

  globalThis.llemCharts = { ...globalThis.llemCharts, power_traces: powerTraces };
})();
