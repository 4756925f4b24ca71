#!/usr/bin/env python3
"""Holds the README's table of features against the tests: every row must name some, and each must exist and be run."""

import pathlib
import sys

from fault_table import built_tests

HEADING = "| Feature | What there is | Shown by |"


def rows_of(readme):
    """Feature and the names of its tests, row by row."""
    table = readme.partition(HEADING)[2].partition("\n\n")[0]
    for line in table.strip().splitlines()[1:]:
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        yield cells[0], [name for name in cells[-1].split("<br>") if name] if len(cells) == 3 else []


def is_run_script(top, name):
    """Whether it is a test in another language that the CMakeLists.txt beside it names."""
    script = top / name
    lists = script.parent / "CMakeLists.txt"
    return name.startswith("tests/") and script.is_file() and script.stem.removesuffix("_test") in lists.read_text()


def main():
    top = pathlib.Path(__file__).resolve().parents[2]
    tests = {name for name, _ in built_tests(top / "tests")}
    rows = list(rows_of((top / "README.md").read_text()))
    mistakes = [] if rows else ["README.md has no table of features"]
    for feature, names in rows:
        if not names:
            mistakes.append(f"{feature}: no test is named")
        mistakes += [f"{feature}: there is no test {name!r}"
                     for name in names if name not in tests and not is_run_script(top, name)]
    for mistake in mistakes:
        print(mistake, file=sys.stderr)
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
