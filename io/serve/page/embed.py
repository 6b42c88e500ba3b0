#!/usr/bin/env python3
"""Turn a page into C: its bytes, and a policy that allows only what is in it.

usage: embed.py PAGE OUTPUT
"""
import base64
import hashlib
import pathlib
import re
import sys


def hashes(page, tag):
    """Sources of a policy: a hash of each inline element."""
    found = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.S)
    if not found:
        sys.exit(f"no <{tag}> without attributes in the page")
    return " ".join(
        "'sha256-" + base64.b64encode(
            hashlib.sha256(text.encode()).digest()).decode() + "'"
        for text in found)


def policy(page):
    return ("default-src 'none'; "
            f"script-src {hashes(page, 'script')}; "
            f"style-src {hashes(page, 'style')}; "
            "connect-src 'self'; img-src 'self' data:; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'")


def rows(data, width=16):
    for start in range(0, len(data), width):
        yield ", ".join(str(byte) for byte in data[start:start + width])


def main():
    data = pathlib.Path(sys.argv[1]).read_bytes()
    text = (
        "/* Made by embed.py from index.html. */\n"
        '#include "io/serve/page.h"\n\n'
        f"const char ebb_page_policy[] =\n    \"{policy(data.decode())}\";\n\n"
        "const unsigned char ebb_page[] = {\n    "
        + ",\n    ".join(rows(data)) + "\n};\n\n"
        f"const size_t ebb_page_bytes = {len(data)};\n")
    pathlib.Path(sys.argv[2]).write_text(text)


if __name__ == "__main__":
    main()
