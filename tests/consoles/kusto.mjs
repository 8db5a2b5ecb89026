// Parses every Kusto query of the Sentinel artefacts with Microsoft's own parser, with our table as the schema, and compares
// the columns that the transformation answers with the table's.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

const require = createRequire(join(process.cwd(), "package.json"));
const consoles = join(dirname(fileURLToPath(import.meta.url)), "../../consoles/sentinel");
const library = readFileSync(require.resolve("@kusto/language-service-next/Kusto.Language.Bridge.min.js"), "utf8");
const bridge = readFileSync(require.resolve("@kusto/language-service-next/bridge.min.js"), "utf8");
vm.runInThisContext(bridge);
vm.runInThisContext(library);
const { Kusto } = globalThis;
const { Symbols, KustoCode, GlobalState } = Kusto.Language;

const template = JSON.parse(readFileSync(join(consoles, "azuredeploy.json"), "utf8"));
const resource = (kind) => template.resources.find((one) => one.type.endsWith(kind)).properties;
const rule = resource("dataCollectionRules");
const table = resource("/tables").schema;
const stream = Object.values(rule.streamDeclarations)[0];

const types = { string: "String", int: "Int", long: "Long", real: "Real", boolean: "Bool", datetime: "DateTime", dynamic: "Dynamic" };
const columns = (list) => list.map((column) => new Symbols.ColumnSymbol(column.name, Symbols.ScalarTypes[types[column.type]]));
const asTable = (name, list) => new Symbols.TableSymbol.$ctor4(name, columns(list));
const database = (...tables) => GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.$ctor2("workspace", null, tables));

function parsed(query, globals) {
  const code = KustoCode.ParseAndAnalyze(query, globals);
  const found = code.GetDiagnostics();
  const problems = [];
  for (let at = 0; at < found.Count; at += 1) problems.push(found.getItem(at).Message);
  return { problems, code };
}

function queries() {
  const workbook = JSON.parse(resource("workbooks").serializedData);
  const definition = resource("dataConnectorDefinitions").connectorUiConfig;
  return [
    ...workbook.items.filter((item) => item.type === 3).map((item) => item.content.query),
    ...definition.sampleQueries.map((one) => one.query),
    ...definition.graphQueries.map((one) => one.baseQuery),
    ...definition.dataTypes.map((one) => one.lastDataReceivedQuery),
  ];
}

const workspace = database(asTable(table.name, table.columns));
const all = queries();
for (const query of all) {
  const { problems } = parsed(query, workspace);
  if (problems.length) throw new Error(`${query}\n${problems.join("\n")}`);
}
if (all.length < 8) throw new Error(`only ${all.length} queries were found`);

const flow = rule.dataFlows[0];
const incoming = database(asTable("source", stream.columns));
const { problems, code } = parsed(flow.transformKql, incoming);
if (problems.length) throw new Error(problems.join("\n"));
const answered = [];
for (let at = 0; at < code.ResultType.Columns.Count; at += 1) {
  const column = code.ResultType.Columns.getItem(at);
  answered.push(`${column.Name}:${column.Type.Name}`);
}
const wanted = table.columns.map((column) => `${column.name}:${column.type}`);
if (answered.join() !== wanted.join()) throw new Error(`the transformation answers ${answered}, the table has ${wanted}`);

// Each rule is shown to fail.
for (const wrong of [
  `${table.name} | where Knid == "technique"`,
  `PeerbenchComparision_CL | take 1`,
  `${table.name} | summarise count()`,
  `${table.name} | where Difference < "x"`,
  `${table.name} | extend a = arg_mx(Own)`,
]) {
  if (parsed(wrong, workspace).problems.length === 0) throw new Error(`the parser let this pass: ${wrong}`);
}
console.log(`ok ${all.length} queries, ${answered.length} columns of the transformation`);
