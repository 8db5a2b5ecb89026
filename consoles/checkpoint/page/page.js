// The tab in SmartConsole. It asks SmartConsole for its context, to know that it runs there, and its own server for the rows.
(function () {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  const CALLBACK = "peerbenchContext";
  const PAGES = 20;
  const GAPS = 40;
  const WORDS = {
    most: "About three quarters or more",
    half: "About half or more",
    quarter: "About a quarter or more",
    few: "Fewer than a quarter",
    less_than_half: "Fewer than half",
  };

  function byId(id) {
    return document.getElementById(id);
  }

  function element(name, text, className) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function shape(parent, name, attributes) {
    const made = document.createElementNS(SVG, name);
    Object.keys(attributes).forEach((key) => made.setAttribute(key, attributes[key]));
    parent.appendChild(made);
    return made;
  }

  // A number as published: coded ends are bounds.
  function published(row, name) {
    if (row[name] === undefined) return "–";
    const codes = {};
    (row.coded || "").split(" ").forEach((part) => {
      const pair = part.split("=");
      if (pair.length === 2) codes[pair[0]] = pair[1];
    });
    if (codes[name] === "low") return "≤" + row[name];
    if (codes[name] === "high") return "≥" + row[name];
    return codes[name] || String(row[name]);
  }

  function signed(number) {
    if (number === undefined) return "–";
    if (number === 0) return "0";
    return (number > 0 ? "+" : "−") + Math.abs(number);
  }

  function own(row) {
    return row.own === undefined ? "not assessed" : String(row.own);
  }

  // The quartiles of the peers and the own mark, as the numbers beside them say.
  function strip(row) {
    const drawing = document.createElementNS(SVG, "svg");
    drawing.setAttribute("viewBox", "-4 0 208 18");
    drawing.setAttribute("aria-hidden", "true");
    shape(drawing, "line", { class: "track", x1: 0, x2: 200, y1: 9, y2: 9 });
    if (row.p25 !== undefined && row.p75 !== undefined) {
      shape(drawing, "rect", { class: "peers", x: row.p25 * 2, y: 4, width: (row.p75 - row.p25) * 2, height: 10 });
    }
    if (row.p50 !== undefined) shape(drawing, "rect", { class: "median", x: row.p50 * 2 - 1.5, y: 2, width: 3, height: 14 });
    if (row.own !== undefined) shape(drawing, "circle", { class: "own", cx: row.own * 2, cy: 9, r: 4 });
    return drawing;
  }

  function line(table, cells) {
    const row = element("tr");
    cells.forEach((cell) => row.appendChild(cell));
    byId(table).tBodies[0].appendChild(row);
  }

  function number(text) {
    return element("td", text, "number");
  }

  function showOverall(row) {
    const peers =
      row.peer_status === "released"
        ? "; the median of your peers is " + published(row, "p50") + "%."
        : ". No number of your peers is released for it.";
    const covered = row.covered === undefined ? "" : " (" + row.covered + " of " + row.can_see + ")";
    const you = row.own === undefined ? "Your coverage isn't assessed" : "You cover " + row.own + "% of applicable techniques" + covered;
    byId("headline").textContent = you + peers;
    const facts = [
      "Peer group " + (row.cohort_shown || row.cohort_asked),
      row.members ? row.members + " members" : "",
      "release " + row.release + ", cut-off " + row.cut_off.slice(0, 10),
      "your values as of " + row.as_of.slice(0, 10),
      "ATT&CK " + row.attack,
    ];
    byId("basis").textContent = facts.filter((fact) => fact).join(" · ");
  }

  function showTactic(row) {
    const drawn = element("td");
    drawn.appendChild(strip(row));
    line("tactics", [element("td", row.name), number(own(row)), number(published(row, "p50")), number(signed(row.difference)), drawn]);
  }

  function showGap(row) {
    const name = element("td", row.item + " " + row.name);
    name.appendChild(element("div", (row.tactics || "").split(",").join(", "), "sub"));
    const through = row.covered === undefined ? "–" : row.covered + " of " + row.can_see;
    line("gaps", [
      element("td", WORDS[row.coverage] || "–", "word"),
      name,
      number(own(row)),
      number(published(row, "p50")),
      number(signed(row.difference)),
      number(through),
    ]);
  }

  function show(rows) {
    const kind = (name) => rows.filter((row) => row.kind === name);
    const techniques = kind("technique");
    const released = techniques.filter((row) => row.peer_status === "released");
    const behind = released.filter((row) => row.difference < 0).sort((a, b) => a.difference - b.difference);
    kind("summary").forEach(showOverall);
    kind("tactic").forEach(showTactic);
    behind.slice(0, GAPS).forEach(showGap);
    byId("rest").textContent =
      behind.length + " of " + techniques.length + " techniques are behind the median" +
      (behind.length > GAPS ? "; the " + GAPS + " furthest are listed" : "") +
      ". For " + (techniques.length - released.length) + " techniques no number of your peers is released.";
    byId("state").hidden = true;
    byId("comparison").hidden = false;
  }

  function failed(reason) {
    const state = byId("state");
    state.className = "failed";
    state.textContent = "The comparison can't be shown: " + reason;
  }

  async function reason(answer) {
    try {
      const problem = await answer.json();
      return [problem.title, problem.detail].filter((part) => typeof part === "string").join(": ");
    } catch (error) {
      return "";
    }
  }

  async function load() {
    const rows = [];
    let cursor = "";
    for (let page = 0; page < PAGES; page += 1) {
      const more = cursor ? "&cursor=" + encodeURIComponent(cursor) : "";
      const answer = await fetch("rows?limit=1000" + more, { headers: { Accept: "application/json" } });
      if (!answer.ok) {
        const said = await reason(answer);
        throw new Error("the server answered with status " + answer.status + (said ? " (" + said + ")" : "") + ".");
      }
      const list = await answer.json();
      if (!Array.isArray(list.items)) throw new Error("the server's answer is no list of rows.");
      rows.push.apply(rows, list.items);
      cursor = list.next;
      if (!cursor) break;
    }
    if (rows.length === 0) throw new Error("the server has no rows. They come with the first release.");
    show(rows);
  }

  // SmartConsole calls a global function by its name. The context may hold a session; nothing of it is kept or sent.
  window[CALLBACK] = function () {
    document.documentElement.setAttribute("data-console", "smartconsole");
  };
  if (window.smxProxy && typeof window.smxProxy.sendRequest === "function") {
    window.smxProxy.sendRequest("get-context", null, CALLBACK);
  } else {
    byId("outside").hidden = false;
  }
  load().catch((error) => failed(error.message));
})();
