"""Checks the dashboards of Cortex, Sumo Logic, Grafana and Splunk for what their vendors' importers ask, and every query for
columns that rows don't have. Each rule is shown to fail on a spoilt copy.
"""

import copy
import json
import pathlib
import re
import xml.etree.ElementTree as ElementTree

CONSOLES = pathlib.Path(__file__).parents[2] / "consoles"
ROW = json.loads((pathlib.Path(__file__).parents[2] / "openapi" / "openapi.json").read_text(encoding="utf-8"))
COLUMNS = set(ROW["components"]["schemas"]["ConsoleRow"]["properties"])
PLACE = "https://peerbench.example.org"


def read(path):
    return json.loads((CONSOLES / path).read_text(encoding="utf-8"))


def need(fact, said):
    if not fact:
        raise AssertionError(said)


def unique(values, said):
    values = list(values)
    need(len(values) == len(set(values)), f"{said}: {values}")


def known(names, said):
    unknown = set(names) - COLUMNS
    need(not unknown, f"{said}: rows have no {sorted(unknown)}")


# Cortex: the rules of demisto-sdk for XSIAM dashboards and packs, restated.


def xql_columns(phrase):
    stages = [stage.strip() for stage in phrase.split("|")]
    need(stages[0] == "dataset = peerbench_comparison", stages[0])
    for stage in stages[1:]:
        verb, _, rest = stage.partition(" ")
        if verb == "fields":
            yield from (name.strip() for name in rest.split(","))
        elif verb == "sort":
            need(rest.split(" ")[0] in ("asc", "desc"), stage)
            yield rest.split(" ")[1]
        elif verb == "filter":
            bare = re.sub(r'"[^"]*"', "", rest)
            yield from (name for name in re.findall(r"[a-z_][a-z0-9_]*", bare) if name not in ("and", "or", "in"))
        else:
            raise AssertionError(f"an unknown stage: {stage}")


def cortex(document):
    allowed = {"dashboards_data", "widgets_data", "fromVersion"}
    need(set(document) == allowed, f"only {allowed} may stand at the top")
    need(re.fullmatch(r"\d+\.\d+\.\d+", document["fromVersion"]), "fromVersion is no version")
    (dashboard,) = document["dashboards_data"]
    for name in ("global_id", "name", "description", "status", "layout", "metadata"):
        need(name in dashboard, f"the dashboard has no {name}")
    need(dashboard["status"] == "ENABLED", "the dashboard is not enabled")
    need(isinstance(dashboard.get("default_dashboard_id"), int), "default_dashboard_id is no number")
    need(re.fullmatch(r"[0-9a-f]{32}", dashboard["global_id"]), "global_id is no id")
    widgets = {widget["widget_key"]: widget for widget in document["widgets_data"]}
    unique((widget["widget_key"] for widget in document["widgets_data"]), "widgets of one key")
    unique((row["id"] for row in dashboard["layout"]), "rows of one id")
    cells = [cell for row in dashboard["layout"] for cell in row["data"]]
    unique((cell["key"] for cell in cells), "a widget stands twice")
    need({cell["key"] for cell in cells} == set(widgets), "the layout and the widgets differ")
    for row in dashboard["layout"]:
        need(abs(sum(cell["data"]["width"] for cell in row["data"]) - 100) < 0.01, f"{row['id']} isn't 100 wide")
    for cell in cells:
        widget = widgets[cell["key"]]
        for name in ("title", "creation_time", "description", "data", "support_time_range", "additional_info"):
            need(name in widget, f"{cell['key']} has no {name}")
        need(cell["data"]["phrase"] == widget["data"]["phrase"], f"{cell['key']} has two queries")
        need(widget["additional_info"]["query_tables"] == ["peerbench_comparison"], f"{cell['key']} names other tables")
        known(xql_columns(widget["data"]["phrase"]), cell["key"])


def cortex_pack():
    pack = CONSOLES / "cortex" / "Packs" / "Peerbench"
    metadata = json.loads((pack / "pack_metadata.json").read_text(encoding="utf-8"))
    needed = ("name", "description", "support", "currentVersion", "author", "categories", "tags", "useCases", "keywords")
    for name in needed:
        need(name in metadata, f"pack_metadata.json has no {name}")
    need(metadata["marketplaces"] == ["marketplacev2", "platform"] and metadata["support"] == "community", "the pack's market")
    need(metadata["supportedModules"] == ["xsiam"], "the pack's modules")
    need(re.fullmatch(r"\d+\.\d+\.\d+", metadata["currentVersion"]), "currentVersion is no version")
    for name in ("README.md", ".pack-ignore", ".secrets-ignore"):
        need((pack / name).is_file(), f"the pack has no {name}")
    for path in (pack / "XSIAMDashboards").glob("*.json"):
        need(path.name.startswith(f"{pack.name}_"), f"{path.name} doesn't begin with the pack's name")
        cortex(json.loads(path.read_text(encoding="utf-8")))
    return json.loads((pack / "XSIAMDashboards" / "Peerbench_Comparison.json").read_text(encoding="utf-8"))


