#!/usr/bin/env python3
"""What docs/SETUP.md and docs/COST.md say is worked out again: blocks to paste are well-formed and agree with each
other, amounts are what quantities and prices come to."""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def local_name(element):
    return element.tag.rsplit("}", 1)[-1]


def texts(rule, name):
    return [element.text for element in rule.iter() if local_name(element) == name]


def check_cors(xml, rule):
    """The CORS rules in XML are those in JSON."""
    for singular, plural in (("AllowedOrigin", "AllowedOrigins"), ("AllowedMethod", "AllowedMethods"),
                             ("AllowedHeader", "AllowedHeaders"), ("ExposeHeader", "ExposeHeaders")):
        assert texts(xml, singular) == rule[plural], f"{plural} differ between XML and JSON"
    assert texts(xml, "MaxAgeSeconds") == [str(rule["MaxAgeSeconds"])]


def check_lifecycle(xml, rule):
    assert texts(xml, "ID") == [rule["ID"]]
    assert [text or "" for text in texts(xml, "Prefix")] == [rule["Filter"]["Prefix"]]
    assert texts(xml, "DaysAfterInitiation") == [str(rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"])]


def check_setup(page):
    documents = [json.loads(block) for block in blocks(page, "json")]
    policy, cors, lifecycle, console_cors = documents
    assert policy["Version"] == "2012-10-17" and len(policy["Statement"]) == 3
    assert cors["CORSRules"] == console_cors, "R2's rules are not those of Amazon S3"
    cors_xml, lifecycle_xml = [ElementTree.fromstring(block) for block in blocks(page, "xml")]
    check_cors(cors_xml, console_cors[0])
    check_lifecycle(lifecycle_xml, lifecycle["Rules"][0])
    for section in page.split("\n## ")[1:5]:
        assert blocks(section, "sh")[-1].rstrip().splitlines()[-1].startswith("audiostore doctor"), section[:30]


def rows(page):
    """The cells of the table whose head begins with "service"."""
    lines = iter(page.splitlines())
    for line in lines:
        if line.startswith("| service "):
            break
    next(lines)
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def number(cell):
    return Decimal(cell.replace(",", ""))


def check_cost(page):
    sums = {}
    totals = 0
    for service, line, quantity, free, price, unit, amount in rows(page):
        if line == "**total**":
            assert number(amount.strip("*")) == sums[service], f"{service}: the total is {sums[service]}"
            totals += 1
            continue
        billed = max(Decimal(0), number(quantity) - number(free))
        expected = (billed * number(price) / number(unit)).quantize(CENT, ROUND_HALF_UP)
        assert number(amount) == expected, f"{service}, {line}: {expected}, not {amount}"
        sums[service] = sums.get(service, Decimal(0)) + expected
    assert totals == len(sums) == 4
    part = -(-(1 << 30) // (8 << 20)) + 2
    assert f"{part} writes, ${Decimal(part) * Decimal('0.005') / 1000:f} on S3" in page
    assert re.search(r"as found on \d{4}-\d\d-\d\d", page), "the prices have no date"


def main():
    docs = pathlib.Path(__file__).resolve().parents[2] / "docs"
    check_setup((docs / "SETUP.md").read_text(encoding="utf-8"))
    check_cost((docs / "COST.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    sys.exit(main())
