"""OWASP ASVS 5, levels 1 and 2: each item has a test that exists, an answer, or is named as open."""

import collections
import re
import pathlib

from room import REPOSITORY

TESTED_MIN = 120
KINDS = {"test", "answer", "open", "none"}


def exists(reference):
    """Whether the file is there and has the test: a function of that name, or the words themselves."""
    path, _, name = reference.partition(" ")
    file = REPOSITORY / path
    if not file.is_file() or not name:
        return False
    text = file.read_text()
    if re.fullmatch(r"\w+", name):
        if file.suffix == ".rs":
            # A test, and not only a function.
            return re.search(rf"#\[(?:tokio::)?test[^\n]*\]\n(?:#\[[^\n]*\n)*(?:async )?fn {name}\b|^        async fn {name}\b|#\[test\]\n\s+(?:#\[[^\n]*\n\s+)?fn {name}\b|#\[(?:tokio::)?test[^\n]*\]\s+(?:async )?fn {name}\b", text, re.M) is not None
        return re.search(rf"^(?:def |class )?{name}\b(?:\(|=)", text, re.M) is not None
    return name in text


def run(table):
    table.section("OWASP ASVS 5, levels 1 and 2")
    rows = [line.split("\t") for line in pathlib.Path(__file__).with_name("asvs.tsv").read_text().splitlines() if not line.startswith("#")]
    counts = collections.Counter(row[2] for row in rows)
    for row in rows:
        if table.check(f"ASVS {row[0]}: a whole line", len(row) == 4 and row[2] in KINDS and all(row), str(row)):
            item, _, kind, said = row
            if kind == "test":
                table.check(f"ASVS {item}: its test is there", exists(said), said)
            elif kind == "open":
                print(f"   open: {item} {row[1]}: {said}")
    items = [row[0] for row in rows]
    table.check("ASVS: each item once", len(set(items)) == len(items))
    table.check("ASVS: all of levels 1 and 2", len(items) == 253, f"{len(items)}")
    table.check(f"ASVS: at least {TESTED_MIN} with a test", counts["test"] >= TESTED_MIN, f"{counts['test']}")
    tests = len({row[3] for row in rows if row[2] == "test"})
    table.add("ASVS 5, levels 1 and 2", len(rows), 0, 0, "", None, f"{counts['test']} by {tests} tests, {counts['answer']} answered, {counts['open']} open, {counts['none']} not applicable")
