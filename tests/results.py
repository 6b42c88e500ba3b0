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


def write_run(folder, seed, right, penalty, operations, **more):
    folder.mkdir(parents=True)
    (folder / "result.json").write_text(json.dumps(
        {"experiment": "digits", "seed": seed, "commit": "abc", "data": "d.h5",
         "data_hash": "12", "kernels": "free", "penalty": penalty,
         "validation_right": 0.5, "test_right": right, "ticks": 7,
         "batch": 4, "epochs": 3, "train_samples": 40,
         "validation_samples": 4, "test_samples": 8,
         "test_activity": [0.25, 0.125], **more}))
    (folder / "confusion.csv").write_text("3,1\n0,4\n")
    (folder / "cost.json").write_text(json.dumps(
        {"operations_per_sample": operations,
         "arithmetic_joules_per_sample": 2e-6,
         "memory_joules_per_sample": 30e-6}))


def refuses(tool, page, runs, words):
    done = subprocess.run([tool, page, *runs], capture_output=True, text=True)
    told = done.stderr.startswith("tools/results: ") and words in done.stderr
    return done.returncode != 0 and told


def unsound(tool, page, top):
    """What is wrong with runs, and is not refused by name."""
    sound = top / "a1"
    taken = []
    before = page.read_text()
    for name, value in (("epochs", 4), ("batch", 8), ("ticks", 8),
                        ("data_hash", "13"), ("train_samples", 44),
                        ("validation_samples", 5), ("test_samples", 9),
                        ("test_activity", [0.25])):
        other = top / f"other_{name}"
        write_run(other, 9, 0.9, None, 1e6, **{name: value})
        if not refuses(tool, page, (sound, other), f"kernels free: {name} "):
            taken.append(f"a row of two {name} is refused")
    write_run(top / "dirty", 9, 0.9, None, 1e6, commit="abc-dirty")
    if not refuses(tool, page, (top / "dirty",), "commit abc-dirty"):
        taken.append("a run of changed sources is refused")
    for name, text in (("confusion.csv", None), ("confusion.csv", "3,x\n"),
                       ("confusion.csv", "3,1\n0\n"), ("cost.json", "{}"),
                       ("result.json", "{"), ("result.json", "[]"),
                       ("result.json", None)):
        bad = top / f"bad{len(list(top.iterdir()))}"
        write_run(bad, 9, 0.9, None, 1e6)
        (bad / name).unlink()
        if text:
            (bad / name).write_text(text)
        if not refuses(tool, page, (bad,), name):
            taken.append(f"{name} of '{text}' is refused")
    write_run(top / "costless", 9, 0.9, None, 1e6)
    (top / "costless" / "cost.json").unlink()
    if not refuses(tool, page, (sound, top / "costless"), "no cost.json"):
        taken.append("a row with costs of some runs is refused")
    write_run(top / "silent", 9, 0.9, None, 1e6)
    run = json.loads((top / "silent" / "result.json").read_text())
    del run["test_activity"]
    (top / "silent" / "result.json").write_text(json.dumps(run))
    if not refuses(tool, page, (top / "silent",), "no test_activity"):
        taken.append("a run without test_activity is refused")
    if page.read_text() != before:
        taken.append("a page is left as it was")
    return taken


def takes_early_stops(tool, page, top):
    """Epochs that were to be count, not those that were needed."""
    for seed, epochs in ((1, 3), (2, 2)):
        write_run(top / f"early{seed}", seed, 0.9, None, 1e6, epochs=epochs,
                  epochs_planned=20)
    done = subprocess.run([tool, page, top / "early1", top / "early2"],
                          check=False)
    return done.returncode == 0


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
            "40 samples for training, 4 for validation, 8 for tests, 7 ticks; "
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
        if not refuses(tool, top / "empty.md", (runs[0],), "has no place"):
            missing.append("a page without a place is refused")
        if not refuses(tool, page, (top,), "result.json"):
            missing.append("a folder without a run is refused")
        missing += unsound(tool, page, top)
        if not takes_early_stops(tool, page, top):
            missing.append("runs that stopped early make a row")
    for line in missing:
        print("missing:", line)
    if missing:
        print(text)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
