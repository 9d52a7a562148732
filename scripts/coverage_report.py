#!/usr/bin/env python3
"""Reads `llvm-cov export -summary-only` from standard input: lines that ran, for each floor named.

Exit code 1 if a floor has less than --least percent, 2 if there is nothing to count.
"""
import argparse
import json
import os
import sys


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--least", type=int, default=0)
    arguments.add_argument("--without", action="append", default=[], metavar="FILE", help="that does not count")
    arguments.add_argument("floors", nargs="+")
    options = arguments.parse_args()

    without = {os.path.join(os.getcwd(), file) for file in options.without}
    files = [entry for entry in json.load(sys.stdin)["data"][0]["files"] if os.path.normpath(entry["filename"]) not in without]
    low = False
    for floor in options.floors:
        under = os.path.join(os.getcwd(), floor) + "/"
        lines = [entry["summary"]["lines"] for entry in files if os.path.normpath(entry["filename"]).startswith(under)
                 and not entry["filename"].endswith("_test.cpp")]
        count = sum(entry["count"] for entry in lines)
        if count == 0:
            print(f"no line of {floor} was counted", file=sys.stderr)
            return 2
        share = 100 * sum(entry["covered"] for entry in lines) / count
        low = low or share < options.least
        print(f"{floor:12} {share:5.1f} % of {count} lines")
    if low:
        print(f"less than {options.least} %: tests/fuzz does not reach enough of it", file=sys.stderr)
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
