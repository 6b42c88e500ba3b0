#!/usr/bin/env python3
"""Check the rules between folders and the sizes of files.

usage: folders.py ROOT

core knows libc alone; models knows core; sim and io know core and models and
never each other; tools knows all. Headers of other libraries stay in the one
folder that owns them. No file is longer than 600 lines, and no line of C than
80 columns.
"""
import pathlib
import re
import sys

KNOWS = {
    "core": {"core"},
    "models": {"core", "models"},
    "sim": {"core", "models", "sim"},
    "io": {"core", "models", "io"},
    "tools": {"core", "models", "sim", "io", "tools"},
    "tests": {"core", "models", "sim", "io", "tools", "tests"},
}
# Who may include a library's headers (tests may include any).
OWNERS = {
    "hdf5": "io", "H5": "io", "cyaml/": "io", "yaml": "io", "zlib": "io",
    "lz4": "io", "zstd": "io", "sndfile": "io", "kiss_fft": "io",
    "event2/": "io", "dnnl": "sim", "omp": "sim", "mpi": "sim",
    "jemalloc/": "core", "Random123/": "core",
}
LINES_MAX = 600
COLUMNS_MAX = 80


def foreign(folder, name):
    """The folder that owns an included library, when it is another one."""
    for start, owner in OWNERS.items():
        if name.startswith(start) and folder not in (owner, "tests"):
            return owner
    return None


def check(path, folder, known):
    problems = []
    lines = path.read_text(encoding="utf-8").splitlines()
    if len(lines) > LINES_MAX:
        problems.append(f"{path}: {len(lines)} lines, more than {LINES_MAX}")
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX:
            problems.append(f"{path}:{number}: {len(line)} columns")
        own = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if own and own[1].split("/")[0] not in known:
            problems.append(f"{path}:{number}: {folder}/ may not include "
                            f"{own[1]}")
        library = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
        owner = library and foreign(folder, library[1])
        if owner:
            problems.append(f"{path}:{number}: <{library[1]}> belongs to "
                            f"{owner}/")
    return problems


def main():
    root = pathlib.Path(sys.argv[1])
    problems = []
    seen = 0
    for folder, known in KNOWS.items():
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".c", ".h", ".inc"):
                problems += check(path, folder, known)
                seen += 1
    for problem in problems:
        print(problem)
    print(f"{seen} files, {len(problems)} problems")
    return 1 if problems or seen == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
