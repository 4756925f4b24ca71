"""audio-service as it is built, on a free port over a folder that goes with the test; and a client of it."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import sqlite3
import struct
import subprocess
import tempfile
import time


def make_wav(samples, pitch=50):
    """A WAV file: 16-bit PCM, mono, 8,000 samples a second."""
    data = b"".join(struct.pack("<h", (i * pitch) % 20000 - 10000) for i in range(samples))
    head = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    return b"RIFF" + struct.pack("<I", 4 + len(head) + 8 + len(data)) + b"WAVE" + head + b"data" + struct.pack("<I", len(data)) + data


class Service:
    """Started by `with`, ended by its own pid. `page` is what lies in the page's folder."""

    def __init__(self, program, *options, env=None, data=None):
        self.program, self.options, self.env = program, options, {**os.environ, **(env or {})}
        self.folder = data or tempfile.TemporaryDirectory(prefix="audio-service-test-")
        self.path = pathlib.Path(self.folder.name)
        self.data = self.path / "data"
        (self.path / "web").mkdir(exist_ok=True)
        for name in ("index.html", "app.js", "style.css", "icon.svg"):
            (self.path / "web" / name).write_text("page")

    def command(self, *arguments):
        return [self.program, *arguments, "--data", str(self.data)]

    def __enter__(self):
        self.log = open(self.path / "log", "w+")
        serve = self.command("serve", "--port", "0", "--web", str(self.path / "web"), *self.options)
        self.process = subprocess.Popen(serve, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env=self.env)
        self.port = self.wait_for_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        return self

    def wait_for_port(self):
        until = time.monotonic() + 20
        while time.monotonic() < until and self.process.poll() is None:
            found = re.search(r"^listening http://127.0.0.1:(\d+)$", (self.path / "log").read_text(), re.M)
            if found:
                return int(found[1])
            time.sleep(0.005)
        raise RuntimeError("the service did not start: " + (self.path / "log").read_text())

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()

    def kill(self):
        """kill -9. The data stays."""
        self.process.kill()
        self.process.wait()
        self.log.close()

    def add_user(self, name):
        done = subprocess.run(self.command("add-user", name), check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def routes(self):
        listed = subprocess.run(self.command("serve", "--port", "0", "--print-routes"), check=True, capture_output=True, text=True)
        return {tuple(line.split(" ", 1)) for line in listed.stdout.splitlines()}

    def execute(self, sql, *values):
        with sqlite3.connect(self.data / "audio-service.db", timeout=20) as database:
            return database.execute(sql, values).fetchall()

    @contextlib.contextmanager
    def locked(self):
        """Nobody else can write to the database meanwhile."""
        database = sqlite3.connect(self.data / "audio-service.db", timeout=20, isolation_level=None)
        database.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            database.execute("ROLLBACK")
            database.close()


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def json(self):
        return json.loads(self.body)


def send(origin, method, path, body=None, headers=None, length=None):
    """One request; `length` is a Content-Length that need not be true, -1 for none."""
    host, port = origin.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=120)
    try:
        connection.putrequest(method, path)
        if length is None and body is not None:
            length = len(body)
        if length is not None and length >= 0:
            connection.putheader("Content-Length", str(length))
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders(body or b"")
        return Answer(connection.getresponse())
    finally:
        connection.close()


def form(fields, file, kind="audio/wav"):
    """The body of a form with the file as its last part, and its Content-Type."""
    parts = [f'--b0undary\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields]
    parts.append(f'--b0undary\r\nContent-Disposition: form-data; name="file"; filename="take"\r\nContent-Type: {kind}\r\n\r\n'.encode())
    return b"".join(parts) + file + b"\r\n--b0undary--\r\n", "multipart/form-data; boundary=b0undary"
