"""Tests in network namespaces: a test program runs itself again in one, bounded in time, and nothing of it survives. Without
rights it is skipped, by name."""
import os
import shutil
import subprocess
import sys
import unittest

from vmlan_program import VMLAN

INSIDE = "VMLAN_TEST_IN_NAMESPACE"
BOUND = ["timeout", "-k", "2", "560", "unshare", "-n", "--mount", "--fork", "--pid", "--mount-proc", "--kill-child"]
SKIPPED = 77


def needs(*programs):
    missing = [program for program in programs if not shutil.which(program)]
    return unittest.skipIf(missing, f"{', '.join(missing)} is missing (scripts/setup uplinks)")


def main():
    """unittest.main() in a namespace; exit code 77: everything was skipped."""
    if os.environ.get(INSIDE):
        result = unittest.main(verbosity=2, exit=False).result
        skipped = len(result.skipped) == result.testsRun
        sys.exit(1 if not result.wasSuccessful() else SKIPPED if skipped else 0)
    if os.geteuid() != 0:
        print("SKIPPED: needs root, for cables, TAP devices and packet sockets")
        sys.exit(SKIPPED)
    if subprocess.run([*BOUND, "true"], check=False).returncode:
        print("SKIPPED: no namespaces here")
        sys.exit(SKIPPED)
    again = [*BOUND, sys.executable, sys.argv[0], "--vmlan", VMLAN, *sys.argv[1:]]
    sys.exit(subprocess.run(again, env={**os.environ, INSIDE: "1"}, check=False).returncode)
