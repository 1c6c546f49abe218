#!/usr/bin/env python3
"""Stands in for the releases of GitHub's API, as far as `.github/release` uses them. Listens on the loopback address only.

    release-github.py BARE_REPOSITORY TOKEN LOG [--mutable]

Prints its address, then serves until it is ended. Each request is a line of LOG. Never kinder than GitHub: a draft takes files, a release
whose tag is not there is not published, and what is published takes no more files and cannot be deleted.
"""
import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

bare, token, log = sys.argv[1:4]
immutable = "--mutable" not in sys.argv
releases = {}


def tag(name):
    found = subprocess.run(["git", "-C", bare, "rev-parse", "--verify", "--quiet", f"refs/tags/{name}"], capture_output=True, text=True)
    return found.stdout.strip()


class GitHub(BaseHTTPRequestHandler):
    def answer(self, status, body=None):
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def handle_all(self):
        url = urlsplit(self.path)
        parts = url.path.strip("/").split("/")[3:]
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        with open(log, "a") as file:
            print(self.command, url.path, url.query, file=file)
        if self.headers.get("authorization") != f"Bearer {token}":
            return self.answer(401, {"message": "Bad credentials"})
        if parts[0] != "releases":
            return self.answer(404, {"message": "Not Found"})
        if len(parts) == 1 and self.command == "GET":
            return self.answer(200, list(reversed(releases.values())))
        if len(parts) == 1 and self.command == "POST":
            asked = json.loads(body)
            number = max(releases, default=0) + 1
            address = f"http://{self.headers['host']}/repos/o/n/releases/{number}/assets"
            releases[number] = asked | {"id": number, "immutable": False, "assets": [], "upload_url": address + "{?name,label}"}
            return self.answer(201, releases[number])
        release = releases.get(int(parts[1]))
        if release is None:
            return self.answer(404, {"message": "Not Found"})
        if release["immutable"]:
            return self.answer(422, {"message": "Cannot change an immutable release"})
        if self.command == "DELETE":
            del releases[release["id"]]
            return self.answer(204)
        if self.command == "POST" and parts[2:] == ["assets"]:
            asset = {"name": parse_qs(url.query)["name"][0], "size": len(body)}
            if asset["name"] in [known["name"] for known in release["assets"]]:
                return self.answer(422, {"message": "already_exists"})
            release["assets"].append(asset)
            return self.answer(201, asset)
        if self.command == "PATCH":
            if tag(release["tag_name"]) != release["target_commitish"]:
                return self.answer(422, {"message": "the tag is not there"})
            release.update(json.loads(body), immutable=immutable)
            return self.answer(200, release)
        return self.answer(404, {"message": "Not Found"})

    do_GET = do_POST = do_PATCH = do_DELETE = handle_all

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), GitHub)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
