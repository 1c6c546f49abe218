"""Reads texts with BuildStream's own reader of YAML: a line of JSON in, a line of JSON out."""

import json
import sys

from buildstream import _yaml
from buildstream._exceptions import BstError

print("ready", flush=True)
for line in sys.stdin:
    text = json.loads(line)
    try:
        answer = {"read": _yaml.load_data(text, file_name="a.bst").strip_node_info()}
    except BstError as error:
        answer = {"refused": str(error)[:300]}
    except Exception as error:  # Whatever its parser raises by itself refuses the text as well.
        answer = {"refused": f"{type(error).__name__}: {error}"[:300]}
    print(json.dumps(answer), flush=True)
