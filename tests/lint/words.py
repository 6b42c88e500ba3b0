#!/usr/bin/env python3
"""Check that sources and pages say only what belongs there.

usage: words.py ROOT

No loose ends (TODO, FIXME, XXX), no call that allocates beside
ebb_mem_*, no library code that prints or exits, no flag that changes sums.
"""
import pathlib
import re
import sys

EVERYWHERE = {
    r"\b(TODO|FIXME|XXX|HACK)\b": "finish it or leave it out",
    r"(?<![.\w])/(?:home|root|Users)/": "a path of one machine",
    r"-ffast-math": "sums must be the same everywhere",
}
LIBRARY = {
    r"(?<![\w.>])(malloc|calloc|realloc|strdup)\s*\(":
        "ebb_mem_calloc is the only door to the heap",
    r"(?<![\w.>])(printf|puts|putchar|exit|abort)\s*\(":
        "only tools/ prints and exits",
}
ALLOWED = {("core/memory.c", "calloc"), ("core/memory.c", "malloc"),
           ("core/memory.c", "realloc")}
SYSTEM = ("bin", "dev", "etc", "lib", "mnt", "opt", "proc", "srv", "sys", "tmp",
          "usr", "var")
TEXTS = (".c", ".h", ".inc", ".md", ".yaml", ".py", ".build", ".sh", "")


def forbid_this_machine(root):
    """The folder below / in which this checkout happens to stand."""
    top = root.resolve().parts[1]
    if top not in SYSTEM:
        EVERYWHERE[rf"(?<![.\w])/{re.escape(top)}/"] = "a path of one machine"


def rules_for(name):
    rules = dict(EVERYWHERE)
    if name.split("/")[0] in ("core", "models", "sim", "io"):
        rules.update(LIBRARY)
    return rules


def without_comments(text):
    """C text whose comments are blanked, line by line."""
    blank = lambda m: re.sub(r"[^\n]", " ", m[0])
    return re.sub(r"/\*.*?\*/", blank, text, flags=re.S)


def check(path, name):
    problems = []
    text = path.read_text(encoding="utf-8", errors="replace")
    code = without_comments(text) if path.suffix in (".c", ".h", ".inc") \
        else text
    for pattern, reason in rules_for(name).items():
        body = code if pattern in LIBRARY else text
        for found in re.finditer(pattern, body):
            word = found[1] if found.groups() else found[0]
            if (name, word) in ALLOWED:
                continue
            line = body.count("\n", 0, found.start()) + 1
            problems.append(f"{name}:{line}: '{word}': {reason}")
    return problems


def main():
    root = pathlib.Path(sys.argv[1])
    problems = []
    seen = 0
    forbid_this_machine(root)
    folders = ("core", "models", "sim", "io", "tools", "tests", "docs",
               "experiments")
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            name = str(path.relative_to(root))
            if not path.is_file() or path.suffix not in TEXTS or \
                    name == "tests/lint/words.py" or "__pycache__" in name or \
                    "node_modules" in name:
                continue
            problems += check(path, name)
            seen += 1
    for problem in problems:
        print(problem)
    print(f"{seen} files, {len(problems)} problems")
    return 1 if problems or seen == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
