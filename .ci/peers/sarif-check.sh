#!/bin/sh
# Validates SARIF files against the JSON schema of SARIF 2.1.0.
#
#   sarif-check.sh [FILE…]
#
# The schema comes with the npm package @microsoft/jest-sarif, the validator from PyPI (check-jsonschema). Both are
# kept in $PEERS/sarif (default: a folder in the temp dir). Without a FILE they are only installed.
set -eu

home="${PEERS:-${TMPDIR:-/tmp}/cargo2-bot-peers}/sarif"
schema="$home/sarif-2.1.0.json"
check="$home/venv/bin/check-jsonschema"

if [ ! -e "$home/ready" ]; then
    mkdir -p "$home"
    (
        cd "$home"
        npm pack --silent @microsoft/jest-sarif@1.0.0-beta.0 >/dev/null
        tar -xOzf microsoft-jest-sarif-1.0.0-beta.0.tgz package/lib/schemas/sarif-2.1.0-rtm.5.json |
            # The pattern of `language`, which we never write, has a bracket too many.
            sed 's/{2}\]?\$"/{2}$"/' >"$schema"
    )
    python3 -m venv "$home/venv"
    "$home/venv/bin/pip" install --quiet check-jsonschema==0.37.4
    touch "$home/ready"
fi

[ "$#" -eq 0 ] || "$check" --schemafile "$schema" "$@"
