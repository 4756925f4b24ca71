#!/usr/bin/env python3
"""Holds a running audio-service against docs/openapi.yaml: every route is documented, every documented status is
answered, and every answer has the documented form.   openapi_test.py PROGRAM OPENAPI_YAML"""
import concurrent.futures
import json
import sys

import jsonschema
import yaml

from service_under_test import Service, form, make_wav, send


def as_json_schema(node):
    """OpenAPI 3.0's "nullable" in JSON Schema's words."""
    if isinstance(node, list):
        return [as_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    converted = {name: as_json_schema(value) for name, value in node.items() if name != "nullable"}
    if node.get("nullable"):
        converted["type"] = [node["type"], "null"]
    return converted


class Contract:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.document = as_json_schema(yaml.safe_load(file))
        self.seen, self.failures = set(), []

    def resolve(self, node):
        while "$ref" in node:
            found = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node

    def operations(self):
        return {(method, path) for path, methods in self.document["paths"].items() for method in methods}

    def documented(self):
        return {(method, path, status) for method, path in self.operations()
                for status in self.document["paths"][path][method]["responses"]}

    def check(self, method, path, expected, answer):
        where = f"{method} {path} {answer.status}"
        self.seen.add((method, path, str(answer.status)))
        if answer.status != expected:
            self.failures.append(f"{where}: expected {expected}: {answer.body[:200]!r}")
        response = self.document["paths"][path][method]["responses"].get(str(answer.status))
        if response is None:
            self.failures.append(f"{where} is not documented")
            return
        kind = answer.headers.get("Content-Type", "").split(";")[0]
        content = self.resolve(response)["content"]
        if kind not in content:
            self.failures.append(f"{where}: {kind} is not documented")
        elif kind == "application/json":
            schema = {**content[kind]["schema"], "components": self.document["components"]}
            for error in jsonschema.Draft7Validator(schema).iter_errors(answer.json):
                self.failures.append(f"{where}: {error.message}: {answer.body[:300]!r}")


class Caller:
    """Requests to one service as one user, each held against the contract."""

    def __init__(self, contract, service, token):
        self.contract, self.service, self.token = contract, service, token

    def __call__(self, status, method, path, body=None, headers=None, query="", length=None, **values):
        target = path
        for name, value in values.items():
            target = target.replace("{" + name + "}", value)
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if raw is None and method == "post" and length is None:
            raw = b"{}"
        with_token = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        answer = send(self.service.origin, method.upper(), target + query, raw,
                      {name: value for name, value in with_token.items() if value is not None}, length)
        self.contract.check(method, path, status, answer)
        return answer

    def upload(self, status, project, recording, file, kind="audio/wav", **more):
        body, content_type = form([("projectId", project), ("recordingId", recording)], file, kind)
        headers = {"Content-Type": content_type, **more.pop("headers", {})}
        return self(status, "post", "/api/audio/upload", body, headers, **more)


NOBODY = {"Authorization": None}
STRANGE_PAGE = {"Authorization": None, "Cookie": "audiostore_session=x", "Origin": "http://evil.example"}


def refusals_of_all(call, contract):
    """401, 403, 411 and 413 wherever they are documented, whatever else a request says."""
    for method, path, status in sorted(contract.documented()):
        if path == "/metrics" or (method, path) == ("post", "/api/session") and status == "401":
            continue
        values = {"id": "any"} if "{id}" in path else {}
        if status == "401":
            call(401, method, path, headers=NOBODY, **values)
        elif status == "403":
            call(403, method, path, headers=STRANGE_PAGE, **values)
        elif status == "411":
            call(411, method, path, length=-1, **values)
        elif status == "413":
            call(413, method, path, length=10**9, **values)


def open_routes(call):
    call(200, "get", "/")
    call(404, "get", "/{file}", file="none.js")
    for name in ("app.js", "style.css", "icon.svg"):
        call(200, "get", "/{file}", file=name)
    call(200, "get", "/healthz")
    call(200, "get", "/metrics")
    call(403, "get", "/metrics", headers={"X-Forwarded-For": "192.0.2.1"})


def sessions(call):
    call(200, "post", "/api/session", {"token": call.token})
    call(400, "post", "/api/session", {"other": 1})
    call(401, "post", "/api/session", {"token": "wrong"}, NOBODY)
    call(200, "get", "/api/session")
    cookie = call(200, "post", "/api/session", {"token": call.token}).headers["Set-Cookie"].split(";")[0]
    call(200, "delete", "/api/session", headers={"Authorization": None, "Cookie": cookie, "Origin": call.service.origin})


def projects(call):
    project = call(200, "post", "/api/projects", {"name": "songs"}).json["project"]["id"]
    call(400, "post", "/api/projects", {"name": ""})
    call(415, "post", "/api/projects", {"name": "x"}, {"Content-Encoding": "gzip"})
    call(200, "get", "/api/projects")
    call(404, "get", "/api/projects/{id}/recordings", id="none")
    return project


def recordings(call, project):
    take = make_wav(800)
    stored = call.upload(200, project, "r", take).json
    call.upload(200, project, "r", take)
    call.upload(409, project, "r", make_wav(800, 51))
    call.upload(400, project, "..", take)
    call.upload(404, "none", "r", take)
    call.upload(415, project, "r", b"<script>")
    call(200, "get", "/api/projects/{id}/recordings", id=project)
    call(200, "get", "/api/audio/url", query="?recordingId=r&expiresIn=60&download=take.wav")
    call(200, "get", "/api/audio/url", query="?key=" + stored["key"])
    call(400, "get", "/api/audio/url", query="?recordingId=r&expiresIn=0")
    call(404, "get", "/api/audio/url", query="?recordingId=none")
    call(400, "delete", "/api/audio/delete", {})
    call(404, "delete", "/api/audio/delete", {"recordingId": "none"})
    call(200, "delete", "/api/audio/delete", {"recordingId": "r"})


def busy_removal(call, project):
    """A recording that another process is deleting."""
    call.upload(200, project, "going", make_wav(10))
    call.service.execute("UPDATE recordings SET state = 'deleting', leased_until = 1 << 40 WHERE id = 'going'")
    call(409, "delete", "/api/audio/delete", {"recordingId": "going"})


def ticket(call, status, project, recording="t", size=100, kind="audio/wav"):
    wanted = {"projectId": project, "recordingId": recording, "size": size, "contentType": kind}
    return call(status, "post", "/api/audio/ticket", wanted).json.get("ticket")


def tickets(call, project):
    take = make_wav(800)
    opened = ticket(call, 200, project, "t", len(take))
    body, kind = form(opened["fields"], take)
    parts, one = "/api/audio/ticket/{id}/parts", "/api/audio/ticket/{id}"
    call(409, "post", one + "/complete", {}, id=opened["id"])
    origin, path = opened["url"].rsplit("/", 1)
    assert send(origin, "POST", "/" + path, body, {"Content-Type": kind}).status == 204
    call(200, "post", one + "/complete", {}, id=opened["id"])
    call(404, "post", one + "/complete", {}, id="none")
    call(400, "post", parts, {"partNumbers": [1]}, id=opened["id"])
    ticket(call, 400, project, "t2", 0)
    ticket(call, 404, "none", "t2")
    ticket(call, 409, project, "t")
    ticket(call, 415, project, "t2", kind="text/html")

    large = ticket(call, 200, project, "large", 30 << 20)
    call(200, "post", parts, {"partNumbers": [1, 2]}, id=large["id"])
    call(404, "post", parts, {"partNumbers": [1]}, id="none")
    call(200, "delete", one, id=large["id"])
    call(404, "delete", one, id=large["id"])

    page = b"<script>alert(1)</script>"
    opened = ticket(call, 200, project, "page", len(page))
    body, kind = form(opened["fields"], page)
    assert send(origin, "POST", "/" + path, body, {"Content-Type": kind}).status == 204
    call(415, "post", one + "/complete", {}, id=opened["id"])


def too_many(call, project):
    user = call(200, "get", "/api/session").json["user"]["id"]
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) "
    call.service.execute(numbers + "INSERT INTO projects SELECT 'p' || i, ?, 'many', 1 FROM n", user)
    call(429, "post", "/api/projects", {"name": "one more"})
    call.service.execute(numbers + "INSERT INTO tickets(id, owner_id, project_id, recording_id, size, content_type, mode, created_at, expires_at) "
                         "SELECT 't' || i, ?, ?, 'r', 1, 'audio/wav', 'put', 1, 1 << 40 FROM n WHERE i <= 1000", user, project)
    ticket(call, 429, project, "one-more")


