"""Writes rows.json: made-up rows of the shape console-row/1, for checks that need no service."""

import hashlib
import json
import pathlib

FIXED = {
    "release": 2,
    "cut_off": "2026-11-01T00:00:00Z",
    "attack": "19.2",
    "as_of": "2026-11-20T09:30:00Z",
    "basis": "deployed",
    "cohort_asked": "sector:finance",
    "cohort_shown": "sector:finance",
    "column_shown": "any",
    "members": "50-99",
    "confidence": "B",
    "same_since": 2,
}

# kind, item, name, tactics, own, covered, can_see, p25, p50, p75, position, estimate
ROWS = [
    ("summary", "overall", "Overall", None, 25, 50, 199, 20, 35, 40, "p25_p50", 33),
    ("tactic", "initial-access", "Initial Access", None, 18, None, None, 25, 45, 55, "below_p25", 18),
    ("tactic", "execution", "Execution", None, 32, None, None, 20, 25, 30, "around_p75", 75),
    ("tactic", "persistence", "Persistence", None, 45, None, None, 25, 30, 45, "around_p75", 75),
    ("tactic", "credential-access", "Credential Access", None, 47, None, None, 25, 35, 55, "p50_p75", 65),
    ("tactic", "discovery", "Discovery", None, 12, None, None, 20, 25, 40, "below_p25", 15),
    ("tactic", "lateral-movement", "Lateral Movement", None, 22, None, None, 35, 45, 55, "below_p25", 12),
    ("tactic", "impact", "Impact", None, 20, None, None, 20, 35, 45, "around_p25", 25),
    ("technology", "microsoft.windows", "Microsoft Windows", None, 26, None, None, 30, 45, 60, "below_p25", 21),
    ("family", "identity", "Identity", None, 14, None, None, 15, 25, 35, "around_p25", 25),
    ("group", "G0016", "APT29", None, 31, None, None, 25, 35, 45, "p25_p50", 41),
    ("technique", "T1059", "Command and Scripting Interpreter", "execution", 50, 1, 5, 20, 45, 70, "p50_p75", 55),
    ("technique", "T1566", "Phishing", "initial-access", 0, 0, 4, 30, 50, 75, "below_p25", 9),
    ("technique", "T1021", "Remote Services", "lateral-movement", 0, 0, 3, 20, 50, 65, "below_p25", 12),
    ("technique", "T1550", "Use Alternate Authentication Material", "lateral-movement", 0, 0, 2, 10, 30, 50, "below_p25", 20),
    ("technique", "T1486", "Data Encrypted for Impact", "impact", 29, 1, 3, 20, 50, 65, "p25_p50", 38),
    ("technique", "T1078", "Valid Accounts", "initial-access,persistence", 65, 2, 6, 30, 50, 65, "around_p75", 75),
    ("technique", "T1110", "Brute Force", "credential-access", 75, 3, 5, 40, 50, 75, "around_p75", 75),
    ("technique", "T1018", "Remote System Discovery", "discovery", 0, 0, 3, 10, 20, 40, "tied_low", 25),
    ("technique", "T1547", "Boot or Logon Autostart Execution", "persistence", 82, 1, 2, 30, 50, 65, "above_p75", 88),
]


def digest(*parts):
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:32]


def link(kind, item):
    page = f"/techniques/{item}" if kind == "technique" else ""
    return f"https://peerbench.example.org/app{page}?cohort=sector%3Afinance"


def word(p25, p50, p75):
    return "most" if p25 > 10 else "half" if p50 > 10 else "quarter" if p75 > 10 else "few"


def finished(row):
    row = {name: value for name, value in row.items() if value is not None}
    row["row_key"] = digest(row["kind"], row["item"], row["cohort_asked"], "any")
    row["row_version"] = digest(sorted(row.items()))
    return row


def released(kind, item, name, tactics, own, covered, can_see, p25, p50, p75, position, estimate):
    row = {**FIXED, "kind": kind, "item": item, "name": name, "tactics": tactics, "own": own, "own_status": "assessed"}
    row |= {"covered": covered, "can_see": can_see, "peer_status": "released", "coverage": word(p25, p50, p75) if kind == "technique" else None}
    row |= {"p25": p25, "p50": p50, "p75": p75, "position": position, "percentile_estimate": estimate}
    row |= {"coded": "p25=low" if p25 == 10 else None, "difference": own - p50}
    row["link"] = link(kind, item)
    return finished(row)


def withheld(item, name, tactics, own):
    """A row whose peers' number isn't published; `own` is absent where nothing was assessed."""
    row = {**FIXED, "kind": "technique", "item": item, "name": name, "tactics": tactics, "own": own}
    row["own_status"] = "not_assessed" if own is None else "assessed"
    row["peer_status"] = "not_released"
    row["link"] = link("technique", item)
    for absent in ("cohort_shown", "column_shown", "members", "confidence", "same_since"):
        del row[absent]
    return finished(row)


rows = [released(*row) for row in ROWS]
rows.append(withheld("T1609", "Container Administration Command", "execution", 29))
rows.append(withheld("T1525", "Implant Internal Image", "persistence", None))
target = pathlib.Path(__file__).with_name("rows.json")
target.write_text(json.dumps({"items": rows}, indent=1) + "\n", encoding="utf-8")
