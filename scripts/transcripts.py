#!/usr/bin/env python3
"""vmlan test over all transcripts of the tree, each run twice.

  scripts/transcripts.py --vmlan PATH [--update] [FILE...]

Without FILE: all of tests/scripts and examples. --update writes the answers of now into the files: review that diff as
you review code.
"""
import argparse
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vmlan", required=True, help="the program")
    parser.add_argument("--update", action="store_true", help="write the answers of now into the files")
    parser.add_argument("files", nargs="*", metavar="FILE")
    options = parser.parse_args()
    files = options.files or [str(ROOT / "tests/scripts"), str(ROOT / "examples")]
    update = ["--update"] if options.update else []
    return subprocess.run([options.vmlan, "test", "--twice", *update, "--", *files], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
