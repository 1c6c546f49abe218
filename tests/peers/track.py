"""Chooses refs with the code of the `git_repo` plugin: a line of JSON in, a line of JSON out."""

import json
import sys

from buildstream_plugins_community.sources._git_utils import get_matching_refs, version_sort_key

print("ready", flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    names = [name.encode() for name in asked["names"]]
    matching = get_matching_refs(names, asked["track"], asked["exclude"])
    # Of equal versions the plugin takes any.
    latest = max(map(version_sort_key, matching), default=None)
    best = [name.decode() for name in matching if version_sort_key(name) == latest]
    print(json.dumps(best), flush=True)
