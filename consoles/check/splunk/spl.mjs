// The few commands of SPL that the view uses, on rows: inputlookup, where, eval, sort, table, rename.

const FUNCTIONS = {
  tonumber: (value) => (value === undefined || value === null ? null : Number(value)),
  substr: (value, from, length) => (value ?? "").slice(from - 1, from - 1 + length),
  like: (value, pattern) => new RegExp(`^${pattern.split("%").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`).test(value ?? ""),
};

// Makes a function of an expression: names are fields, AND and OR and = are Splunk's.
function expression(text) {
  const parts = text.match(/"[^"]*"|[A-Za-z_][A-Za-z0-9_]*|[<>!=]+|-?\d+|[(),]/g);
  const translated = parts.map((part) => {
    if (part === "AND") return "&&";
    if (part === "OR") return "||";
    if (part === "=") return "==";
    if (Object.hasOwn(FUNCTIONS, part)) return `functions.${part}`;
    return /^[A-Za-z_]/.test(part) ? `row[${JSON.stringify(part)}]` : part;
  });
  const made = new Function("row", "functions", `return (${translated.join(" ")});`);
  return (row) => made(row, FUNCTIONS);
}

function sorted(rows, names) {
  const keys = names.map((name) => name.match(/^num\((\w+)\)$/)?.[1] ?? name);
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a ?? "").localeCompare(String(b ?? "")));
  return [...rows].sort((a, b) => keys.reduce((order, key) => order || compare(a[key], b[key]), 0));
}

const COMMANDS = {
  inputlookup: (rows) => rows,
  where(rows, rest) {
    const holds = expression(rest);
    return rows.filter((row) => holds(row));
  },
  eval(rows, rest) {
    const set = rest.split(/,\s*(?=\w+=)/).map((part) => part.split(/=(.*)/s)).map(([name, of]) => [name.trim(), expression(of)]);
    return rows.map((row) => ({ ...row, ...Object.fromEntries(set.map(([name, of]) => [name, of(row)])) }));
  },
  sort: (rows, rest) => sorted(rows, rest.split(/\s+/).filter((name) => name !== "0")),
  table: (rows, rest) => rows.map((row) => Object.fromEntries(rest.split(/\s+/).map((name) => [name, row[name]]))),
  rename(rows, rest) {
    const names = Object.fromEntries([...rest.matchAll(/(\w+) AS (?:"([^"]*)"|(\w+))/g)].map((found) => [found[1], found[2] ?? found[3]]));
    return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [names[name] ?? name, value])));
  },
};

export function spl(query, rows) {
  const stages = query.split("|").map((stage) => stage.trim()).filter(Boolean);
  return stages.reduce((found, stage) => {
    const [, verb, rest] = stage.match(/^(\w+)\s*(.*)$/s);
    return COMMANDS[verb](found, rest);
  }, rows);
}
