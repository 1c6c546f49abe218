"""Checks the REST exchanges of a record against GitHub's OpenAPI description.

usage: github-rest.py OPENAPI.json EXCHANGES.jsonl COUNTS

Prints a line for each violation and appends `passed failed` to COUNTS. Requests that were answered with 4xx are misuse
on purpose: only their answers are checked. Status codes without a schema, and 5xx, are not checked.
"""

import json
import re
import sys
from functools import lru_cache
from urllib.parse import parse_qsl

from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

# What may hold slashes in an address, although the description does not say so.
LONG = {"ref", "branch", "basehead", "path", "tree_sha"}

# Methods that GitHub takes for another one: some clients edit comments with POST.
TAKEN_AS = {("post", "/repos/{owner}/{repo}/issues/comments/{comment_id}"): "patch"}


class Description:
    """The operations of the API."""

    def __init__(self, file):
        with open(file, encoding="utf-8") as text:
            self.root = json.load(text)
        resource = Resource.from_contents(self.root, default_specification=DRAFT4)
        self.registry = Registry().with_resource("urn:api", resource)
        exact, loose = [], []
        for path in sorted(self.root["paths"], key=lambda path: (path.count("{"), path)):
            exact.append((self.pattern(path, set()), path))
            loose.append((self.pattern(path, LONG), path))
        self.routes = exact + loose

    @staticmethod
    def pattern(path, long):
        parts = re.split(r"\{([^}]+)\}", path)
        texts = [re.escape(part) if at % 2 == 0 else ".+" if part in long else "[^/]+" for at, part in enumerate(parts)]
        return re.compile("".join(texts))

    @lru_cache(maxsize=None)
    def operation(self, method, path):
        """The template of a path and the method by which it is described."""
        for pattern, template in self.routes:
            if pattern.fullmatch(path):
                known = TAKEN_AS.get((method, template), method)
                if known in self.root["paths"][template]:
                    return template, known
        return None

    def resolved(self, value):
        while "$ref" in value:
            at = self.root
            for part in value["$ref"].removeprefix("#/").split("/"):
                at = at[unescaped(part)]
            value = at
        return value

    @lru_cache(maxsize=None)
    def validator(self, pointer):
        schema = {"$ref": f"urn:api#{pointer}"}
        return OAS30Validator(schema, registry=self.registry, format_checker=oas30_format_checker)

    def errors(self, pointer, value):
        for error in self.validator(pointer).iter_errors(value):
            if known(error):
                continue
            yield f"{'/'.join(map(str, error.absolute_path)) or '.'}: {error.message[:200]}"

    def names(self, schema):
        """The fields that a schema knows; None where it takes any."""
        schema = self.resolved(schema)
        if schema.get("additionalProperties"):
            return None
        names = set(schema.get("properties", {}))
        for part in [*schema.get("oneOf", []), *schema.get("anyOf", []), *schema.get("allOf", [])]:
            more = self.names(part)
            if more is None:
                return None
            names |= more
        return names


def known(error):
    """Where the description is wrong, not the exchange."""
    null = error.instance is None
    # An enumeration that may be null does not list null.
    listed = null and error.validator == "enum" and error.schema.get("nullable")
    # The fork of a pull request can be deleted.
    gone = null and list(error.absolute_path) in (["head", "repo"], ["head", "user"])
    # A label of a pull request need not be described.
    bare = null and [part for part in error.absolute_path if not isinstance(part, int)][-2:] == ["labels", "description"]
    # Alternatives with a discriminator overlap without it.
    both = error.validator == "oneOf" and not error.context and "discriminator" in error.schema
    return listed or gone or bare or both


def escaped(part):
    return part.replace("~", "~0").replace("/", "~1")


def unescaped(part):
    return part.replace("~1", "/").replace("~0", "~")


def typed(text, schema):
    """The value of a query parameter as its schema wants it."""
    if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if schema.get("type") == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def query(api, base, spec, template, text):
    """The parameters of an address."""
    listed = [*spec.get("parameters", []), *api.root["paths"][template].get("parameters", [])]
    known = {p["name"]: p for p in map(api.resolved, listed) if p["in"] == "query"}
    given = dict(parse_qsl(text, keep_blank_values=True))
    for name, value in given.items():
        if name not in known:
            yield f"query {name}: no such parameter"
            continue
        schema = api.resolved(known[name].get("schema", {}))
        for error in OAS30Validator(schema).iter_errors(typed(value, schema)):
            yield f"query {name}: {error.message[:200]}"
    for name, parameter in known.items():
        if parameter.get("required") and name not in given:
            yield f"query {name}: is missing"


def sent(api, base, spec, body):
    """The body of a request."""
    wanted = api.resolved(spec.get("requestBody", {}))
    schema = wanted.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        if body not in (None, {}):
            yield "request: has a body, but none is described"
        return
    if body is None:
        if wanted.get("required"):
            yield "request: has no body"
        return
    yield from (f"request {e}" for e in api.errors(f"{base}/requestBody/content/application~1json/schema", body))
    names = api.names(schema)
    if names is not None and isinstance(body, dict):
        yield from (f"request {name}: no such field" for name in sorted(set(body) - names))


def answered(api, base, spec, status, body):
    """The body of an answer."""
    answer = spec["responses"].get(str(status))
    if answer is None:
        if status < 400 and status != 304:
            yield f"answer: status {status} is not described"
        return
    pointer = f"{base}/responses/{status}"
    if "$ref" in answer:
        pointer = answer["$ref"].removeprefix("#")
        answer = api.resolved(answer)
    if "application/json" not in answer.get("content", {}):
        if status < 300 and body is not None:
            yield "answer: has a body, but none is described"
        return
    yield from (f"answer {e}" for e in api.errors(f"{pointer}/content/application~1json/schema", body))


def check(api, exchange):
    """The violations of one exchange."""
    path, _, parameters = exchange["path"].partition("?")
    # Not decoded: an encoded slash does not end a part.
    found = api.operation(exchange["method"].lower(), path)
    status = exchange["status"]
    if found is None:
        return [] if 400 <= status < 500 else ["no such operation"]
    template, method = found
    spec = api.root["paths"][template][method]
    base = f"/paths/{escaped(template)}/{method}"
    out = []
    if status < 400:
        out += query(api, base, spec, template, parameters)
        out += sent(api, base, spec, exchange["request"])
    if status < 500:
        out += answered(api, base, spec, status, exchange["response"])
    return out


def main():
    api = Description(sys.argv[1])
    passed = failed = 0
    seen = {}
    with open(sys.argv[2], encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            exchange = json.loads(line)
            if exchange["path"] == "/graphql":
                continue
            # Tests repeat themselves a lot, on other ports.
            same = re.sub(r"http://127\.0\.0\.1:\d+", "http://api", line)
            if same not in seen:
                seen[same] = check(api, exchange)
            for violation in seen[same]:
                print(f"line {number}: {exchange['method']} {exchange['path']} {exchange['status']}: {violation}")
            passed += not seen[same]
            failed += bool(seen[same])
    with open(sys.argv[3], "a", encoding="utf-8") as counts:
        print(passed, failed, file=counts)


main()
