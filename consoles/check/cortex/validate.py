"""Validates the Cortex pack with demisto-sdk, in a repository made for it, and shows that the same checks refuse a broken pack.

Without named checks the SDK passes every pack, so they are named.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

PACKS = pathlib.Path(__file__).parents[3] / "consoles" / "cortex" / "Packs"
SDK = pathlib.Path(sys.executable).parent / "demisto-sdk"
# The structure of files, the date and the version of the pack, its README, and that what it says of markets agrees.
CHECKS = "ST110,PA115,PA130,RM100,RM104,RM105,BA130"


def repository(folder):
    """A git repository of the shape that the SDK expects, with our pack in it."""
    root = pathlib.Path(folder, "content")
    shutil.copytree(PACKS, root / "Packs")
    git = ["git", "-C", str(root), "-c", "user.name=check", "-c", "user.email=check@example.org"]
    for command in (["init", "-q", "-b", "master"], ["remote", "add", "origin", "https://github.com/demisto/content.git"]):
        subprocess.run([*git, *command], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "pack"], check=True)
    return root


def validated(root):
    environment = {**os.environ, "DEMISTO_SDK_CONTENT_PATH": str(root), "DEMISTO_SDK_IGNORE_CONTENT_WARNING": "1", "CI": "true"}
    environment |= {"DEMISTO_SDK_SKIP_VERSION_CHECK": "1", "HOME": str(root.parent), "DEMISTO_SDK_LOG_NO_COLORS": "true"}
    command = [SDK, "validate", "-i", str(root / "Packs" / "Peerbench"), "--run-specific-validations", CHECKS]
    ran = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=600)
    return ran.returncode, ran.stdout + ran.stderr


def spoilt(root, path, spoil):
    file = root / "Packs" / "Peerbench" / path
    before = file.read_text(encoding="utf-8")
    document = json.loads(before)
    spoil(document)
    file.write_text(json.dumps(document), encoding="utf-8")
    code, said = validated(root)
    file.write_text(before, encoding="utf-8")
    assert code != 0, f"demisto-sdk accepts a spoilt {path}: {said}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        root = repository(folder)
        code, said = validated(root)
        assert code == 0, said
        dashboard = "XSIAMDashboards/Peerbench_Comparison.json"
        spoilt(root, dashboard, lambda document: document["dashboards_data"][0].pop("layout"))
        spoilt(root, dashboard, lambda document: document.update(unknown=1))
        spoilt(root, "pack_metadata.json", lambda document: document.update(currentVersion="one"))
        print("ok demisto-sdk")


main()
