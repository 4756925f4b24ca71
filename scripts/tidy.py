#!/usr/bin/env python3
"""Runs clang-tidy over the library, the examples and the benchmarks:  tidy.py BUILD_DIR [FILE]...

BUILD_DIR is a clang build with compile_commands.json. A file that was found clean is not looked at again until its
preprocessed text, .clang-tidy or clang-tidy itself changes; what is known to be clean is remembered in
$XDG_CACHE_HOME/audiostore-tidy (default ~/.cache), a file of no bytes for each.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

TIDY = "clang-tidy-14"
TOP = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "audiostore-tidy"


def output_of(*command, cwd=TOP):
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True).stdout


def preprocessing(command):
    """The compiler's arguments of a compilation, to print what it would compile: with comments, as NOLINT is one."""
    arguments = shlex.split(command)
    while pathlib.Path(arguments[0]).name == "ccache":
        del arguments[0]
    where = arguments.index("-o")
    return [*arguments[:where], *arguments[where + 2:], "-E", "-C", "-P"]


class Checks:
    def __init__(self, build):
        self.build = build
        self.commands = {entry["file"]: entry for entry in json.loads((build / "compile_commands.json").read_text())}
        self.rules = (TOP / ".clang-tidy").read_bytes() + output_of(TIDY, "--version")
        CACHE.mkdir(parents=True, exist_ok=True)

    def mark_of(self, file):
        """Where it is remembered that this text is clean."""
        entry = self.commands[str(file)]
        text = output_of(*preprocessing(entry["command"]), cwd=entry["directory"])
        return CACHE / hashlib.sha256(self.rules + text).hexdigest()

    def is_clean(self, name):
        file = TOP / name
        mark = self.mark_of(file)
        if mark.exists():
            return True
        checked = subprocess.run([TIDY, "-p", self.build, "--quiet", file], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if checked.returncode == 0:
            mark.touch()
        else:
            print(checked.stdout, flush=True)
        return checked.returncode == 0


def main(build, *files):
    files = files or output_of("git", "ls-files", "src/*.cc", "examples/*.cc", "benchmarks/*.cc").decode().split()
    checks = Checks(pathlib.Path(build).resolve())
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        clean = sum(pool.map(checks.is_clean, files))
    print(f"clang-tidy: {clean} of {len(files)} files are clean")
    return clean != len(files)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
