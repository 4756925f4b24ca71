#!/usr/bin/env python3
"""Holds docs/FAULTS.md against the tests:  fault_table.py [--write]

A test covers a fault when its name begins with the fault's number ("F24: ...", "F9 F12: ...") or when it has the tag
"[F24]". Every row must name exactly the tests that cover it, and every fault must have one. --write fills the column
in.
"""

import pathlib
import re
import sys

FAULTS = [f"F{number}" for number in range(1, 57)]
# Faults of work that has not landed. A fault in here must not have tests: take it out when it gets the first one.
PENDING = set()

TEST_CASE = re.compile(r'^TEST_CASE(?:_METHOD\(\s*\w+\s*,|\()((?:\s*"(?:[^"\\]|\\.)*")+)\s*(?:,((?:\s*"(?:[^"\\]|\\.)*")+))?\s*\)', re.MULTILINE)
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
NUMBERS = re.compile(r"(?:[A-Z]\d+[ :]+)+")
ROW = re.compile(r"^\| (F\d+) \| (.*) \| (.*) \| (.*) \|$")


def text_of(literals):
    return "".join(LITERAL.findall(literals or ""))


def is_built(source):
    """Whether the source is named in the CMakeLists.txt beside it: a test that is not compiled proves nothing."""
    lists = source.parent / "CMakeLists.txt"
    return lists.exists() and re.search(rf"\b{re.escape(source.name)}\b", lists.read_text()) is not None


def built_tests(tests):
    """Name and tags of each test that is run, in the order of the sources."""
    for source in sorted(tests.rglob("*_test.cc")):
        if not is_built(source):
            continue
        for name, tags in TEST_CASE.findall(source.read_text()):
            if "[." not in text_of(tags):  # hidden: not run unless asked for
                yield text_of(name), text_of(tags)


def covering_tests(tests):
    """The names of the tests of each fault, in order."""
    found = {fault: [] for fault in FAULTS}
    for name, tags in built_tests(tests):
        numbers = NUMBERS.match(name)
        labels = re.findall(r"F\d+", numbers.group(0) if numbers else "") + re.findall(r"\[(F\d+)\]", tags)
        for fault in set(labels) & found.keys():
            found[fault].append(name)
    return found


def rewritten(document, tests):
    """The document with the last column filled in, and the faults of its rows."""
    rows = []

    def fill(line):
        row = ROW.match(line)
        if not row:
            return line
        fault, wrong, done, _ = row.groups()
        rows.append(fault)
        return f"| {fault} | {wrong} | {done} | {'<br>'.join(tests.get(fault, [])) or 'not yet'} |"

    return "".join(fill(line) + "\n" for line in document.splitlines()), rows


def main():
    top = pathlib.Path(__file__).resolve().parents[2]
    table = top / "docs" / "FAULTS.md"
    tests = covering_tests(top / "tests")
    document = table.read_text()
    wanted, rows = rewritten(document, tests)
    mistakes = []
    if rows != FAULTS:
        mistakes.append(f"the rows must be F1 to {FAULTS[-1]}, each once and in order; they are {' '.join(rows)}")
    for fault in FAULTS:
        if not tests[fault] and fault not in PENDING:
            mistakes.append(f"{fault} has no test")
        if tests[fault] and fault in PENDING:
            mistakes.append(f"{fault} has a test now: take it out of PENDING in fault_table.py")
    if "--write" in sys.argv[1:]:
        table.write_text(wanted)
    elif wanted != document:
        mistakes.append("docs/FAULTS.md does not name the tests that there are: run tests/faults/fault_table.py --write")
    for mistake in mistakes:
        print(mistake, file=sys.stderr)
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