# Sumo Logic


def sumo_columns(query):
    stages = [stage.strip() for stage in query.split("\n| ")]
    need(stages[0] == "_sourceCategory=peerbench/comparison", stages[0])
    for stage in stages[1:]:
        verb = stage.split(" ")[0]
        if verb == "json":
            yield from re.findall(r'"(\w+)"', stage)
        elif verb == "where":
            bare = re.sub(r'"[^"]*"', "", stage.removeprefix("where "))
            yield from (name for name in re.findall(r"[a-z_][a-z0-9_]*", bare) if name not in ("and", "or", "in", "num"))
        elif verb == "fields":
            yield from (name.strip() for name in stage.removeprefix("fields ").split(","))
        elif verb == "sort":
            yield from (part.split()[0] for part in stage.removeprefix("sort by ").split(","))
        else:
            need(stage in ("_raw as row", "withtime row", "most_recent(row_withtime) as row by row_key"), stage)


def sumo(document):
    need(document["type"] == "DashboardV2SyncDefinition", "the type")
    need(document["refreshInterval"] in (0, 30, 60, 120, 300, 900), "refreshInterval is none that Sumo Logic knows")
    need(document["theme"] in ("Light", "Dark"), "the theme")
    keys = [panel["key"] for panel in document["panels"]]
    unique(keys, "panels of one key")
    unique((panel["id"] for panel in document["panels"]), "panels of one id")
    structures = document["layout"]["layoutStructures"]
    need(sorted(keys) == sorted(one["key"] for one in structures), "the layout and the panels differ")
    taken = set()
    for one in structures:
        place = json.loads(one["structure"])
        need(place["x"] >= 0 and place["x"] + place["width"] <= 24, f"{one['key']} is outside of the grid")
        cells = {(x, y) for x in range(place["x"], place["x"] + place["width"]) for y in range(place["y"], place["y"] + place["height"])}
        need(not cells & taken, f"{one['key']} lies on another panel")
        taken |= cells
    for panel in document["panels"]:
        json.loads(panel["visualSettings"])
        (query,) = panel["queries"]
        need(query["queryType"] == "Logs" and query["queryKey"] == "A", panel["key"])
        known(sumo_columns(query["queryString"]), panel["key"])


# Grafana


def grafana(document):
    unique((panel["id"] for panel in document["panels"]), "panels of one id")
    variables = {one["name"] for one in document["templating"]["list"]}
    for panel in document["panels"]:
        place = panel["gridPos"]
        need(place["x"] + place["w"] <= 24, f"{panel['title']} is outside of the grid")
        (target,) = panel["targets"]
        need(target["url"] == f"{PLACE}/v1/console/rows" and target["root_selector"] == "items", panel["title"])
        need(target["parser"] == "backend" and target["url_options"]["method"] == "GET", panel["title"])
        known((column["selector"] for column in target["columns"]), panel["title"])
        used = set(re.findall(r"\$\{(\w+)\}", json.dumps(panel)))
        need(used <= variables, f"{panel['title']} uses {used - variables}")
        for name in re.findall(r"[A-Z]\w+", re.sub(r"'[^']*'", "", target.get("filterExpression", ""))):
            need(name in {column["text"] for column in target["columns"]}, f"{panel['title']} filters by {name}")


# Splunk: what the vendor's programs don't look at.


def splunk(definition):
    sources, shown, inputs = definition["dataSources"], definition["visualizations"], definition["inputs"]
    placed = [one["item"] for one in definition["layout"]["structure"]]
    unique(placed, "a visualization stands twice")
    need(set(placed) == set(shown), "the layout and the visualizations differ")
    need(definition["layout"]["globalInputs"] == list(inputs), "the inputs differ")
    width = definition["layout"]["options"]["width"]
    for one in definition["layout"]["structure"]:
        need(one["position"]["x"] + one["position"]["w"] <= width, f"{one['item']} is outside of the canvas")
    for name, one in [*shown.items(), *inputs.items()]:
        for source in one.get("dataSources", {}).values():
            need(source in sources, f"{name} reads {source}")
    tokens = {one["options"]["token"] for one in inputs.values()}
    for name, source in sources.items():
        query = source["options"]["query"]
        need(source["options"].get("extend", name) in sources, f"{name} extends nothing")
        need(set(re.findall(r"\$(\w+)\$", query)) <= tokens, f"{name} uses an unknown token")
        known(spl_columns(query), name)


SPL_WORDS = {"AND", "OR", "tonumber", "like", "num", "isnull", "substr", "tactics"}


