#!/usr/bin/env python3
"""Runs the sh blocks of docs/API.md, one after the other in one shell, against a started audio-service.
api_doc_test.py PROGRAM API_MD"""
import os
import pathlib
import re
import subprocess
import sys

from service_under_test import Service, make_wav


def main():
    program, page = sys.argv[1:]
    blocks = re.findall(r"^```sh\n(.*?)^```$", pathlib.Path(page).read_text(encoding="utf-8"), re.M | re.S)
    assert len(blocks) >= 10, "the page has lost its examples"
    with Service(program, "--quiet") as service:
        (service.path / "take.wav").write_bytes(make_wav(4000))
        shell = subprocess.run(["bash", "-euo", "pipefail", "-x", "-c", "\n".join(blocks)], cwd=service.path, text=True,
                               env={**os.environ, "SERVICE": service.origin, "TOKEN": service.add_user("alice")},
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=100)
    print(f"{len(blocks)} blocks" if shell.returncode == 0 else shell.stdout)
    return shell.returncode


if __name__ == "__main__":
    sys.exit(main())
