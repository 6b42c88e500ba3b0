#!/usr/bin/env python3
"""Check tools/results on run folders whose numbers are known.

usage: results.py ROOT
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

PAGE = """# Page

<!-- results digits -->
old
<!-- end -->
Text after it.
"""


def write_run(folder, seed, right, penalty, operations):
    folder.mkdir(parents=True)
    (folder / "result.json").write_text(json.dumps(
        {"experiment": "digits", "seed": seed, "commit": "abc", "data": "d.h5",
         "data_hash": "12", "kernels": "free", "penalty": penalty,
         "validation_right": 0.5, "test_right": right, "ticks": 7,
         "test_activity": [0.25, 0.125]}))
    (folder / "confusion.csv").write_text("3,1\n0,4\n")
    (folder / "cost.json").write_text(json.dumps(
        {"operations_per_sample": operations,
         "arithmetic_joules_per_sample": 2e-6,
         "memory_joules_per_sample": 30e-6}))


def refuses(tool, page, run, words):
    done = subprocess.run([tool, page, run], capture_output=True, text=True)
    return done.returncode != 0 and words in done.stderr


def main():
    tool = pathlib.Path(sys.argv[1]) / "tools" / "results"
    if not shutil.which("gnuplot"):
        print("skipped: no gnuplot")
        return 77
    with tempfile.TemporaryDirectory() as name:
        top = pathlib.Path(name)
        page = top / "page.md"
        page.write_text(PAGE)
        for seed, right in ((1, 0.98), (2, 0.99), (3, 1.0)):
            write_run(top / f"a{seed}", seed, right, None, 2e6 + 1e6 * seed)
        write_run(top / "p", 1, 0.9, 0.5, 1e6)
        runs = sorted(str(path) for path in top.iterdir() if path.is_dir())
        subprocess.run([tool, page, *runs], check=True)
        text = page.read_text()
        wanted = [
            "| kernels free | 1, 2, 3 | 50.00 ± 0.00 | 99.00 ± 1.00 | "
            "25.0, 12.5 | 4.00 ± 1.00 | 2.0 ± 0.0 | 30 ± 0 | abc |",
            "| kernels free, penalty 0.5 | 1 | 50.00 | 90.00 |",
            "data d.h5 (12)", "# Page\n", "\nText after it.\n"]
        missing = [line for line in wanted if line not in text]
        for kind in ("confusion", "pareto"):
            figure = top / f"page_digits_{kind}.svg"
            if not figure.exists() or "</svg>" not in figure.read_text():
                missing.append(figure.name)
        subprocess.run([tool, page, *runs], check=True)
        if page.read_text() != text or "\nold\n" in text:
            missing.append("the same text again")
        (top / "empty.md").write_text("nothing\n")
        if not refuses(tool, top / "empty.md", runs[0], "has no place"):
            missing.append("a page without a place is refused")
        if not refuses(tool, page, top, "result.json"):
            missing.append("a folder without a run is refused")
    for line in missing:
        print("missing:", line)
    if missing:
        print(text)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
