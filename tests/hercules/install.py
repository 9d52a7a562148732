#!/usr/bin/env python3
"""What `cmake --install` puts where, and that Hercules takes the module from there.

  tests/hercules/install.py --build FOLDER [--hercules PROGRAM]

Installs a build into folders of its own: once below a root (DESTDIR) with prefix /usr, as a package does, once with a
prefix of its own. `vmlan hercules check` of each says whether the module is found and loaded; no guest is started.

Exit code 0: it is all there and fits; 1: something is missing or does not fit; 77: there is no Hercules, or this build
has no module: only the files were looked at.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from rig import SKIPPED, Failed, Skip

FILES = ("bin/vmlan", "share/man/man1/vmlan.1", "share/doc/vmlan/MANUAL.md", "share/doc/vmlan/examples/users.direct",
         "share/vmlan/fetch-s390-linux", "share/vmlan/s390_image.py", "share/vmlan/s390-init",
         "share/vmlan/s390-udhcpc",
         "share/vmlan/vmlan.lua", "share/doc/vmlan/SCALE-OUT.md")
MODULE = "lib/hercules/hdtvnic.so"
WITH_MODULE = (MODULE, "share/man/man5/vnic.5", "share/doc/vmlan/TUTORIAL-HERCULES.md")
CHECK_SECONDS = 120
# Another emulator's folder of modules, with ours among them: an emulator that is told so finds it by its name.
FINDS_BY_NAME = """#!/bin/sh
if [ "$1" = --version ]; then exec {hercules} --version; fi
sed -i '1i MODPATH {modules}' "$2"
exec {hercules} "$@"
"""


def run(command, **how):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=CHECK_SECONDS,
                            check=False, **how)
    if result.returncode:
        raise Failed(f"{' '.join(map(str, command))}: exit code {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


def install(build, prefix, root):
    """Installs; the folder that holds bin/ afterwards."""
    run(["cmake", "--install", build, "--prefix", prefix], env=dict(os.environ, DESTDIR=str(root)))
    return pathlib.Path(f"{root}{prefix}")


def check_files(tree, with_module):
    missing = [name for name in FILES + (WITH_MODULE if with_module else ()) if not (tree / name).is_file()]
    if missing:
        raise Failed(f"not installed: {', '.join(missing)}")
    run([tree / "bin/vmlan", "--version"])
    for program in ("bin/vmlan", "share/vmlan/fetch-s390-linux"):
        if not os.access(tree / program, os.X_OK):
            raise Failed(f"{program} can't be executed")


def check_module(tree, hercules, runtime, message):
    output = run([tree / "bin/vmlan", "hercules", "check", "--hercules", hercules],
                 env=dict(os.environ, XDG_RUNTIME_DIR=str(runtime)))
    if message not in output or str(tree / MODULE) not in output:
        raise Failed(f"not what was expected ({message}, {tree / MODULE}):\n{output}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--hercules", default=shutil.which("hercules"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vmlan-install-") as name:
        folder = pathlib.Path(name)
        try:
            with_module = (options.build / "hercules/hdtvnic.so").exists()
            package = install(options.build, "/usr", folder / "root")
            own = install(options.build, folder / "own", "")
            for tree in (package, own):
                check_files(tree, with_module)
            if not with_module:
                raise Skip("this build has no module for Hercules")
            if not options.hercules:
                raise Skip("no hercules here (Debian package hercules; scripts/setup hercules)")
            check_module(own, options.hercules, folder, "VMLHRC706I")
            wrapper = folder / "hercules"
            wrapper.write_text(FINDS_BY_NAME.format(hercules=options.hercules, modules=package / "lib/hercules"))
            wrapper.chmod(0o700)
            check_module(package, wrapper, folder, "VMLHRC705I")
        except Skip as reason:
            print(f"SKIPPED install: {reason}")
            return SKIPPED
        except Failed as reason:
            print(f"FAILED  install: {reason}")
            return 1
    print("ok      install")
    return 0


if __name__ == "__main__":
    sys.exit(main())
