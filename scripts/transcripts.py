#!/usr/bin/env python3
"""Runs every transcript under the virtual clock and compares what is printed with the file itself.

  scripts/transcripts.py --vmlan PATH [--update] [FILE...]

A transcript (.vm) is a script with the answers its consoles gave. Without FILE: all of tests/scripts and examples.
Each runs twice, and the two runs have to print the same bytes. --update writes the answers of now into the files:
review that diff as you review code.

Exit code 1 if an answer differs, a script fails, or two runs differ.
"""
import argparse
import difflib
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TIME_LIMIT_SECONDS = 120


class Failed(Exception):
    """The script did not end well; the text says how."""


def run(vmlan, script):
    """What the script prints; it runs in an empty folder, so that what .GET leaves there disturbs nobody."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            result = subprocess.run([vmlan, "run", "--clock", "virtual", str(script)], cwd=folder, timeout=TIME_LIMIT_SECONDS,
                                    stdin=subprocess.DEVNULL, capture_output=True, check=False)
        except subprocess.TimeoutExpired:
            raise Failed(f"has not ended after {TIME_LIMIT_SECONDS} s") from None
    if result.returncode != 0:
        last = b"\n".join(result.stdout.splitlines()[-5:]).decode(errors="replace")
        raise Failed(f"exit code {result.returncode}\n{last}\n{result.stderr.decode(errors='replace')}".rstrip())
    return result.stdout


def shown_difference(name, expected, actual):
    lines = difflib.unified_diff(expected.decode(errors="replace").splitlines(), actual.decode(errors="replace").splitlines(),
                                 f"{name} (recorded)", f"{name} (now)", lineterm="")
    return "\n".join(lines)


def check(vmlan, script, update):
    """Empty = well; else what is wrong. Prints what it updates."""
    name = script.relative_to(ROOT) if script.is_relative_to(ROOT) else script
    try:
        actual = run(vmlan, script)
        again = run(vmlan, script)
    except Failed as failure:
        return f"{name}: {failure}"
    if actual != again:
        return f"{name}: two runs differ\n{shown_difference(name, actual, again)}"
    recorded = script.read_bytes()
    if actual == recorded:
        return ""
    if update:
        script.write_bytes(actual)
        print(f"updated {name}")
        return ""
    return f"{name}: the answers differ\n{shown_difference(name, recorded, actual)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vmlan", required=True, help="the program")
    parser.add_argument("--update", action="store_true", help="write the answers of now into the files")
    parser.add_argument("files", nargs="*", type=pathlib.Path, metavar="FILE")
    options = parser.parse_args()
    scripts = [file.resolve() for file in options.files]
    if not scripts:
        scripts = sorted([*ROOT.glob("tests/scripts/*.vm"), *ROOT.glob("examples/*.vm")])
    vmlan = str(pathlib.Path(options.vmlan).resolve())
    wrong = [problem for problem in (check(vmlan, script, options.update) for script in scripts) if problem]
    for problem in wrong:
        print(problem)
    print(f"transcripts: {len(scripts) - len(wrong)} of {len(scripts)} as recorded")
    return 1 if wrong or not scripts else 0


if __name__ == "__main__":
    sys.exit(main())
