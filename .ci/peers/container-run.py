#!/usr/bin/env python3
"""Runs the image of the action as a runner of GitHub does: its environment, its folders, its owner of files.

    container-run.py IMAGE WORKSPACE --api URL [--event NAME=FILE] [--repository OWNER/NAME] [--with INPUT=VALUE]... [--env K=V]...

IMAGE is what `.ci/peers/container` printed. What the action prints goes to standard output and error; then follow the files that it
wrote for the runner (outputs, summary), each below a line `--- NAME`. Ends with the action's own exit code.
Not like the real thing: there is no network or process namespace, and workflow commands are not carried out.
Needs ruamel.yaml: the Python of `.ci/peers/tools` has it.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ruamel.yaml import YAML

parser = argparse.ArgumentParser()
parser.add_argument("image")
parser.add_argument("workspace", type=Path)
parser.add_argument("--api", required=True)
parser.add_argument("--event", default="workflow_dispatch")
parser.add_argument("--repository", default="owner/name")
parser.add_argument("--token", default="ghs_token")
parser.add_argument("--with", dest="inputs", action="append", default=[])
parser.add_argument("--env", action="append", default=[])
options = parser.parse_args()

place = Path(os.environ.get("CARGO2_BOT_PEERS") or Path(tempfile.gettempdir()) / "cargo2-bot-peers") / "container"
os.environ["CONTAINERS_STORAGE_CONF"] = str(place / "storage.conf")
RUNNER = 1001  # the account that owns all files of a hosted runner


def pairs(texts):
    return dict(text.split("=", 1) for text in texts)


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


action = YAML(typ="safe").load(Path(__file__).parents[2].joinpath("action.yml").read_text())
inputs = {name: str(of.get("default", "")) for name, of in action["inputs"].items()} | pairs(options.inputs)
inputs = {name: value.replace("${{ github.token }}", options.token) for name, value in inputs.items()}


def evaluated(text):
    for name, value in inputs.items():
        text = text.replace("${{ inputs.%s }}" % name, value)
    assert "${{" not in text, text
    return text


temp = Path(tempfile.mkdtemp(prefix="runner-", dir=place))
folders = {"home": temp / "_github_home", "workflow": temp / "_github_workflow", "file_commands": temp / "_runner_file_commands"}
for folder in folders.values():
    folder.mkdir()
event, _, payload = options.event.partition("=")
(folders["workflow"] / "event.json").write_text(Path(payload).read_text() if payload else "{}")
commands = {f"GITHUB_{name}": folders["file_commands"] / name.lower() for name in ("OUTPUT", "ENV", "PATH", "STATE", "STEP_SUMMARY")}
for path in commands.values():
    path.touch()
for path in (temp, options.workspace):
    subprocess.run(["chown", "--recursive", f"{RUNNER}:{RUNNER}", path], check=True)
temp.chmod(0o755)

# Dashes stay; an input without a value is set as well.
environment = {"INPUT_" + name.replace(" ", "_").upper(): value for name, value in inputs.items()}
environment |= {name: evaluated(value) for name, value in action["runs"]["env"].items()}
environment |= {name: f"/github/file_commands/{path.name}" for name, path in commands.items()}
environment |= {
    "HOME": "/github/home",
    "CI": "true",
    "GITHUB_ACTIONS": "true",
    "GITHUB_WORKSPACE": "/github/workspace",
    "GITHUB_EVENT_NAME": event,
    "GITHUB_EVENT_PATH": "/github/workflow/event.json",
    "GITHUB_API_URL": options.api,
    "GITHUB_GRAPHQL_URL": options.api + "/graphql",
    "GITHUB_SERVER_URL": options.api,
    "GITHUB_REPOSITORY": options.repository,
    "GITHUB_REPOSITORY_OWNER": options.repository.split("/")[0],
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_REF_NAME": "main",
    "GITHUB_REF_TYPE": "branch",
    "GITHUB_SHA": "0" * 40,
    "GITHUB_RUN_ID": "1",
    "GITHUB_RUN_ATTEMPT": "1",
    "GITHUB_WORKFLOW": "cargo2-bot",
    "GITHUB_JOB": "cargo2",
    "GITHUB_ACTOR": "somebody",
    "RUNNER_OS": "Linux",
    "RUNNER_ARCH": "X64",
    "RUNNER_TEMP": "/github/runner_temp",
} | pairs(options.env)

config = json.loads(output("buildah", "inspect", "--type", "image", options.image))["OCIv1"]["config"]
container = output("buildah", "from", "--pull-never", options.image)
try:
    command = ["buildah", "run", "--isolation", "chroot", "--workingdir", "/github/workspace"]
    for name, value in environment.items():
        command += ["--env", f"{name}={value}"]
    mounts = folders | {"runner_temp": temp, "workspace": options.workspace.resolve()}
    for name, path in mounts.items():
        command += ["--volume", f"{path}:/github/{name}"]
    command += [container, "--", *config["Entrypoint"], *(evaluated(arg) for arg in action["runs"]["args"])]
    status = subprocess.run(command).returncode
finally:
    output("buildah", "rm", container)
sys.stdout.flush()
for name, path in commands.items():
    if text := path.read_text():
        print(f"--- {name}\n{text}", end="" if text.endswith("\n") else "\n")
shutil.rmtree(temp)
sys.exit(status)