def spl_columns(query):
    """Names of columns in the few commands that the views use."""
    made = set()
    for stage in (stage.strip() for stage in query.split("| ") if stage.strip()):
        verb, _, rest = stage.partition(" ")
        bare = re.sub(r'"[^"]*"', "", rest)
        if verb == "inputlookup":
            need(rest.strip() == "peerbench_comparison", stage)
        elif verb == "eval":
            for part in re.split(r",\s*(?=\w+=)", bare):
                name, _, of = part.partition("=")
                made.add(name.strip())
                yield from (word for word in re.findall(r"[a-z_][a-z0-9_]*", of) if word not in SPL_WORDS)
        elif verb == "rename":
            yield from (part.split(" AS ")[0].strip() for part in bare.split(","))
        elif verb in ("where", "sort", "table"):
            words = re.findall(r"[A-Za-z_][A-Za-z0-9_]*", bare)
            yield from (word for word in words if word not in SPL_WORDS | made)
        else:
            raise AssertionError(f"an unknown command: {stage}")


def studio(name):
    view = ElementTree.parse(CONSOLES / "splunk/peerbench/default/data/ui/views" / name).getroot()
    return json.loads(view.findtext("definition"))


def splunk_files():
    app = CONSOLES / "splunk" / "peerbench"
    header = (app / "lookups" / "peerbench_comparison.csv").read_text(encoding="utf-8").strip().split(",")
    need(set(header) == COLUMNS and len(header) == len(COLUMNS), f"the lookup's columns: {set(header) ^ COLUMNS}")
    searches = (app / "default" / "savedsearches.conf").read_text(encoding="utf-8")
    written = re.search(r"\| table (.*) \| outputlookup peerbench_comparison", searches)[1].split()
    need(written == header, "the saved search writes other columns than the lookup has")
    need("disabled = 1" in searches, "the saved search is on by default")
    classic = ElementTree.parse(app / "default/data/ui/views/peerbench_classic.xml")
    for query in classic.iter("query"):
        known(spl_columns(query.text), "peerbench_classic.xml")


def instructions():
    """Every folder tells how to install, what is needed, what leaves, how to undo, and what is proved how."""
    folders = sorted(path.parent for path in CONSOLES.glob("*/README.md") if path.parent.name != "check")
    need([folder.name for folder in folders] == ["checkpoint", "cortex", "grafana", "sentinel", "splunk", "sumo"], folders)
    overview = (CONSOLES.parent / "docs" / "consoles.md").read_text(encoding="utf-8")
    for folder in folders:
        text = (folder / "README.md").read_text(encoding="utf-8")
        for heading in ("Install (ten minutes)", "Rights", "What leaves", "Undo", "What is proved, and how"):
            need(f"\n## {heading}\n" in text, f"{folder.name}/README.md has no section '{heading}'")
        proofs = ("Proved by the vendor's own code", "Proved by a stub written from the vendor's document", "Never seen in the console")
        for proof in proofs:
            need(f"\n| **{proof}** | " in text, f"{folder.name}/README.md doesn't say what is {proof.lower()}")
        need(f"(../consoles/{folder.name})" in overview, f"docs/consoles.md doesn't name {folder.name}")


def refused(check, document, spoil):
    spoilt = copy.deepcopy(document)
    spoil(spoilt)
    try:
        check(spoilt)
    except (AssertionError, KeyError, ValueError):
        return
    raise AssertionError(f"{check.__name__} accepts a spoilt document")


def main():
    dashboard = cortex_pack()
    refused(cortex, dashboard, lambda d: d["dashboards_data"][0]["layout"].pop())
    refused(cortex, dashboard, lambda d: d["widgets_data"][0].pop("support_time_range"))
    refused(cortex, dashboard, lambda d: d.update(unknown=1))
    refused(xql_columns_of, dashboard, lambda d: d["widgets_data"][0]["data"].update(phrase="dataset = peerbench_comparison | fields onw"))
    board = read("sumo/dashboard.json")
    sumo(board)
    refused(sumo, board, lambda d: d["panels"][0].update(key="other"))
    refused(sumo, board, lambda d: d["panels"][0].update(visualSettings="{"))
    refused(sumo, board, lambda d: d.update(refreshInterval=5))
    refused(sumo, board, lambda d: d["layout"]["layoutStructures"][1].update(structure=d["layout"]["layoutStructures"][0]["structure"]))
    grid = read("grafana/dashboard.json")
    grafana(grid)
    refused(grafana, grid, lambda d: d["panels"][0]["targets"][0]["columns"][0].update(selector="onw"))
    refused(grafana, grid, lambda d: d["templating"]["list"].pop())
    view = studio("peerbench.xml")
    splunk(view)
    splunk_files()
    refused(splunk, view, lambda d: d["visualizations"].pop("viz_gaps"))
    refused(splunk, view, lambda d: d["dataSources"]["ds_gaps"]["options"].update(query="| where difrence<0"))
    refused(splunk, view, lambda d: d["dataSources"]["ds_gaps"]["options"].update(extend="ds_none"))
    manifest = read("checkpoint/extension.json")
    need(manifest["locations"][0]["ui-element"]["action"]["url"] == f"{PLACE}/", "the address in the manifest")
    need("permissions" not in json.dumps(manifest), "the extension asks for permissions")
    instructions()
    print("ok dashboards")


def xql_columns_of(document):
    for widget in document["widgets_data"]:
        known(xql_columns(widget["data"]["phrase"]), widget["widget_key"])


main()
