"""Writes azuredeploy.json from the sources in solution/, which are the same parts in the form of Sentinel's packaging tool.

A plain template deploys them itself: the secret is a parameter of the deployment, and the rule is of the kind Direct, which
has an endpoint of its own.

    python3 consoles/sentinel/assemble.py
"""

import json
import pathlib

HERE = pathlib.Path(__file__).parent
PARTS = HERE / "solution" / "Data Connectors" / "PeerbenchComparison_ccf"
WORKSPACE = "resourceId('Microsoft.OperationalInsights/workspaces', parameters('workspace'))"
PROVIDERS = "Microsoft.OperationalInsights/workspaces/providers"
CONNECTED = (
    "This connector was deployed from a template together with its connection. To change the secret, deploy the template "
    "again. To disconnect, delete the data connector PeerbenchComparisonPoller of this workspace through the API or the CLI."
)


def source(name):
    parts = json.loads((PARTS / f"PeerbenchComparison_{name}.json").read_text(encoding="utf-8"))
    return parts[0] if isinstance(parts, list) else parts


def text(description, **more):
    return {"type": "string", **more, "metadata": {"description": description}}


def parameters(poller):
    request, auth = poller["properties"]["request"], poller["properties"]["auth"]
    service = auth["TokenEndpoint"].removesuffix("/oauth/token")
    assert request["apiEndpoint"] == service + "/v1/console/rows"
    return {
        "workspace": text("Name of the Log Analytics workspace that Microsoft Sentinel runs on", minLength=1),
        "location": text("Region of the workspace", defaultValue="[resourceGroup().location]"),
        "serviceUrl": text("Address of the peerbench service, without a slash at the end", defaultValue=service),
        "cohort": text("Peer group to compare with", defaultValue=request["queryParameters"]["cohort"]),
        "ClientId": text("ID of a peerbench client with the scope comparisons:read and no other", minLength=1),
        "ClientSecret": {
            "type": "securestring",
            "minLength": 1,
            "metadata": {"description": "Secret of that client"},
        },
    }


def scoped(part, kind, depends):
    """A resource of Microsoft Sentinel, which hangs on the workspace."""
    return {
        "type": f"{PROVIDERS}/{kind}",
        "apiVersion": part["apiVersion"],
        "name": f"[concat(parameters('workspace'), '/Microsoft.SecurityInsights/{part['name']}')]",
        "location": "[parameters('location')]",
        "kind": part["kind"],
        "dependsOn": depends,
        "properties": part["properties"],
    }


def template():
    table, rule, definition, poller = map(source, ("Table", "DCR", "ConnectorDefinition", "PollingConfig"))
    workbook = json.loads((HERE / "solution/Workbooks/PeerbenchComparison.json").read_text(encoding="utf-8"))
    declared = parameters(poller)
    table_id = f"[resourceId('{table['type']}', parameters('workspace'), '{table['name']}')]"
    rule_id = f"resourceId('{rule['type']}', '{rule['name']}')"

    table = {**table, "name": f"[concat(parameters('workspace'), '/{table['name']}')]"}

    del rule["properties"]["dataCollectionEndpointId"]
    rule["properties"]["destinations"]["logAnalytics"][0]["workspaceResourceId"] = f"[{WORKSPACE}]"
    rule = {**rule, "location": "[parameters('location')]", "kind": "Direct", "dependsOn": [table_id]}

    steps = [{"title": "Connected by the template", "description": CONNECTED}]
    definition["properties"]["connectorUiConfig"]["instructionSteps"] = steps
    definition_name = definition["name"]
    definition = scoped(definition, "dataConnectorDefinitions", [])

    properties = poller["properties"]
    rule_now = f"reference({rule_id}, '{rule['apiVersion']}')"
    properties["dcrConfig"]["dataCollectionEndpoint"] = f"[{rule_now}.endpoints.logsIngestion]"
    properties["dcrConfig"]["dataCollectionRuleImmutableId"] = f"[{rule_now}.immutableId]"
    for name in ("ClientId", "ClientSecret"):
        properties["auth"][name] = f"[parameters('{name}')]"
    properties["auth"]["TokenEndpoint"] = "[concat(parameters('serviceUrl'), '/oauth/token')]"
    properties["request"]["apiEndpoint"] = "[concat(parameters('serviceUrl'), '/v1/console/rows')]"
    properties["request"]["queryParameters"]["cohort"] = "[parameters('cohort')]"
    definition_id = (
        f"[extensionResourceId({WORKSPACE}, 'Microsoft.SecurityInsights/dataConnectorDefinitions', '{definition_name}')]"
    )
    poller = scoped(poller, "dataConnectors", [definition_id, f"[{rule_id}]"])

    workbook = {
        "type": "Microsoft.Insights/workbooks",
        "apiVersion": "2022-04-01",
        "name": "[guid(resourceGroup().id, 'PeerbenchComparison')]",
        "location": "[parameters('location')]",
        "kind": "shared",
        "properties": {
            "displayName": "Peerbench",
            "category": "sentinel",
            "version": "1.0",
            "sourceId": f"[{WORKSPACE}]",
            "serializedData": json.dumps(workbook, separators=(",", ":")),
        },
    }
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": declared,
        "resources": [table, rule, definition, poller, workbook],
    }


def assembled():
    return json.dumps(template(), indent=2) + "\n"


if __name__ == "__main__":
    (HERE / "azuredeploy.json").write_text(assembled(), encoding="utf-8")
