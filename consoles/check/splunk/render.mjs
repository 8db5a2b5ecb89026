// Checks the shipped Dashboard Studio view against the schema of Splunk's preset, and lets Splunk's own components draw it in
// Chromium with made-up rows. The searches are worked out here, because no SPL engine can be had; the view is the shipped one.
//
//   node render.mjs PICTURE
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { spl } from "./spl.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const project = join(here, "../../..");
const require = createRequire(join(process.cwd(), "package.json"));
const esbuild = require("esbuild");
const { chromium } = require("playwright-core");
const Ajv = require("ajv");

// Text of the last table of the view.
const LAST = "Technologies and families";
const SPOILS = {
  "type of a visualization": (view) => (view.visualizations.viz_gaps.type = "splunk.tabel"),
  "option": (view) => (view.visualizations.viz_own.options.majorFontSize = "large"),
  "data source": (view) => (view.dataSources.ds_rows.type = "ds.serach"),
  "layout": (view) => delete view.layout.layoutDefinitions,
};

const view = readFileSync(join(project, "consoles/splunk/peerbench/default/data/ui/views/peerbench.xml"), "utf8");
const definition = JSON.parse(view.match(/<definition><!\[CDATA\[([^]*)\]\]><\/definition>/)[1]);
const rows = JSON.parse(readFileSync(join(project, "tests/consoles/rows.json"), "utf8")).items;

function canned(name) {
  const source = definition.dataSources[name];
  const from = source.options.extend;
  const tokens = Object.values(definition.inputs).map(({ options }) => [`$${options.token}$`, options.defaultValue]);
  const query = tokens.reduce((text, [token, value]) => text.replaceAll(token, value), source.options.query);
  return spl(query, from ? canned(from) : rows);
}

// The layout as the schema has it, with tabs. The shipped one has none, so that versions before tabs open it too.
function tabbed({ type, options, structure, globalInputs }) {
  return { globalInputs, tabs: { items: [{ layoutId: "only" }] }, layoutDefinitions: { only: { type, options, structure } } };
}

function asData(list) {
  const fields = [...new Set(list.flatMap((row) => Object.keys(row)))];
  return { fields: fields.map((name) => ({ name })), columns: fields.map((name) => list.map((row) => row[name] ?? null)) };
}

const sources = Object.keys(definition.dataSources).map((name) => {
  const data = asData(canned(name));
  if (data.columns.length === 0) throw new Error(`${name} has no rows`);
  return [name, { type: "ds.test", name, options: { data, meta: {} } }];
});
const shown = { ...definition, dataSources: Object.fromEntries(sources) };

// The schema of the preset that Splunk Enterprise uses.
const schemaOfPreset = `
  import EnterprisePreset from "@splunk/dashboard-presets/EnterprisePreset";
  import { createSchemaBasedOnPresets } from "@splunk/dashboard-definition";
  window.schema = createSchemaBasedOnPresets(EnterprisePreset);
`;
const bundle = async (input) => {
  const common = { bundle: true, write: false, format: "iife", loader: { ".js": "jsx", ".woff": "dataurl", ".woff2": "dataurl", ".svg": "dataurl", ".png": "dataurl" } };
  const define = { "process.env.NODE_ENV": '"production"', global: "window" };
  const made = await esbuild.build({ ...common, define, logLevel: "error", minify: true, nodePaths: [join(process.cwd(), "node_modules")], outdir: "out", ...input });
  return made.outputFiles.find((file) => file.path.endsWith(".js")).text;
};
const drawing = await bundle({ entryPoints: [join(here, "view.jsx")] });
const checking = await bundle({ stdin: { contents: schemaOfPreset, resolveDir: process.cwd(), loader: "jsx" } });

const page = `<!doctype html><meta charset="utf-8"><title>view</title><div id="view"></div>
<script>window.definition=${JSON.stringify(shown).replaceAll("<", "\\u003c")}</script><script src="/script.js"></script>`;
const empty = '<!doctype html><meta charset="utf-8"><title>schema</title><script src="/schema.js"></script>';
const server = createServer((request, response) => {
  const files = { "/": ["text/html", page], "/schema": ["text/html", empty], "/script.js": ["text/javascript", drawing], "/schema.js": ["text/javascript", checking], "/favicon.ico": ["image/png", "-"] };
  const [type, body] = files[request.url] ?? ["text/plain", ""];
  response.writeHead(body ? 200 : 404, { "content-type": `${type}; charset=utf-8` }).end(body);
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const origin = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({
  executablePath: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/opt/homebrew/bin/chromium"].find(existsSync),
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  const tab = await browser.newPage({ viewport: { width: 1480, height: 1700 } });
  const said = [];
  tab.on("console", (message) => message.type() === "error" && said.push(message.text()));
  tab.on("pageerror", (error) => said.push(String(error)));

  await tab.goto(`${origin}/schema`);
  const schema = await tab.evaluate(() => window.schema);
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const valid = ajv.compile(schema);
  const opened = { ...definition, layout: tabbed(definition.layout) };
  assert.ok(valid(opened), `the view breaks Splunk's schema: ${ajv.errorsText(valid.errors)}`);
  for (const [part, spoil] of Object.entries(SPOILS)) {
    const spoilt = structuredClone(opened);
    spoil(spoilt);
    assert.ok(!valid(spoilt), `Splunk's schema accepts a view with a spoilt ${part}`);
  }

  await tab.goto(`${origin}/`);
  await tab.waitForFunction((last) => document.body.innerText.includes(last), LAST, { timeout: 60_000 });
  // Charts are drawn after the tables.
  await tab.waitForFunction(() => document.querySelectorAll("svg .highcharts-series rect, svg .highcharts-point").length > 0, null, { timeout: 60_000 });
  await tab.waitForTimeout(1_000);
  writeFileSync(process.argv[2], await tab.screenshot({ fullPage: true }));
  const text = await tab.evaluate(() => document.body.innerText);
  for (const { title } of Object.values(definition.visualizations)) assert.ok(!title || text.includes(title), `"${title}" isn't shown`);
  for (const name of Object.keys(definition.dataSources)) {
    const shows = Object.values(definition.visualizations).some((viz) => viz.type === "splunk.table" && viz.dataSources.primary === name);
    for (const row of shows ? canned(name) : []) {
      const first = String(row.Technique ?? row.Tactic ?? row.Name ?? row.Release);
      assert.ok(text.includes(first), `${name}: "${first}" isn't shown`);
    }
  }
  assert.deepEqual(said, []);
  console.log(`ok ${Object.keys(definition.visualizations).length} visualizations`);
} finally {
  await browser.close();
  server.close();
}
