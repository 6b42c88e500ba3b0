#!/usr/bin/env python3
"""Check that each header compiles on its own.

usage: headers.py ROOT COMPILER FLAG...
"""
import pathlib
import subprocess
import sys


def main():
    root = pathlib.Path(sys.argv[1])
    command = sys.argv[2:]
    failed = seen = 0
    for folder in ("core", "models", "sim", "io", "tools", "tests"):
        for path in sorted((root / folder).rglob("*.h")):
            name = path.relative_to(root)
            run = subprocess.run(
                command + ["-std=c17", "-D_GNU_SOURCE", "-fsyntax-only",
                           "-Wall", "-Wextra", "-Werror", f"-I{root}",
                           "-x", "c", "-"],
                input=f'#include "{name}"\n#include "{name}"\n',
                text=True, capture_output=True, check=False)
            seen += 1
            if run.returncode != 0:
                failed += 1
                print(f"{name} does not compile alone:\n{run.stderr}")
    print(f"{seen} headers, {failed} problems")
    return 1 if failed or seen == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
