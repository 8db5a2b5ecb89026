// Opens the SmartConsole page in Chromium with an injected smxProxy and without one: as `peerbench console serve checkpoint` serves
// it at PAGE_URL with the rows of a running service, and on a server that answers made-up rows and errors. PEERBENCH_CLIENT_URL,
// _ID and _SECRET name the service; PICTURES is the folder of the pictures.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(join(process.cwd(), "package.json"));
const { chromium } = require("playwright-core");
const acorn = require("acorn");

const here = dirname(fileURLToPath(import.meta.url));
const page = join(here, "../../consoles/checkpoint/page");
const { PEERBENCH_CLIENT_URL: url, PEERBENCH_CLIENT_ID: id, PEERBENCH_CLIENT_SECRET: secret, PAGE_URL: served, PICTURES: pictures } = process.env;
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".png": "image/png" };
const SESSION = "session-of-smartconsole";

async function rows(cursor) {
  const grant = { grant_type: "client_credentials", client_id: id, client_secret: secret };
  const granted = await fetch(`${url}/oauth/token`, { method: "POST", body: new URLSearchParams(grant) });
  const { access_token: token } = await granted.json();
  const query = new URLSearchParams({ limit: "100", ...(cursor && { cursor }) });
  return fetch(`${url}/v1/console/rows?${query}`, { headers: { authorization: `Bearer ${token}` } });
}

// What `rows` answers on the server of made-up answers.
let answer;
const asked = [];
const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  if (pathname === "/rows") {
    asked.push(searchParams.get("cursor"));
    const made = answer(searchParams.get("cursor"));
    response.writeHead(made.status, { "content-type": made.headers.get("content-type") }).end(await made.text());
    return;
  }
  const name = pathname === "/" ? "index.html" : pathname.slice(1);
  const known = existsSync(join(page, name));
  response.writeHead(known ? 200 : 404, { "content-type": TYPES[extname(name)] ?? "text/plain" });
  response.end(known ? readFileSync(join(page, name)) : "");
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const made = `http://127.0.0.1:${server.address().port}`;

const script = readFileSync(join(page, "page.js"), "utf8");
acorn.parse(script, { ecmaVersion: 2017, sourceType: "script" });
assert.throws(() => acorn.parse("a ?? b", { ecmaVersion: 2017 }), "the check of the language lets everything pass");
const html = readFileSync(join(page, "index.html"), "utf8");
assert.equal(html.match(/<script/g).length, 1);
assert.ok(!/ on\w+=|style=|<style|javascript:/.test(html), "the page has inline script or style");
assert.ok(!html.includes("frame-ancestors"));

const browser = await chromium.launch({
  executablePath: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/opt/homebrew/bin/chromium"].find(existsSync),
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

async function open(origin, name, { proxy, theme = "light", width = 1200 }) {
  const context = await browser.newContext({ colorScheme: theme, viewport: { width, height: 900 } });
  const tab = await context.newPage();
  const foreign = [];
  const said = [];
  tab.on("request", (request) => {
    const sent = JSON.stringify([request.url(), request.headers(), request.postData()]);
    if (!request.url().startsWith(`${origin}/`) || sent.includes(SESSION)) foreign.push(sent);
  });
  tab.on("console", (message) => said.push(message.text()));
  tab.on("pageerror", (error) => said.push(String(error)));
  if (proxy) {
    await tab.addInitScript((session) => {
      window.proxyCalls = [];
      window.smxProxy = {
        sendRequest(...call) {
          window.proxyCalls.push(call);
          setTimeout(() => window[call[2]]({ "management-server-api": { sid: session, url: "https://192.0.2.1/web_api" }, event: { objects: [] } }), 0);
        },
      };
    }, SESSION);
  }
  await tab.goto(`${origin}/`);
  await tab.waitForFunction(() => document.getElementById("state").hidden || document.getElementById("state").className === "failed");
  await tab.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  return { tab, foreign, said };
}

const text = (tab, selector) => tab.textContent(selector);
const list = async () => {
  const all = [];
  for (let cursor; ; ) {
    const page = await (await rows(cursor)).json();
    all.push(...page.items);
    if (!(cursor = page.next)) return all;
  }
};

try {
  const expected = await list();
  const behind = expected.filter((row) => row.kind === "technique" && row.peer_status === "released" && row.difference < 0);
  const tactics = expected.filter((row) => row.kind === "tactic");
  const overall = expected.find((row) => row.kind === "summary");

  const inside = await open(served, "checkpoint", { proxy: true });
  assert.deepEqual(await inside.tab.evaluate(() => window.proxyCalls), [["get-context", null, "peerbenchContext"]]);
  assert.equal(await inside.tab.getAttribute("html", "data-console"), "smartconsole");
  assert.ok(await inside.tab.isHidden("#outside"));
  assert.ok((await text(inside.tab, "#headline")).includes(`${overall.own}%`));
  assert.equal(await inside.tab.locator("#tactics tbody tr").count(), tactics.length);
  assert.equal(await inside.tab.locator("#gaps tbody tr").count(), Math.min(behind.length, 40));
  const furthest = Math.min(...behind.map((row) => row.difference));
  assert.equal(await text(inside.tab, "#gaps tbody tr:first-child td:nth-child(5)"), `−${-furthest}`);
  assert.deepEqual([inside.foreign, inside.said], [[], []]);

  const outside = await open(served, "checkpoint-outside", { proxy: false, theme: "dark", width: 400 });
  assert.ok(await outside.tab.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), "the page is wider than its window");
  assert.ok((await text(outside.tab, "#outside")).includes("extension.json") && (await outside.tab.isVisible("#outside")));
  assert.equal(await outside.tab.locator("#tactics tbody tr").count(), tactics.length);
  assert.deepEqual([outside.foreign, outside.said], [[], []]);

  const problem = { title: "Unauthorized", detail: "the client has expired" };
  const type = { "content-type": "application/problem+json" };
  for (const [answered, words] of [
    [() => new Response(JSON.stringify(problem), { status: 502, headers: type }), "status 502 (Unauthorized: the client has expired)"],
    [() => new Response("<html>", { status: 503, headers: type }), "status 503"],
    [() => new Response('{"items":[]}', { headers: type }), "the server has no rows"],
    [() => new Response('{"rows":[]}', { headers: type }), "no list of rows"],
  ]) {
    answer = answered;
    const failed = await open(made, "checkpoint-failed", { proxy: true });
    assert.ok((await text(failed.tab, "#state")).includes(words), await text(failed.tab, "#state"));
    assert.ok(await failed.tab.isHidden("#comparison"));
  }
  // Two pages of rows, and a hostile name, which stays text.
  const hostile = { ...overall, kind: "tactic", name: "<img src=x onerror=alert(1)>" };
  const pages = { null: { items: [overall], next: "second page" }, "second page": { items: [hostile] } };
  answer = (cursor) => new Response(JSON.stringify(pages[cursor]), { headers: type });
  asked.length = 0;
  const shown = await open(made, "checkpoint-hostile", { proxy: true });
  assert.equal(await text(shown.tab, "#tactics tbody td"), hostile.name);
  assert.deepEqual([asked, shown.said], [[null, "second page"], []]);
  console.log(`ok ${tactics.length} tactics, ${behind.length} gaps`);
} finally {
  await browser.close();
  server.close();
}
