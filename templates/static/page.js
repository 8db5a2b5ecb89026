// Small comforts; the page works without them.
"use strict";

// One menu is open at a time; a click beside it or Escape closes it.
const menus = document.querySelectorAll("details.menu");
document.addEventListener("click", (event) => {
  for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus) {
    if (menu.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
});

// On a narrow screen the views are a row to push along: the current one is in sight.
document.querySelector(".views [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// The matrix: search, colour, gaps and numbers at once, without another page. Search words stay here.
const matrix = document.querySelector(".matrix");
if (matrix) {
  const form = document.querySelector("form[data-live]");
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  search.parentElement.classList.add("ready");
  const items = [...matrix.querySelectorAll("li")].map((item) => ({
    item,
    text: item.querySelector(".cell").textContent.toLowerCase(),
    parent: item.parentElement.closest("li"),
    folds: [...parents(item, "details")],
  }));
  const columns = [...matrix.querySelectorAll(".tactic")];
  const asked = new Set();

  function* parents(element, selector) {
    for (let up = element.parentElement.closest(selector); up; up = up.parentElement.closest(selector)) yield up;
  }

  function filter() {
    // A single letter would find nearly everything.
    const words = search.value.toLowerCase().split(/\s+/).filter((word) => word.length > 1);
    const kept = new Set();
    let count = 0;
    for (const one of items) {
      if (!words.every((word) => one.text.includes(word))) continue;
      kept.add(one.item);
      count += 1;
      if (one.parent) kept.add(one.parent);
    }
    const open = new Set();
    for (const one of items) {
      const show = kept.has(one.item);
      if (one.item.hidden === show) one.item.hidden = !show;
      if (show && words.length) for (const fold of one.folds) open.add(fold);
    }
    for (const fold of open) if (!fold.open) { fold.open = true; asked.add(fold); }
    if (!words.length) { for (const fold of asked) fold.open = false; asked.clear(); }
    for (const column of columns) column.hidden = words.length > 0 && !column.querySelector("li:not([hidden])");
    found.textContent = words.length ? `${count} found` : "";
  }
  search.addEventListener("input", filter);
  search.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });

  const live = { colour: (value) => { matrix.dataset.colour = value; },
    gaps: (on) => matrix.classList.toggle("only-gaps", on),
    numbers: (on) => matrix.classList.toggle("with-numbers", on) };
  form.addEventListener("change", (event) => {
    const { name, value, type, checked } = event.target;
    if (!live[name] && event.target !== search) return;
    event.stopImmediatePropagation();
    if (event.target === search) return;
    live[name](type === "checkbox" ? checked : value);
    const query = new URLSearchParams(new FormData(form));
    for (const [key, text] of [...query]) if (!text || (key === "colour" && text === "own")) query.delete(key);
    history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
  });

  // Arrows go from cell to cell; Tab goes from column to column.
  const cells = () => columns.filter((column) => !column.hidden)
    .map((column) => [...column.querySelectorAll("a.cell, summary")].filter((cell) => cell.checkVisibility()));
  const roving = () => {
    for (const column of cells()) column.forEach((cell, at) => { cell.tabIndex = at === 0 ? 0 : -1; });
  };
  matrix.addEventListener("keydown", (event) => {
    const step = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] }[event.key];
    if (!step) return;
    const grid = cells();
    const x = grid.findIndex((column) => column.includes(document.activeElement));
    if (x < 0) return;
    const y = grid[x].indexOf(document.activeElement);
    const column = grid[x + step[0]];
    const next = column?.[Math.min(y, column.length - 1) + step[1]];
    if (next) { event.preventDefault(); next.tabIndex = 0; next.focus(); }
  });
  roving();
  matrix.addEventListener("toggle", roving, true);
}

// Filters apply as they are chosen.
for (const form of document.querySelectorAll("form.filters")) {
  form.addEventListener("change", () => form.requestSubmit());
}

// A file can be dropped on its form: one at a time.
for (const form of document.querySelectorAll("form.drop")) {
  const input = form.querySelector("input[type=file]");
  const said = form.querySelector("[role=status]") ?? form.appendChild(Object.assign(document.createElement("p"), { className: "quiet" }));
  said.setAttribute("role", "status");
  const say = (text) => { said.textContent = text; said.hidden = !text; };
  form.addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("over"); });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    const { files } = event.dataTransfer;
    if (files.length !== 1) { say(`${files.length} files were dropped, and none was taken. Drop one at a time.`); return; }
    input.files = files;
    say(`${files[0].name}, ${files[0].size.toLocaleString("en")} bytes`);
  });
  input.addEventListener("change", () => say(input.files[0] ? `${input.files[0].size.toLocaleString("en")} bytes` : ""));
}
