"""What the tests of the command line share: a server over a temporary folder, the program, a terminal, a network that
can be held up, and a service that misbehaves."""

import errno
import fcntl
import http.server
import json
import os
import pathlib
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else ""
BOUND = 60  # seconds that anything may take before a test fails
MIB = 1 << 20


def wav(seconds=1.0, pitch=50, rate=8000):
    """16-bit mono PCM: the smallest real audio."""
    samples = bytearray()
    for i in range(int(seconds * rate)):
        samples += struct.pack("<h", (i * pitch) % 20000 - 10000)
    head = b"RIFF" + struct.pack("<I", 36 + len(samples)) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, rate, 2 * rate, 2, 16)
    return head + b"data" + struct.pack("<I", len(samples)) + bytes(samples)


def large_wav(size, seed=7):
    """As wav(), of `size` bytes, quickly."""
    block = bytes((seed * 31 + i * 7919 // 13) & 0xFF for i in range(65521))
    data = (block * (size // len(block) + 1))[: size - 44]
    head = b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    return head + b"data" + struct.pack("<I", len(data)) + data


class Outcome:
    def __init__(self, code, out, err):
        self.code, self.bytes, self.err = code, out, err
        self.out = out.decode(errors="replace")

    @property
    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.code}\n{self.out}\n{self.err}"


class Case(unittest.TestCase):
    """A test with a folder of its own, and a server over an empty bucket where `server` is not False."""

    server = True

    def setUp(self):
        self._temporary = tempfile.TemporaryDirectory(prefix="audiostore-cli-")
        self.addCleanup(self._temporary.cleanup)
        self.folder = pathlib.Path(self._temporary.name)
        (self.folder / "home").mkdir()
        self.environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.folder / "home"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "TMPDIR": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        self.secrets = []
        if self.server:
            self.serve()

    def serve(self, *arguments):
        """Starts `audiostore serve` and takes over the variables that it prints."""
        process = subprocess.Popen([PROGRAM, "serve", str(self.folder / "bucket"), *arguments], env=self.environment,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(lambda: (process.terminate(), process.wait(BOUND), process.stdout.close()))
        for _ in range(9):
            name, value = re.fullmatch(r"export (\w+)='([^']*)'", process.stdout.readline().strip()).groups()
            self.environment[name] = value
        self.secrets.append(self.environment["AWS_SECRET_ACCESS_KEY"])
        return process

    def file(self, name, content=b""):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return str(path)

    def run_program(self, *arguments, expect=0, environment=None, stdout=subprocess.PIPE, presigns=False):
        """The program without a terminal. No output of any run may hold a secret, nor a signature but for `presigns`."""
        process = subprocess.run([PROGRAM, *arguments], env={**self.environment, **(environment or {})}, stdin=subprocess.DEVNULL,
                                 stdout=stdout, stderr=subprocess.PIPE, cwd=self.folder, timeout=BOUND)
        outcome = Outcome(process.returncode, process.stdout or b"", process.stderr.decode(errors="replace"))
        self.no_secret_in(outcome.out + outcome.err, presigns)
        self.assertEqual(outcome.code, expect, outcome)
        return outcome

    def no_secret_in(self, text, presigns=False):
        for secret in self.secrets:
            self.assertNotIn(secret, text)
        if not presigns:
            self.assertNotRegex(text, "(?i)x-amz-signature|signature=|x-amz-security-token")

    def put(self, key, content=None):
        """An object under `key`."""
        name = self.file("source", wav() if content is None else content)
        self.run_program("put", name, "--key", key, "--any")

    def wait_until(self, condition):
        """Of something that another process does."""
        deadline = time.monotonic() + BOUND
        while not condition():
            self.assertLess(time.monotonic(), deadline, "it did not come")
            time.sleep(0.01)

    def keys(self):
        return [each["key"] for each in self.run_program("ls", "-r", "--json").json["objects"]]


class Terminal:
    """The program on a terminal of its own."""

    def __init__(self, case, *arguments, rows=24, columns=80, term="xterm"):
        self.case, self.seen, self.code = case, b"", None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.chdir(case.folder)
            os.execve(PROGRAM, [PROGRAM, *arguments], {**case.environment, "TERM": term})
        case.addCleanup(self.close)

    @property
    def text(self):
        return self.seen.decode(errors="replace")

    @property
    def screen(self):
        """The lines that are left to be seen, for the few sequences that the program uses."""
        lines, row = [""], 0
        for token in re.findall(r"\x1b\[1A|\x1b\[2K|[\r\n]|[^\x1b\r\n]+", self.text):
            if token == "\x1b[1A":
                row -= 1
            elif token == "\x1b[2K":
                lines[row] = ""
            elif token == "\n":
                row += 1
                lines += [""] * (row + 1 - len(lines))
            elif token != "\r":
                lines[row] += token
        return [line for line in lines if line]

    def _read(self, deadline):
        """False once the program has closed the terminal."""
        if not select.select([self.fd], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise AssertionError(f"nothing within {BOUND} s; so far:\n{self.text}")
        try:
            piece = os.read(self.fd, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            piece = b""
        self.seen += piece
        return bool(piece)

    def wait_for(self, pattern):
        deadline = time.monotonic() + BOUND
        while not re.search(pattern, self.text):
            if not self._read(deadline):
                raise AssertionError(f"ended without {pattern}:\n{self.text}")

    def type(self, text):
        os.write(self.fd, text.encode())

    def wait(self):
        """The exit code, when the program has ended."""
        deadline = time.monotonic() + BOUND
        while self._read(deadline):
            pass
        self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self.case.no_secret_in(self.text)
        return self.code

    def close(self):
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


class Gate:
    """A TCP proxy in front of the server that holds what goes up until it is opened: everything behind the first `limit`
    bytes, or from the first request on that begins with `request`."""

    def __init__(self, case, limit=None, request=None):
        self.sent, self._limit, self._request = 0, limit, request
        self.held, self._opened, self._lock = threading.Event(), threading.Event(), threading.Lock()
        self._upstream = ("127.0.0.1", int(case.environment["AWS_ENDPOINT_URL"].rsplit(":", 1)[1]))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        case.addCleanup(self._close)

    def open(self):
        self._opened.set()

    @property
    def connections(self):
        """Made so far."""
        return len(self._sockets) // 2

    def _accept(self):
        try:
            while True:
                client = self._listener.accept()[0]
                server = socket.create_connection(self._upstream)
                self._sockets += [client, server]
                threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
                threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()
        except OSError:
            pass

    def _is_held(self, piece):
        with self._lock:
            self.sent += len(piece)
            if self._limit is not None:
                return self.sent > self._limit
            return self.held.is_set() or piece.startswith(self._request)

    def _pump(self, source, target, up):
        try:
            while piece := source.recv(65536):
                if up and self._is_held(piece):
                    self.held.set()
                    self._opened.wait()
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _close(self):
        self.open()
        self._listener.shutdown(socket.SHUT_RDWR)
        for each in [self._listener, *self._sockets]:
            each.close()


class FakeService:
    """Answers every request with one status, header fields and body."""

    def __init__(self, case, status, headers, body):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = answer

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        case.addCleanup(lambda: (server.shutdown(), server.server_close()))
        self.url = f"http://127.0.0.1:{server.server_address[1]}"


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
