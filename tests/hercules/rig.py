"""What every test with real guests needs: the programs, a folder of its own, and an end to everything it started."""
import argparse
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build"
LINUX = BUILD / "s390"
SKIPPED = 77  # the exit code that ctest and scripts/test know
CROSS_COMPILER = "s390x-linux-gnu-gcc"
CROSS_FLAGS = (f"-I{ROOT}", "-std=gnu11", "-O2", "-static", "-s", "-Wall", "-Wextra", "-Wshadow", "-Werror")
PR_SET_PDEATHSIG = 1

sys.path.insert(0, str(ROOT / "scripts"))


class Skip(Exception):
    """Something that the tests need can't be had here; the text names it."""


class Failed(Exception):
    """The thing under test, or the machine it runs in, did not do what it should; the text says what."""


def die_with_parent():
    """The emulator and the base go when the harness goes, however it goes."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def need(program, package):
    path = shutil.which(program)
    if not path:
        raise Skip(f"no {program} here (Debian package {package}; scripts/setup hercules)")
    return path


def netrig():
    """The guest's traffic program as bytes, built when its source is newer."""
    sources = sorted((HERE / "guest").glob("*.c"))
    program = LINUX / "netrig"
    newest = max(source.stat().st_mtime for source in (*sources, HERE / "guest/netrig.h"))
    if not program.exists() or program.stat().st_mtime < newest:
        compiler = need(CROSS_COMPILER, "gcc-s390x-linux-gnu and libc6-dev-s390x-cross")
        subprocess.run([compiler, *CROSS_FLAGS, "-o", str(program), *map(str, sources)], check=True)
    return program.read_bytes()


def prepared_linux():
    """The folder with kernel and initramfs; fetched if it is not there."""
    result = subprocess.run([ROOT / "scripts/fetch-s390-linux", LINUX], capture_output=True, text=True, check=False)
    if result.returncode == SKIPPED:
        raise Skip(result.stderr.strip())
    if result.returncode:
        raise Failed(f"fetch-s390-linux: exit code {result.returncode}\n{result.stderr}")
    return LINUX


class Rig:
    """A folder for one run and the processes in it. Use it in a `with` statement: nothing survives its end."""

    def __init__(self, verbose=False, keep=None, hercules="hercules"):
        self.verbose = verbose
        self.hercules = need(hercules, "hercules")
        self.linux = prepared_linux()
        self.netrig = netrig()
        self._keep = keep
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vmlan-rig-"))
        self._processes = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        if self._keep:
            shutil.copytree(self.folder, self._keep, dirs_exist_ok=True, ignore=shutil.ignore_patterns("kernel", "*.sock"))
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, command, **how):
        process = subprocess.Popen([str(word) for word in command], preexec_fn=die_with_parent, **how)
        self._processes.append(process)
        return process

    def say(self, text):
        if self.verbose:
            print(f"    {text}", flush=True)


def run_alone(name, run, description, seconds=None):
    """The main of a program that does one thing with a rig: run(options, rig). `seconds`: it takes --seconds, by default
    so many. Returns the exit code."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vmlan", type=pathlib.Path, default=BUILD / "release/vmlan")
    parser.add_argument("--module", type=pathlib.Path, default=BUILD / "release/hercules/hdtvnic.so")
    if seconds:
        parser.add_argument("--seconds", type=int, default=seconds)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--keep", type=pathlib.Path)
    options = parser.parse_args()
    started = time.monotonic()
    try:
        with Rig(options.verbose, options.keep) as rig:
            run(options, rig)
    except Skip as reason:
        print(f"SKIPPED {name}: {reason}")
        return SKIPPED
    except Failed as reason:
        print(f"FAILED  {name}: {reason}")
        return 1
    print(f"ok      {name}  {time.monotonic() - started:.0f} s")
    return 0


def thread_seconds(pid):
    """Processor time of the host that each thread of a process has used so far."""
    tick = os.sysconf("SC_CLK_TCK")
    seconds = []
    for stat in pathlib.Path(f"/proc/{pid}/task").glob("*/stat"):
        fields = stat.read_text().rsplit(")", 1)[1].split()
        seconds.append((int(fields[11]) + int(fields[12])) / tick)
    return seconds
