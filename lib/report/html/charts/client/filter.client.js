// Which experiments a page shows. Runs before the page's own script, which calls it with the place of the plot of all settings, with
// what is known of each experiment, and with what it needs of that script.
(() => {
  "use strict";

  // Experiments by their settings: the others are dimmed in plots and gone from tables.
  const filter = (place, { words, axes, rows }, { make, leaveOut }) => {
    const hashes = Object.keys(rows);
    const count = make("output");
    const group = make("fieldset", { className: "layers" }, make("legend", {}, words.legend));
    const option = (value, text) => make("option", { value }, text);
    const inputs = axes.map(({ label, values, rises }) => {
      const select = (sign) =>
        make(
          "select",
          { ariaLabel: `${label} ${sign}`, name: "filter-value" },
          option("", words.any),
          ...values.map((value, index) => option(index, value)),
        );
      const own = (rises ? ["\u2265", "\u2264"] : ["="]).map((sign) => [sign, select(sign)]);
      group.append(make("span", {}, label, ...own.flatMap(([sign, each]) => [` ${sign} `, each])));
      return own;
    });
    const isIn = (positions) =>
      inputs.every((own, axis) =>
        own.every(([sign, { value }]) => {
          if (value === "") return true;
          const [at, end] = [positions[axis], Number(value)];
          return sign === "=" ? at === end : sign === "\u2265" ? at >= end : at <= end;
        })
      );
    const apply = () => {
      const left = new Set(hashes.filter((hash) => !isIn(rows[hash])));
      count.textContent = left.size === 0
        ? ""
        : `${hashes.length - left.size} / ${hashes.length} ${words.left}`;
      leaveOut(left, count.textContent);
    };
    const reset = make("button", { type: "button" }, words.reset);
    reset.addEventListener("click", () => {
      for (const select of group.querySelectorAll("select")) select.value = "";
      apply();
    });
    group.addEventListener("change", apply);
    group.append(reset, count);
    place.querySelector("figure").before(group);
  };

  globalThis.llemCharts = { ...globalThis.llemCharts, filter };
})();
