// The script of a page. It adds to what is there and takes nothing away: without it the page is whole.
// No network, no storage, no text as code; texts of the study are only ever set as text.
(() => {
  "use strict";
  const { labels, charts, study, folders } = JSON.parse(document.getElementById("llem-data").textContent);
  const root = document.documentElement;

  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  const tip = make("div", { className: "tip", hidden: true });
  const heard = make("div", { className: "heard" });
  heard.setAttribute("role", "status");
  document.querySelector("main").append(tip, heard);

  // What can be done with the mark that was chosen, below its plot.
  const acts = make("p", { className: "tools acts" });
  let chosen = null;

  // One setting, marked everywhere.
  let marked = null;
  const highlight = (config) => {
    marked = config === marked ? null : config;
    if (marked === null) acts.remove();
    paint(document);
  };
  // Settings that a filter leaves out.
  let left = new Set();
  const paint = (part) => {
    root.classList.toggle("marked", marked !== null);
    for (const element of part.querySelectorAll("[data-c]")) {
      element.classList.toggle("out", left.has(element.dataset.c));
      const isOn = element.dataset.c === marked;
      element.classList.toggle("on", isOn);
      element.querySelector("button.mark")?.setAttribute("aria-pressed", String(isOn));
    }
  };

  const leaveOut = (configs, text) => {
    left = configs;
    heard.textContent = text;
    paint(document);
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
  // Why a run failed, and the remedy: the last three cells of its row among those that did not complete.
  const failureOf = (run) => {
    const row = document.querySelector(`tr[data-rs~="${CSS.escape(run)}"]`);
    return row === null
      ? []
      : [...row.cells].slice(2, 5).map((cell) => cell.textContent.trim()).filter(Boolean);
  };

  const unpack = async (packed) => {
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return JSON.parse(await new Response(stream).text());
  };
  let foldersByRun = null;
  const foldersOf = async (run) =>
    folders === null ? [] : (await (foldersByRun ??= unpack(folders)))[run] ?? [];
  // Only beside its folders a page can link to them.
  const isWithin = decodeURIComponent(location.pathname).split("/").at(-2) === study;

  const act = async (plot, mark, text) => {
    const { c: config, r: run } = mark.dataset;
    const isAgain = chosen === mark;
    chosen = mark;
    if (config !== undefined && (isAgain || marked !== config)) highlight(config);
    if (marked === null && config !== undefined) return;
    acts.replaceChildren(make("span", {}, text.split("\n")[0]));
    const row = config === undefined
      ? null
      : document.querySelector(`tr[data-c="${CSS.escape(config)}"][data-set]`);
    if (row !== null) acts.append(copyButton(labels.copy, row.dataset.set));
    plot.closest("figure").after(acts);
    if (run === undefined) return;
    const found = await foldersOf(run);
    if (chosen !== mark || found.length === 0) return;
    acts.append(`${labels.folder}: `);
    for (const folder of found) {
      acts.append(
        isWithin && !run.includes(":")
          ? make("a", { href: `${encodeURI(folder)}/` }, folder)
          : make("code", {}, folder),
      );
    }
  };

  // Makes the marks of a plot tell what they stand for. What comes back is to be called once the plot has another picture.
  const prepare = (plot) => {
    let [marks, at] = [[], -1];
    const texts = new Map();
    const read = () => {
      reached = null;
      hide();
      [marks, at] = [[...plot.querySelectorAll("svg [data-c], svg [data-r]")], -1];
      for (const mark of marks) {
        const title = mark.querySelector(":scope > title");
        title?.remove(); // or the browser would show it as well
        if (!texts.has(mark)) texts.set(mark, title?.textContent ?? "");
      }
      const title = plot.querySelector("svg > title")?.textContent ?? "";
      plot.setAttribute("aria-label", `${title}: ${marks.length} ${labels.points}`);
      paint(plot);
    };
    if (plot.querySelector("svg [data-c], svg [data-r]") === null) return () => {};
    const textOf = (mark) => {
      const title = texts.get(mark);
      const facts = mark.dataset.r === undefined ? [] : factsOf(mark.dataset.r, title !== "");
      const failure = mark.dataset.r === undefined ? [] : failureOf(mark.dataset.r);
      return [title, facts.join(", "), failure.join(": ")].filter(Boolean).join("\n");
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
      if (mark !== null) act(plot, mark, textOf(mark));
    });

    // The same by keyboard: one stop for a plot, arrow keys within it.
    plot.tabIndex = 0;
    plot.setAttribute("role", "group");
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
      else if (event.key === "Enter" && marks[at] !== undefined) act(plot, marks[at], textOf(marks[at]));
      else if (event.key === "Escape") leave();
      else return;
      event.preventDefault();
    });
    plot.addEventListener("blur", leave);
    read();
    return read;
  };

  // Other pictures of the same, one at a time. Paper has the first one.
  const addLayers = (place, reread, { legend, choices, packed }) => {
    const [figure, plot] = [place.querySelector("figure"), place.querySelector(".plot")];
    const pictures = [plot.querySelector("svg")];
    const load = async () => {
      for (const text of await unpack(packed)) {
        const { documentElement } = new DOMParser().parseFromString(text, "image/svg+xml");
        pictures.push(document.importNode(documentElement, true));
      }
    };
    let [shown, loaded] = [0, null];
    const show = (index) => {
      plot.querySelector("svg").replaceWith(pictures[index]);
      figure.querySelector("figcaption").textContent = pictures[index].querySelector("desc").textContent;
      reread();
    };
    const group = make("fieldset", { className: "layers" }, make("legend", {}, legend));
    choices.forEach(({ id, label }, index) => {
      const radio = make("input", { type: "radio", name: place.id, value: id, checked: index === 0 });
      radio.addEventListener("change", async () => {
        shown = index;
        await (loaded ??= load());
        show(shown);
      });
      group.append(make("label", {}, radio, ` ${label}`));
    });
    figure.before(group);
    addEventListener("beforeprint", () => show(0));
    addEventListener("afterprint", () => show(shown));
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
  const rereads = new Map([...document.querySelectorAll(".plot")].map((plot) => [plot, prepare(plot)]));
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
    if (place === null) continue;
    if (interaction.kind === "layers") {
      addLayers(place, rereads.get(place.querySelector(".plot")), interaction);
    } else globalThis.llemCharts?.[interaction.kind]?.(place, interaction, { make, leaveOut });
  }
})();