def without_put_forms(contract, program):
    with Service(program, "--no-post-forms", "--quiet") as service:
        call = Caller(contract, service, service.add_user("alice"))
        assert ticket(call, 200, projects(call))["mode"] == "put"


def without_storage(contract, program):
    """On a bucket that nobody serves, of a kind that keeps to no conditions: a ticket is signed without asking it."""
    env = {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1", "AWS_REGION": "us-east-1", "AWS_S3_BUCKET": "none",
           "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
    with Service(program, "--env", "--quiet", env=env) as service:
        call = Caller(contract, service, service.add_user("alice"))
        project = call(200, "post", "/api/projects", {"name": "p"}).json["project"]["id"]
        call.upload(503, project, "r", make_wav(10))
        assert ticket(call, 200, project)["mode"] == "put"


def while_busy(call, project):
    """Somebody holds the database's lock, for longer than the service waits."""
    take = make_wav(800)
    call.upload(200, project, "busy", take)
    opened = ticket(call, 200, project, "busy-2", len(take))
    body, kind = form(opened["fields"], take)
    origin, path = opened["url"].rsplit("/", 1)
    assert send(origin, "POST", "/" + path, body, {"Content-Type": kind}).status == 204
    other = ticket(call, 200, project, "busy-3")
    one = "/api/audio/ticket/{id}"
    with call.service.locked(), concurrent.futures.ThreadPoolExecutor() as together:
        calls = [lambda: call.upload(503, project, "busy-4", take), lambda: ticket(call, 503, project, "busy-5"),
                 lambda: call(503, "delete", "/api/audio/delete", {"recordingId": "busy"}),
                 lambda: call(503, "post", one + "/complete", {}, id=opened["id"]),
                 lambda: call(503, "delete", one, id=other["id"])]
        for answered in [together.submit(each) for each in calls]:
            answered.result()


def main():
    program, document = sys.argv[1:]
    contract = Contract(document)
    with Service(program, "--quiet") as service:
        routes = {(method.lower(), path) for method, path in service.routes()}
        for route in routes ^ contract.operations():
            contract.failures.append(f"{route} is " + ("not documented" if route in routes else "documented, but not served"))
        call = Caller(contract, service, service.add_user("alice"))
        (service.path / "web" / "index.html").rename(service.path / "web" / "away.html")
        call(404, "get", "/")
        (service.path / "web" / "away.html").rename(service.path / "web" / "index.html")
        open_routes(call)
        refusals_of_all(call, contract)
        sessions(call)
        project = projects(call)
        recordings(call, project)
        busy_removal(call, project)
        tickets(call, project)
        while_busy(call, project)
        too_many(call, project)
    without_put_forms(contract, program)
    without_storage(contract, program)
    for case in sorted(contract.documented() - contract.seen):
        contract.failures.append(f"{case} is documented, and was never answered")
    print("\n".join(contract.failures) or f"{len(contract.seen)} kinds of answers as documented")
    return 1 if contract.failures else 0


if __name__ == "__main__":
    sys.exit(main())
