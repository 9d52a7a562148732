#!/usr/bin/env python3
"""Breaks the code in small ways, one at a time, and says which of them no test notices.

  scripts/mutate.py [--seed NUMBER] [--share NUMBER]

Works on a copy of the last commit in build/mutate, not optimized. A mutant is a skipped check or statement, a swapped
comparison, a lost increment. Per room as many are tried as PLAN says, times --share (1: 70 of them, about an hour on 2
cores). The room's own tests come first, then those of tests/ that drive it from outside, for what serves also the
program's. They must pass on the unbroken code, or nothing is tried and the exit code is 1. Prints one line for each
mutant and the share that was caught; exit code 0.
"""
import argparse
import os
import pathlib
import random
import re
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COPY = ROOT / "build/mutate"
BUILD = COPY / "build/mutated"

PLAN = {"guestlan": 18, "qdio/queues": 5, "qdio/adapter": 8, "qdio/device": 3, "link": 6, "host": 9, "hercules": 8,
        "apps/serve": 7, "cp": 4, "arch": 1, "cms/driver": 1}
SERVED = {"host", "apps/serve", "link", "cp"}
FROM_OUTSIDE = ["tests/" + name + "_test" for name in (
    "claim_1", "conformance", "conformance_other_guests", "conformance_other_guests_commands", "conformance_data_paths",
    "conformance_turns", "dialogue", "driver_on_lan", "lan_conformance", "two_users", "join_used_nic", "query_active_nic",
    "linked")] + ["hercules_test", "guestlan_test", "qdio_queues_test", "qdio_adapter_test", "cp_test"]
SCRIPTS = ["program", "door", "console"]
SWAPS = [(r" == ", " != "), (r" != ", " == "), (r" < ", " <= "), (r" <= ", " < "), (r" > ", " >= "), (r" >= ", " > "),
         (r" && ", " || "), (r" \|\| ", " && "), (r" \+ ", " - "), (r" - ", " + "), (r"\btrue\b", "false"),
         (r"\bfalse\b", "true"), (r"\+= ", "-= "), (r"if \(!", "if (")]
NOT_CODE = ("//", "#", "static_assert", "assert", "using", "namespace", "template", "case", "default", "enum", "struct", "class")
STATEMENT = re.compile(r"^\s+[A-Za-z_][\w.\->\[\]()]*(\(.*\)| [+\-|&]?= .*);$")
GUARD = re.compile(r"^(\s+)(if \(.*\)) (return|continue|break|\w+).*;$")
STOPS = ("return", "const", "auto", "break", "continue")


def mutants(lines):
    """Yields (index of the line, what it becomes)."""
    for number, line in enumerate(lines):
        code = line.split("//")[0].rstrip()
        if not code.strip() or code.strip().startswith(NOT_CODE):
            continue
        for pattern, other in SWAPS:
            for match in re.finditer(pattern, code):
                changed = line[:match.start()] + other + line[match.end():]
                if changed != line:
                    yield number, changed
        gone = re.match(r"\s*", line).group() + "/* gone */;"
        if (STATEMENT.match(code) and not code.strip().startswith(STOPS)) or GUARD.match(code):
            yield from [(number, gone)] * 2  # as often as the swaps that a line offers


def run(command, limit):
    """Its return code. What it has started and left behind, a broken program may not end, is ended too."""
    with subprocess.Popen(command, cwd=COPY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          start_new_session=True) as process:
        try:
            code = process.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            code = 124
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        return code


def builds(*targets):
    return run(["ninja", "-C", str(BUILD), *targets], 1800) == 0


def own_tests(room):
    return room.replace("/", "_") + "_test"


def program_passes(program):
    return run([str(BUILD / program), "--gtest_brief=1"], 200) == 0


def script_passes(script):
    return run([sys.executable, str(COPY / f"tests/{script}.py"), "--vmlan", str(BUILD / "vmlan")], 200) == 0


def failing_unbroken():
    """What already fails: it would pass for something that notices."""
    programs = sorted(set(map(own_tests, PLAN)) | set(FROM_OUTSIDE))
    return [name for name in programs if not program_passes(name)] + [name for name in SCRIPTS if not script_passes(name)]


def who_notices(room):
    """The program whose tests fail; nothing; or None: it does not compile."""
    own = own_tests(room)
    if not builds(own):
        return None
    if not program_passes(own):
        return own
    others = [program for program in FROM_OUTSIDE if program != own]
    if not builds(*others):
        return "the compiler"
    for program in others:
        if not program_passes(program):
            return program
    if room not in SERVED:
        return ""
    if not builds("vmlan"):
        return "the compiler"
    for script in SCRIPTS:
        if not script_passes(script):
            return f"tests/{script}.py"
    return ""


def prepare():
    subprocess.run(["git", "-C", str(ROOT), "worktree", "prune"], check=True)
    if COPY.exists():
        subprocess.run(["git", "-C", str(COPY), "checkout", "-q", "-f", "--detach",
                        subprocess.check_output(["git", "-C", str(ROOT), "rev-parse", "HEAD"], text=True).strip()], check=True)
    else:
        subprocess.run(["git", "-C", str(ROOT), "worktree", "add", "-q", "--detach", str(COPY)], check=True)
    subprocess.run(["cmake", "-S", str(COPY), "-B", str(BUILD), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=None", "-DCMAKE_CXX_FLAGS=-O0",
                    "-DVMLAN_BUILD_BENCH=OFF"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", str(BUILD)], check=True, stdout=subprocess.DEVNULL)


def candidates(room):
    found = []
    for path in sorted((COPY / room).glob("*.cpp")):
        if not path.name.endswith("_test.cpp"):
            found += [(path, number, changed) for number, changed in mutants(path.read_text().split("\n"))]
    return found


def try_room(room, count, chance):
    """Yields (place, from, to, who has noticed)."""
    pool = candidates(room)
    chance.shuffle(pool)
    for path, number, changed in pool:
        if count == 0:
            return
        text = path.read_text()
        lines = text.split("\n")
        before, lines[number] = lines[number], changed
        path.write_text("\n".join(lines))
        try:
            noticed = who_notices(room)
        finally:
            path.write_text(text)
        if noticed is not None:
            count -= 1
            yield f"{path.relative_to(COPY)}:{number + 1}", before.strip(), changed.strip(), noticed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=1)
    options = parser.parse_args()
    prepare()
    if failing := failing_unbroken():
        print("these fail on the unbroken code: " + ", ".join(failing), file=sys.stderr)
        return 1
    chance = random.Random(options.seed)
    tried = caught = 0
    for room, count in PLAN.items():
        for place, before, after, noticed in try_room(room, max(1, round(count * options.share)), chance):
            tried += 1
            caught += 1 if noticed else 0
            print(f"{'caught' if noticed else 'SURVIVED'} {place} [{before}] -> [{after}] {noticed}", flush=True)
    print(f"{caught} of {tried} caught, {100 * caught // tried} %")
    return 0


if __name__ == "__main__":
    sys.exit(main())
