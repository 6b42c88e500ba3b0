#!/usr/bin/env python3
"""Check tools/long_page.py on a page and a log that are known.

usage: long_page.py ROOT
"""
import json
import pathlib
import subprocess
import sys
import tempfile


def write_log(path, *tests):
    path.write_text("".join(
        json.dumps({"name": "ebb:long / " + name, "result": result,
                    "duration": 2.4, "stdout": said}) + "\n"
        for name, result, said in tests))


def main(root):
    folder = pathlib.Path(tempfile.mkdtemp())
    log, page = folder / "log", folder / "page.md"

    def update(commit, *tests):
        subprocess.run([pathlib.Path(root) / "tools/long_page.py", log, commit,
                        "2026-01-02", page, *tests], check=True)
        text = page.read_text()
        return text[text.index("```\n") + 4:text.rindex("```")]

    write_log(log, ("one", "OK", "a\n\nb\n"), ("two", "FAIL", "c\n"),
              ("three", "INTERRUPT", "d\n"))
    got = update("abc", "one", "two", "three")
    assert got == ("one: OK, 2 s, commit abc, 2026-01-02\n    a\n    b\n"
                   "two: FAIL, 2 s, commit abc, 2026-01-02\n    c\n"
                   "three: has not run to its end\n"), got

    # Some of them again; one was given up, one is new.
    write_log(log, ("two", "OK", ""))
    got = update("def-dirty", "one", "two", "four")
    assert got == ("one: OK, 2 s, commit abc, 2026-01-02\n    a\n    b\n"
                   "two: OK, 2 s, commit def-dirty, 2026-01-02\n"
                   "four: has not run to its end\n"), got
    write_log(log)
    again = update("ghi", "one", "two", "four")
    assert again == got, again


if __name__ == "__main__":
    main(*sys.argv[1:])
