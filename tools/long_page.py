#!/usr/bin/env python3
"""tools/long_page.py LOG COMMIT DATE PAGE TEST... - the page of the long suite.

Each test has an entry: how it ended when it last ran to its end, for how
long, of which commit and on which day, and what it said. Those of LOG, which
is meson's testlog.json, become new; the others stay as they are in PAGE.
TEST... are all that there are, in this order; what is no longer one of them
is left out."""
import json
import re
import sys

HEAD = """# The long suite

Each test as it last ran to its end: `tools/test --long` runs all of them,
`tools/test --long TEST...` some, and only their entries become new.

"""
BEGIN = re.compile(r"^(\w+): \w+, \d+ s, commit \S+, [\d-]+$")
BROKEN_OFF = ("INTERRUPT", "SKIP")


def entries_of(page):
    """Entries by the names of their tests, each a list of lines."""
    entries, lines = {}, None
    for line in page.splitlines():
        begin = BEGIN.match(line)
        if begin:
            lines = entries[begin.group(1)] = [line]
        elif lines and line.startswith("    "):
            lines.append(line)
        else:
            lines = None
    return entries


def entry(test, commit, date):
    name = test["name"].split(" / ")[-1]
    said = [line for line in test.get("stdout", "").splitlines() if line]
    return name, [f"{name}: {test['result']}, {test['duration']:.0f} s, "
                  f"commit {commit}, {date}"] + ["    " + s for s in said]


def page_of(entries, tests):
    lines = []
    for name in tests:
        lines += entries.get(name, [f"{name}: has not run to its end"])
    return HEAD + "```\n" + "\n".join(lines) + "\n```\n"


def main(log, commit, date, path, *tests):
    try:
        with open(path) as page:
            entries = entries_of(page.read())
    except FileNotFoundError:
        entries = {}
    with open(log) as lines:
        for line in lines:
            test = json.loads(line)
            if test["result"] not in BROKEN_OFF:
                name, own = entry(test, commit, date)
                entries[name] = own
    with open(path, "w") as page:
        page.write(page_of(entries, tests))


if __name__ == "__main__":
    if len(sys.argv) < 6:
        sys.exit(__doc__)
    main(*sys.argv[1:])
