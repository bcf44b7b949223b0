"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // -- which metric ------------------------------------------------------------------------
  const views = all(".view");
  const metric = document.getElementById("metric");
  const show = () => {
    views.forEach((view, place) => {
      const chosen = place === metric.selectedIndex;
      view.hidden = !chosen;
      all("[data-anchor]", view).forEach((section) => {
        if (chosen) section.id = section.dataset.anchor;
        else section.removeAttribute("id");
      });
      if (chosen) document.getElementById("direction").textContent = view.dataset.direction;
    });
  };
  metric.addEventListener("change", show);
  show(); // a reload may keep the choice

  // -- sorting -----------------------------------------------------------------------------
  const order = new Intl.Collator("en", { numeric: true });
  const compare = (a, b, numeric) => {
    if (a === "" || b === "") return (a === "") - (b === ""); // what is missing comes last
    return numeric ? Number(a) - Number(b) : order.compare(a, b);
  };
  const sort = (header) => {
    const table = header.closest("table");
    const column = [...header.parentNode.children].indexOf(header);
    const numeric = header.classList.contains("num");
    const up = header.getAttribute("aria-sort") !== "ascending";
    all("th[aria-sort]", table).forEach((one) => one.setAttribute("aria-sort", "none"));
    header.setAttribute("aria-sort", up ? "ascending" : "descending");
    const value = (row) => row.children[column].dataset.value;
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => {
      const [left, right] = [value(a), value(b)];
      const found = compare(left, right, numeric);
      return up || left === "" || right === "" ? found : -found;
    });
    table.tBodies[0].append(...rows);
  };
  all(".sort").forEach((button) => {
    button.addEventListener("click", () => sort(button.closest("th")));
  });

  // -- the heat map by keyboard: one stop for Tab, arrows inside ---------------------------
  const stop = (table, button) => {
    all('td button[tabindex="0"]', table).forEach((one) => one.setAttribute("tabindex", "-1"));
    button?.setAttribute("tabindex", "0");
  };
  const enter = (table, row) => stop(table, row?.querySelector("td button"));
  all("table.heat").forEach((table) => {
    table.addEventListener("keydown", (event) => {
      const steps = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
      const step = steps[event.key];
      const cell = event.target.closest("td");
      if (!step || !cell) return;
      const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden);
      const row = rows[rows.indexOf(cell.parentNode) + step[0]];
      const button = row?.cells[cell.cellIndex + step[1]]?.querySelector("button");
      if (!button) return;
      event.preventDefault();
      stop(table, button);
      button.focus();
    });
  });

  // -- filtering ---------------------------------------------------------------------------
  const filter = (input) => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const table = document.getElementById(input.dataset.rows);
    const heat = table.classList.contains("heat");
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      const text = (heat ? row.cells[0] : row).textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += !row.hidden;
    }
    if (heat) enter(table, [...table.tBodies[0].rows].find((row) => !row.hidden));
    const none = table.closest("section").querySelector(".none");
    if (none) none.hidden = shown > 0;
  };
  all("input[data-rows]").forEach((input) => {
    input.addEventListener("input", () => filter(input));
    filter(input);
  });

  // -- the runs of a cell ------------------------------------------------------------------
  const dialog = document.getElementById("runs-dialog");
  const body = document.getElementById("runs-body");
  const make = (name, text, parent) => {
    const element = document.createElement(name);
    if (text !== null) element.textContent = text; // never as HTML: labels are strangers'
    parent.append(element);
    return element;
  };
  const shown = (value) => {
    if (value === null) return "–";
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  };
  const pairs = (values, parent) => {
    const list = make("dl", null, parent);
    for (const [name, value] of Object.entries(values)) {
      if (value === null || (typeof value === "object" && !Object.keys(value).length)) continue;
      make("dt", name, list);
      make("dd", shown(value), list);
    }
  };
  const describe = (values) => {
    const run = Object.fromEntries(data.fields.map((field, place) => [field, values[place]]));
    const { status, error, seed, metrics, reasons, shared, ...rest } = run;
    make("h3", `seed ${seed}: ${status}`, body).className = status === "ok" ? "" : "bad";
    if (error) {
      make("p", `${error.type}: ${error.message}`, body).className = "bad";
      if (error.traceback) make("pre", error.traceback, body);
    }
    const named = Object.entries(metrics).map(([name, value]) => [
      name, value === null ? `none: ${reasons?.[name] ?? "no reason is recorded"}` : value,
    ]);
    pairs({ ...Object.fromEntries(named), ...rest }, body);
    shared.forEach((number) => pairs(data.shared[number], body));
  };
  const open = (cell) => {
    const [model, dataset] = cell.split("-").map(Number);
    const runs = data.runs[cell] ?? [];
    document.getElementById("runs-title").textContent =
      `${data.models[model]} on ${data.datasets[dataset]}`;
    body.replaceChildren();
    if (!runs.length) make("p", "It was not run here.", body).className = "muted";
    runs.forEach(describe);
    dialog.showModal();
    dialog.scrollTop = 0;
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-cell]");
    if (button) open(button.dataset.cell);
    else if (event.target === dialog) dialog.close();
  });
})();
