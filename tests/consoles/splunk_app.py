"""Inspects the Splunk app with Splunk's own programs: splunk-appinspect and slim. Prints what they counted.

splunk-appinspect ends with 0 even if checks fail, so its JSON report is read.
"""

import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile

HERE = pathlib.Path(__file__).parent
APP = HERE.parents[1] / "consoles" / "splunk" / "peerbench"
TOOLS = pathlib.Path(sys.executable).parent
TAGS = ("cloud", "private_victoria", "private_classic", "future")
# Checks that warn of what the app has, whatever it does with it.
ACCEPTED = {
    "check_for_python_script_existence": "Python 3 is all that the app needs",
    "check_for_modular_inputs": "the app has one",
}


def packed(folder):
    """The app as the archive that Splunk installs."""
    target = pathlib.Path(folder, "peerbench.tar.gz")

    def cleaned(member):
        if "__pycache__" in member.name:
            return None
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mode = 0o755 if member.isdir() else 0o644
        return member

    with tarfile.open(target, "w:gz") as archive:
        archive.add(APP, "peerbench", filter=cleaned)
    return target


def inspected(archive, folder):
    report = pathlib.Path(folder, "report.json")
    # One option for each tag: with a list of them in one, almost no check runs.
    tags = [part for tag in TAGS for part in ("--included-tags", tag)]
    command = [TOOLS / "splunk-appinspect", "inspect", archive, *tags, "--data-format", "json", "--output-file", report]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert report.exists(), f"splunk-appinspect wrote no report: {ran.stdout}{ran.stderr}"
    return json.loads(report.read_text(encoding="utf-8"))


def main():
    with tempfile.TemporaryDirectory() as folder:
        archive = packed(folder)
        document = inspected(archive, folder)
        summary = document["summary"]
        checks = [check for report in document["reports"] for group in report["groups"] for check in group["checks"]]
        said = [
            (check["result"], check["name"], [message["message"] for message in check["messages"]])
            for check in checks
            if check["result"] in ("failure", "error", "warning", "future", "manual_check") and check["name"] not in ACCEPTED
        ]
        for line in said:
            print(*line, file=sys.stderr)
        print("splunk-appinspect:", json.dumps(summary))
        assert not said and summary["failure"] == summary["error"] == 0 and summary["success"] > 100, summary

        # slim keeps what it has seen below the home directory.
        command = [TOOLS / "slim", "validate", archive]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env={**os.environ, "HOME": folder})
        said = ran.stdout + ran.stderr
        assert ran.returncode == 0 and "[ERROR]" not in said and "[WARNING]" not in said, said
        print("slim validate:", said.strip().splitlines()[-1])


main()
