// The script of a page. It adds to what is there and takes nothing away: without it the page is whole.
// No network, no storage, no text as code; texts of the study are only ever set as text.
(() => {
  "use strict";
  const { labels, charts } = JSON.parse(document.getElementById("llem-data").textContent);
  const root = document.documentElement;

  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  const tip = make("div", { className: "tip", hidden: true });
  const heard = make("div", { className: "heard" });
  heard.setAttribute("role", "status");
  document.body.append(tip, heard);

  // One setting, marked everywhere.
  let marked = null;
  const highlight = (config) => {
    marked = config === marked ? null : config;
    root.classList.toggle("marked", marked !== null);
    for (const element of document.querySelectorAll("[data-c]")) {
      const isOn = element.dataset.c === marked;
      element.classList.toggle("on", isOn);
      element.querySelector("button.mark")?.setAttribute("aria-pressed", String(isOn));
    }
  };

  // What a mark of a plot stands for, beside it.
  const show = (text, x, y) => {
    tip.textContent = text;
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(x + 12, root.clientWidth - width - 4))}px`;
    tip.style.top = `${y + 16 + height > root.clientHeight ? Math.max(4, y - height - 12) : y + 16}px`;
  };
  const hide = () => {
    tip.hidden = true;
  };
  // The mark that was reached by keyboard: what is said of it moves with it. Anything else is left behind by scrolling.
  let reached = null;
  const showReached = (text) => {
    const { right, bottom } = reached.getBoundingClientRect();
    show(text, right, bottom);
  };
  addEventListener("scroll", () => {
    if (reached === null) hide();
    else showReached(tip.textContent);
  }, { passive: true, capture: true });

  // What the table of runs knows of a run; its setting and cycle only where they are not told already.
  const factsOf = (run, isNamed) => {
    const row = document.querySelector(`tr[data-r="${CSS.escape(run)}"]`);
    if (row === null) return [];
    const heads = [...row.closest("table").tHead.rows[0].cells];
    return [...row.cells].flatMap((cell, index) => {
      const text = cell.textContent.trim();
      const isTold = isNamed && (index === 1 || index === 2);
      return isTold || text === "" || text === "-" ? [] : [`${heads[index].textContent} ${text}`];
    });
  };

  const prepare = (plot) => {
    const marks = [...plot.querySelectorAll("svg [data-c], svg [data-r]")];
    if (marks.length === 0) return;
    const texts = new Map(marks.map((mark) => {
      const title = mark.querySelector(":scope > title");
      title?.remove(); // or the browser would show it as well
      return [mark, title?.textContent ?? ""];
    }));
    const textOf = (mark) => {
      const title = texts.get(mark);
      const facts = mark.dataset.r === undefined ? [] : factsOf(mark.dataset.r, title !== "");
      return [title, facts.join(", ")].filter(Boolean).join("\n");
    };
    const markOf = (target) => {
      const found = target instanceof Element ? target.closest("[data-c], [data-r]") : null;
      return found !== null && texts.has(found) ? found : null;
    };
    plot.addEventListener("pointermove", (event) => {
      const mark = markOf(event.target);
      reached = null;
      if (mark === null) hide();
      else show(textOf(mark), event.clientX, event.clientY);
    });
    plot.addEventListener("pointerleave", hide);
    plot.addEventListener("click", (event) => {
      const mark = markOf(event.target);
      if (mark?.dataset.c) highlight(mark.dataset.c);
    });

    // The same by keyboard: one stop for a plot, arrow keys within it.
    let at = -1;
    const title = plot.querySelector("svg > title")?.textContent ?? "";
    plot.tabIndex = 0;
    plot.setAttribute("role", "group");
    plot.setAttribute("aria-label", `${title}: ${marks.length} ${labels.points}`);
    const go = (to) => {
      marks[at]?.classList.remove("at");
      at = Math.max(0, Math.min(marks.length - 1, to));
      const mark = marks[at];
      mark.classList.add("at");
      mark.scrollIntoView({ block: "nearest", inline: "nearest" });
      reached = mark;
      showReached(textOf(mark));
      heard.textContent = tip.textContent;
    };
    const leave = () => {
      marks[at]?.classList.remove("at");
      reached = null;
      hide();
    };
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    plot.addEventListener("keydown", (event) => {
      if (event.key in steps) go(at + steps[event.key]);
      else if (event.key === "Home") go(0);
      else if (event.key === "End") go(marks.length - 1);
      else if (event.key === "Enter" && marks[at]?.dataset.c) highlight(marks[at].dataset.c);
      else if (event.key === "Escape") leave();
      else return;
      event.preventDefault();
    });
    plot.addEventListener("blur", leave);
  };

  // Rows are found by their words.
  const addFilter = (table) => {
    const rows = [...table.tBodies[0].rows];
    const words = rows.map((row) => row.textContent.toLowerCase());
    const input = make("input", { type: "search", name: "filter" });
    const count = make("output");
    input.addEventListener("input", () => {
      const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, index) => {
        row.hidden = !wanted.every((word) => words[index].includes(word));
        if (!row.hidden) shown += 1;
      });
      count.textContent = wanted.length === 0 ? "" : `${shown} ${labels.shown}`;
    });
    const tools = make("p", { className: "tools" }, make("label", {}, `${labels.filter} `, input), count);
    table.closest(".scroll").before(tools);
  };

  const copyText = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // A page that came over plain HTTP has no clipboard.
      const area = make("textarea", { value: text, className: "heard" });
      document.body.append(area);
      area.select();
      const isDone = document.execCommand("copy");
      area.remove();
      return isDone;
    }
  };
  const copyButton = (label, text) => {
    const button = make("button", { type: "button", className: "copy", textContent: label });
    button.addEventListener("click", async (event) => {
      event.stopPropagation();
      heard.textContent = await copyText(text) ? labels.copied : labels.notCopied;
      button.textContent = heard.textContent;
      setTimeout(() => {
        button.textContent = label;
      }, 1500);
    });
    return button;
  };

  const addRowButtons = (table) => {
    for (const row of table.tBodies[0].rows) {
      if (row.dataset.set !== undefined) {
        const button = copyButton(labels.copy, row.dataset.set);
        button.title = row.dataset.set;
        row.append(make("td", { className: "copy" }, button));
      }
      const first = [...row.querySelectorAll("th")].findLast((cell) => cell.textContent.trim() !== "");
      if (row.dataset.c === undefined || first === undefined) continue;
      const button = make("button", { type: "button", className: "mark", title: labels.mark });
      button.setAttribute("aria-pressed", "false");
      button.append(...first.childNodes);
      first.append(button);
    }
    if (table.querySelector("tbody [data-set]") === null) return;
    const head = make("th", { className: "copy", textContent: labels.options });
    head.scope = "col";
    table.tHead.rows[0].append(head);
  };

  for (const table of document.querySelectorAll("table[data-filter]")) {
    addFilter(table);
    addRowButtons(table);
  }
  for (const plot of document.querySelectorAll(".plot")) prepare(plot);
  for (const code of document.querySelectorAll("code.copy")) {
    code.after(" ", copyButton(labels.copyCommand, code.textContent));
  }
  document.addEventListener("click", (event) => {
    const row = event.target instanceof Element ? event.target.closest("tr[data-c]") : null;
    if (row !== null) highlight(row.dataset.c);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && marked !== null) highlight(marked);
  });

  // Paper has no summaries to open.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const each of opened) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of opened) each.open = false;
  });

  for (const [id, interaction] of Object.entries(charts)) {
    const place = document.getElementById(`chart-${id}`);
    if (place !== null) globalThis.llemCharts?.[interaction.kind]?.(place, interaction);
  }
})();
