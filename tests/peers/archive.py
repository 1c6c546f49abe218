"""Stages archives with BuildStream's own `tar` source: a line of JSON in, a line of JSON out."""

import json
import os
import shutil
import sys
import tempfile

from buildstream.plugins.sources.tar import TarSource


def made(path, base):
    """The plugin without a project around it: only what `stage` uses."""

    class Alone(TarSource):
        def __str__(self):
            return "alone"

        def __del__(self):
            pass

        def _get_mirror_file(self, sha=None):
            return path

    source = Alone.__new__(Alone)
    source.url = "https://example.org/archive"
    source.base_dir = "*" if base is None else base
    return source


def found(root, wanted):
    parts = wanted.split("/")
    for end in range(1, len(parts)):
        above = os.path.join(root, *parts[:end])
        if os.path.islink(above):
            return {"what": "beyond", "link": "/".join(parts[:end]), "target": os.readlink(above)}
    path = os.path.join(root, wanted)
    if os.path.islink(path):
        return {"what": "link", "target": os.readlink(path)}
    if os.path.isdir(path):
        return {"what": "folder"}
    if os.path.isfile(path):
        with open(path, "rb") as file:
            return {"what": "file", "content": file.read().decode("latin-1")}
    return {"what": "absent"}


def answer(asked):
    root = tempfile.mkdtemp()
    try:
        made(asked["file"], asked["base"]).stage(root)
        return {"found": [found(root, wanted) for wanted in asked["wanted"]]}
    except Exception as error:  # A crash of the plugin is a failed build as well.
        return {"error": repr(error)}
    finally:
        shutil.rmtree(root, ignore_errors=True)


print("ready", flush=True)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
