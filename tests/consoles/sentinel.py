"""Polls a running service as the codeless connector of azuredeploy.json says, stores what the data collection rule makes of
it, and runs the workbook's queries on it.

PEERBENCH_CLIENT_URL, _ID and _SECRET name the running service. The simulator knows what Microsoft documents of polling: token,
window, paging, JSON path, declared columns, transformation. It reads the definition and nothing else.
"""

import datetime
import importlib.util
import json
import os
import pathlib
import re
import urllib.parse
import urllib.request

import duckdb_kql

SENTINEL = pathlib.Path(__file__).parents[2] / "consoles" / "sentinel"
ROWS = pathlib.Path(__file__).with_name("rows.json")
TEMPLATE = SENTINEL / "azuredeploy.json"
FORBIDDEN = {"id", "Title", "Type", "TenantId", "UniqueId", "_ResourceId", "_SubscriptionId", "_time", "_insert_time", "pkv", "mt"}
SQL_TYPES = {"string": "VARCHAR", "int": "INTEGER", "long": "BIGINT", "datetime": "TIMESTAMP"}


def assembled():
    """The template that the sources make."""
    spec = importlib.util.spec_from_file_location("assemble", SENTINEL / "assemble.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.assembled()


class Template:
    """A deployment template with values for its parameters."""

    def __init__(self, text, **values):
        self.document = json.loads(text)
        declared = self.document["parameters"]
        self.values = {name: declaration.get("defaultValue") for name, declaration in declared.items()} | values
        unknown = set(values) - set(declared)
        assert not unknown, unknown

    def resource(self, kind):
        (found,) = [one for one in self.document["resources"] if one["type"].endswith(kind)]
        return found

    def resolved(self, value):
        """A value with its expressions worked out, as far as a poller needs them: parameters and concat."""
        if isinstance(value, dict):
            return {name: self.resolved(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.resolved(one) for one in value]
        if not isinstance(value, str) or not value.startswith("["):
            return value
        text = re.sub(r"parameters\('(\w+)'\)", lambda found: repr(self.values[found[1]]), value[1:-1])
        parts = re.fullmatch(r"(?:concat\()?((?:'[^']*'(?:, )?)+)\)?", text)
        return "".join(re.findall(r"'([^']*)'", parts[1])) if parts else value


def checks_references():
    """Names, streams, columns and parameters that must agree."""
    text = TEMPLATE.read_text(encoding="utf-8")
    assert assembled() == text, "azuredeploy.json isn't what solution/ makes: run python3 consoles/sentinel/assemble.py"
    template = Template(text)
    for name in template.document["parameters"]:
        assert f"parameters('{name}')" in json.dumps(template.document["resources"]), f"the parameter {name} is not used"
    used = set(re.findall(r"parameters\('(\w+)'\)", text))
    assert used == set(template.document["parameters"]), used
    assert template.document["parameters"]["ClientSecret"]["type"] == "securestring"
    assert "defaultValue" not in template.document["parameters"]["ClientSecret"]

    table = template.resource("/tables")["properties"]["schema"]
    rule = template.resource("dataCollectionRules")
    definition = template.resource("dataConnectorDefinitions")
    poller = template.resource("dataConnectors")
    workbook = json.loads(template.resource("workbooks")["properties"]["serializedData"])
    assert rule["kind"] == "Direct" and definition["kind"] == "Customizable" and poller["kind"] == "RestApiPoller"
    ((stream, declared),) = rule["properties"]["streamDeclarations"].items()
    (flow,) = rule["properties"]["dataFlows"]
    assert flow["streams"] == [stream] and stream.startswith("Custom-") and flow["outputStream"] == f"Custom-{table['name']}"
    assert flow["destinations"] == [one["name"] for one in rule["properties"]["destinations"]["logAnalytics"]]
    assert poller["properties"]["dcrConfig"]["streamName"] == stream
    name = definition["properties"]["connectorUiConfig"]["id"]
    assert definition["name"].endswith(f"/{name}')]") and poller["properties"]["connectorDefinitionName"] == name
    assert poller["properties"]["dataType"] == table["name"] and table["name"].endswith("_CL")
    assert table["columns"][0] == {"name": "TimeGenerated", "type": "datetime"}
    for column in [*table["columns"], *declared["columns"]]:
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,44}", column["name"]) and column["name"] not in FORBIDDEN, column
    pascal = ["".join(part.capitalize() for part in column["name"].split("_")) for column in declared["columns"]]
    assert [column["name"] for column in table["columns"][1:]] == pascal
    assert [column["type"] for column in table["columns"][1:]] == [column["type"] for column in declared["columns"]]
    assert workbook["version"] == "Notebook/1.0" and len({item["name"] for item in workbook["items"]}) == len(workbook["items"])

    # The V3 sources are for Microsoft's packaging tool, which replaces {{…}}, and escape what is worked out on connecting.
    parts = SENTINEL / "solution/Data Connectors/PeerbenchComparison_ccf"
    source = (parts / "PeerbenchComparison_PollingConfig.json").read_text(encoding="utf-8")
    assert set(re.findall(r"\[?\[parameters\('\w+'\)\]", source)) == {"[[parameters('ClientId')]", "[[parameters('ClientSecret')]"}
    assert set(re.findall(r"\{\{(\w+)\}\}", source)) == {"location", "dataCollectionEndpoint", "dataCollectionRuleImmutableId"}
    solution = json.loads((SENTINEL / "solution/Data/Solution_Peerbench.json").read_text(encoding="utf-8"))
    for path in solution["Data Connectors"] + solution["Workbooks"] + [solution["Metadata"]]:
        assert (SENTINEL / "solution" / path).is_file(), path
    form = json.loads((parts / "PeerbenchComparison_ConnectorDefinition.json").read_text(encoding="utf-8"))
    steps = form["properties"]["connectorUiConfig"]["instructionSteps"]
    assert [one["type"] for step in steps for one in step["instructions"]] == ["OAuthForm"]


def at_path(document, path):
    """The values at a JSON path of the kind $.a.b."""
    assert re.fullmatch(r"\$(\.\w+)*", path), path
    for name in path.split(".")[1:]:
        document = document.get(name) if isinstance(document, dict) else None
    return document


class Poller:
    """The polling that a RestApiPoller's properties describe."""

    def __init__(self, properties):
        self.auth, self.request = properties["auth"], properties["request"]
        self.paging, self.response = properties["paging"], properties["response"]
        self.asked = []

    def token(self):
        assert self.auth["type"] == "OAuth2" and self.auth["GrantType"] == "client_credentials"
        fields = {"grant_type": self.auth["GrantType"], "client_id": self.auth["ClientId"]}
        fields |= {"client_secret": self.auth["ClientSecret"], "scope": self.auth["Scope"]}
        data = urllib.parse.urlencode(fields).encode()
        request = urllib.request.Request(self.auth["TokenEndpoint"], data, self.auth["TokenEndpointHeaders"])
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["access_token"]

    def time(self, moment):
        assert self.request["queryTimeFormat"] == "yyyy-MM-ddTHH:mm:ssZ"
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def poll(self, since=None, page_size=None):
        """The events from a moment on; the first poll starts at the initial checkpoint."""
        start = self.time(since) if since else self.request["initialCheckpointTimeUtc"]
        query = {**self.request["queryParameters"], self.request["startTimeAttributeName"]: start}
        query[self.paging["pageSizeParaName"]] = str(page_size or self.paging["pageSize"])
        headers = {**self.request["headers"], "Authorization": f"Bearer {self.token()}"}
        events, self.asked = [], []
        while True:
            url = f"{self.request['apiEndpoint']}?{urllib.parse.urlencode(query)}"
            self.asked.append(url)
            assert self.request["httpMethod"] == "GET" and self.response["format"] == "json"
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
                page = json.load(answer)
            for path in self.response["eventsJsonPaths"]:
                events.extend(at_path(page, path))
            assert self.paging["pagingType"] == "NextPageToken"
            following = at_path(page, self.paging["nextPageTokenJsonPath"])
            if following is None:
                return events
            query[self.paging["nextPageParaName"]] = following


def stored(rule, table, batches):
    """A database with the table that the rule makes of one batch of events after the other."""
    (stream,) = rule["streamDeclarations"].values()
    (flow,) = rule["dataFlows"]
    columns = {column["name"]: column["type"] for column in stream["columns"]}
    unknown = {name for events in batches for event in events for name in event} - set(columns)
    assert not unknown, f"the stream doesn't declare {unknown}, so they would be dropped silently"
    database = duckdb_kql.connect()
    declared = ", ".join(f'"{name}" {SQL_TYPES[kind]}' for name, kind in columns.items())
    database.execute(f"CREATE TABLE source ({declared})")
    made = duckdb_kql.to_sql(flow["transformKql"])
    database.execute(f'CREATE TABLE "{table["name"]}" AS {made}')
    for events in batches:
        rows = [[event.get(name) for name in columns] for event in events]
        database.execute("DELETE FROM source")
        database.executemany(f"INSERT INTO source VALUES ({', '.join('?' * len(columns))})", rows)
        database.execute(f'INSERT INTO "{table["name"]}" {made}')
    described = {name: kind for name, kind, *_ in database.execute(f'DESCRIBE "{table["name"]}"').fetchall()}
    assert list(described) == [column["name"] for column in table["columns"]], described
    return database


def answers(database, kql):
    found = duckdb_kql.kql(database, kql)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def shows(template, *batches):
    """Runs the workbook's queries on what was stored batch by batch, and returns their answers by name."""
    rule = template.resource("dataCollectionRules")["properties"]
    table = template.resource("/tables")["properties"]["schema"]
    database = stored(rule, table, batches)
    workbook = json.loads(template.resource("workbooks")["properties"]["serializedData"])
    return {item["name"]: answers(database, item["content"]["query"]) for item in workbook["items"] if item["type"] == 3}


def checks_workbook_on_made_up_rows():
    rows = json.loads(ROWS.read_text(encoding="utf-8"))["items"]
    # An earlier release of the same key, which the workbook must not show.
    earlier = [{**row, "release": row["release"] - 1, "own": 1} for row in rows if "own" in row]
    shown = shows(Template(TEMPLATE.read_text(encoding="utf-8")), earlier, rows)
    assert [(row["Own"], row["P50"], row["Difference"]) for row in shown["overall"]] == [(25, 35, -10)], shown["overall"]
    assert len(shown["tactics"]) == 7 and shown["tactics"] == sorted(shown["tactics"], key=lambda row: row["Name"])
    gaps = [(row["Difference"], row["Item"]) for row in shown["gaps"]]
    assert gaps == sorted(gaps) and len(gaps) == 5, gaps
    assert {row["Coverage"]: row["Techniques"] for row in shown["by_tactic"]} == {"most": 3, "half": 2}, shown["by_tactic"]
    assert [row["Name"] for row in shown["technologies"]] == ["Identity", "Microsoft Windows"], shown["technologies"]


def polls_the_service():
    url, client, secret = (os.environ[f"PEERBENCH_CLIENT_{name}"] for name in ("URL", "ID", "SECRET"))
    template = Template(TEMPLATE.read_text(encoding="utf-8"), serviceUrl=url, ClientId=client, ClientSecret=secret)
    poller = Poller(template.resolved(template.resource("dataConnectors")["properties"]))
    events = poller.poll()
    assert len(events) > 100 and len(poller.asked) == 1, (len(events), poller.asked)
    paged = poller.poll(page_size=50)
    assert len(poller.asked) > 3 and [row["row_key"] for row in paged] == [row["row_key"] for row in events]
    # A release counts for 65 minutes after its publication, so that no window misses it.
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=70)
    assert poller.poll(since=later) == [], "a poll without news stores rows"

    # Polled twice, as after a failure: the same numbers are shown.
    shown, doubled = shows(template, events), shows(template, events, events)
    assert shown == doubled
    own = {row["item"]: row for row in events}
    (overall,) = shown["overall"]
    assert overall["Own"] == own["overall"]["own"] and overall["P50"] == own["overall"]["p50"], overall
    behind = [row for row in events if row["kind"] == "technique" and row["peer_status"] == "released"]
    behind = [row for row in behind if row["own_status"] == "assessed" and row.get("difference", 0) < 0]
    assert {row["Item"] for row in shown["gaps"]} == {row["item"] for row in behind}
    for row in shown["gaps"]:
        row_of = own[row["Item"]]
        assert (row["Own"], row["P25"], row["P50"], row["P75"]) == tuple(row_of.get(name) for name in ("own", "p25", "p50", "p75"))
    print(f"ok {len(events)} rows polled, {len(shown['gaps'])} gaps shown")


for case in (checks_references, checks_workbook_on_made_up_rows, polls_the_service):
    case()
    print(f"ok {case.__name__}")
