#!/usr/bin/env python3
"""What `vmlan test` says, writes and ends with: of what is as recorded, differs, fails, hangs, dies.

  tests/test_command.py --vmlan PATH
"""
import argparse
import pathlib
import subprocess
import tempfile
import time
import xml.etree.ElementTree

GREETING = "* One command.\n.IGNORE OPERATOR: ...\n"
SAME = GREETING + "DESK> LOGON NOBODY\nDESK: ...053E...\n"


def check(vmlan, folder):
    def run(*arguments):
        done = subprocess.run([vmlan, "test", *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout, done.stderr

    def write(name, text):
        (folder / name).write_text(text)

    write("same.vm", SAME)
    write("differs.vm", SAME.replace("053E", "099E"))
    write("fails.vm", GREETING + "OPERATOR> QUERY TIME\n.EXPECT OPERATOR 7\n")
    write("broken.vm", "nonsense\n")
    code, said, _ = run("same.vm")
    assert code == 0 and "TAP version 13\n1..1\nok 1 - same.vm\n" in said, said
    code, said, _ = run("-j", "3", "--junit", "report.xml", "same.vm", "differs.vm", "fails.vm", "broken.vm")
    assert code == 1, code
    for text in ("1..4", "ok 1 - same.vm", "not ok 2 - differs.vm", "# differs.vm:4: VMLTST802E", "# -DESK: ...099E...",
                 "# +DESK: HCPLGA053E NOBODY not in CP directory", "not ok 3 - fails.vm", "fails.vm:4: VMLRUN204E",
                 "not ok 4 - broken.vm", "VMLSCR101E", "# 1 of 4 as recorded"):
        assert text in said, (text, said)
    suite = xml.etree.ElementTree.parse(folder / "report.xml").getroot().find("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "1", "2")
    assert run("nowhere.vm")[0] == 2 and run()[0] == 2 and run("same.vm", "--junit", "no/such/folder.xml")[0] == 1

    # Real time has a limit of its own, and several runs pass it together.
    for number in range(4):
        write(f"slow{number}.vm", GREETING + ".SLEEP 1.5\n")
    begin = time.monotonic()
    code, said, _ = run("--clock", "real", "-j", "4", *(f"slow{number}.vm" for number in range(4)))
    assert code == 0 and time.monotonic() - begin < 5, said
    code, said, _ = run("--clock", "real", "--limit", "0.3", "slow0.vm")
    assert code == 1 and "VMLTST804E" in said, said

    assert run("--strict", "same.vm")[0] == 1, "LOGON's return code is 53"
    assert run("--update", "differs.vm")[0] == 0 and run(str(folder))[0] == 1
    assert (folder / "differs.vm").read_text() == SAME.replace("...053E...", "HCPLGA053E NOBODY not in CP directory")
    assert run("--update", "fails.vm")[0] == 1 and "EXPECT OPERATOR 7" in (folder / "fails.vm").read_text()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vmlan", required=True)
    vmlan = str(pathlib.Path(parser.parse_args().vmlan).resolve())
    with tempfile.TemporaryDirectory() as folder:
        check(vmlan, pathlib.Path(folder))
    print("vmlan test: as it should be")


if __name__ == "__main__":
    main()
