#!/usr/bin/env python3
"""Does what docs/TUTORIAL-HERCULES.md says, as it is written there, in a home folder of its own.

  tests/hercules/tutorial.py [--fetch] [--verbose]

The Internet of its chapter "Out to the Internet" is internet.py; the chapter is left out, by name, where that can't be
had, and with --fetch, which needs the real one.

What a fenced block is for stands behind its first word: "sh" runs in the first terminal, "sh one" starts something in
the terminal of that name, "text one" is typed there, "text one shows" has to be seen there, line by line in this order;
"text shows" is what the block before it has printed. --fetch: the guests' Linux comes from Debian's packages again,
instead of from those in build/s390.

Exit code 0: it works; 1: it does not; 77: the emulator or a package can't be had.
"""
import argparse
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

from internet import NO_NAMESPACES
from rig import HERE, LINUX, ROOT, SKIPPED, Failed, Skip, die_with_parent, need, prepared_linux

TUTORIAL = ROOT / "docs/TUTORIAL-HERCULES.md"
BLOCK = re.compile(r"^```(sh|text)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INTERNET_CHAPTER = "## 8. Out to the Internet\n"
STARTS = re.compile(r"^cd (\S+) && \S+ >(\S+)$")
SHOWN_SECONDS = 180       # a guest's boot on a busy machine
BLOCK_SECONDS = 1800      # the build
END_SECONDS = 60
QUIET_SECONDS = 1.0       # nothing more is shown: time to type the next line


def blocks(internet):
    """(language, [words behind it], text) of every block that takes part. The sources are these."""
    text = TUTORIAL.read_text().replace(" ~/vmlan\n", f" {ROOT}\n")
    if not internet:
        before, _, rest = text.partition(INTERNET_CHAPTER)
        text = before + rest[rest.index("\n## "):]
    return [(language, words.split(), text) for language, words, text in BLOCK.findall(text)]


class FirstTerminal:
    """A shell; what each block prints is kept until the next."""

    def __init__(self, environment, verbose):
        self._verbose = verbose
        self._shell = subprocess.Popen(["bash", "--norc", "-e"], env=environment, text=True, stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=die_with_parent)
        self.shown = ""

    def run(self, block):
        self.shown, end = "", time.monotonic() + BLOCK_SECONDS
        self._shell.stdin.write(block + "echo '@@ end'\n")
        self._shell.stdin.flush()
        for line in self._shell.stdout:
            if line == "@@ end\n":
                return
            if self._verbose:
                print(f"    {line}", end="", flush=True)
            self.shown += line
            if time.monotonic() > end:
                raise Failed(f"no end within {BLOCK_SECONDS} s of:\n{block}")
        code = self._shell.wait()
        raise Skip(self.shown.strip()) if code == SKIPPED else Failed(f"exit code {code} of:\n{block}\n{self.shown}")

    def expect(self, lines):
        position = 0
        for line in lines:
            found = self.shown.find(line, position)
            if found < 0:
                raise Failed(f"'{line}' is not shown (here) in:\n{self.shown}")
            position = found + len(line)

    def close(self):
        self._shell.stdin.close()
        self._shell.wait()


class OtherTerminal:
    """A terminal in which a program draws its screen; what it shows is also in the file that its command names."""

    def __init__(self, environment, verbose, command):
        match = STARTS.match(command.strip())
        if not match:
            raise Failed(f"not a command for a terminal of its own: {command}")
        self._verbose = verbose
        self._log = pathlib.Path(match.group(1).replace("~", environment["HOME"])) / match.group(2)
        try:
            self._keyboard, terminal = pty.openpty()
        except OSError as reason:
            raise Skip(f"no terminal can be had here: {reason}") from None
        self._process = subprocess.Popen(["bash", "--norc", "-c", command], env=environment, stdin=terminal,
                                         stdout=terminal, stderr=terminal, start_new_session=True)
        os.close(terminal)
        self._position = 0

    def _look(self):
        while select.select([self._keyboard], [], [], 0)[0]:
            try:
                if not os.read(self._keyboard, 65536):  # the screen itself is not looked at
                    break
            except OSError:  # the program has ended
                break
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def expect(self, lines):
        end = time.monotonic() + SHOWN_SECONDS
        for line in lines:
            while (found := self._look().find(line, self._position)) < 0:
                if time.monotonic() > end:
                    raise Failed(f"'{line}' is not shown within {SHOWN_SECONDS} s:\n" +
                                 "\n".join(self._look().splitlines()[-40:]))
                time.sleep(0.1)
            self._position = found + len(line)

    def type(self, lines):
        for line in lines:
            if self._verbose:
                print(f"    > {line}", flush=True)
            os.write(self._keyboard, line.encode() + b"\r")
            shown, since = self._look(), time.monotonic()
            while time.monotonic() - since < QUIET_SECONDS:
                time.sleep(0.1)
                if (now := self._look()) != shown:
                    shown, since = now, time.monotonic()

    def ended(self):
        """Waits until the program has ended; whether it did."""
        end = time.monotonic() + END_SECONDS
        while self._process.poll() is None and time.monotonic() < end:
            self._look()
            time.sleep(0.1)
        return self._process.poll() is not None

    def close(self):
        if self._process.poll() is None:
            os.killpg(self._process.pid, 9)
            self._process.wait()
        os.close(self._keyboard)


class Tutorial:
    """Owns the home folder and the terminals; nothing survives the end of its `with` statement."""

    def __init__(self, options):
        self._verbose = options.verbose
        self._home = pathlib.Path(tempfile.mkdtemp(prefix="vmlan-tutorial-"))
        runtime = self._home / "run"
        runtime.mkdir(mode=0o700)
        self._environment = dict(os.environ, HOME=str(self._home), XDG_RUNTIME_DIR=str(runtime), TERM="xterm",
                                 CCACHE_DIR=os.environ.get("CCACHE_DIR", os.path.expanduser("~/.cache/ccache")))
        self._system = runtime / "vmlan/system.sock"
        if not options.fetch:
            prepared_linux()
            shutil.copytree(LINUX / "packages", self._home / "two-guests/linux/packages")
        self._first = FirstTerminal(self._environment, self._verbose)
        self._others = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._first.close()
        for terminal in self._others.values():
            terminal.close()
        shutil.rmtree(self._home, ignore_errors=True)

    def do(self, language, words, text):
        name = next((word for word in words if word != "shows"), None)
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if language == "sh" and name is None:
            self._first.run(text)
        elif language == "sh":
            self._others[name] = OtherTerminal(self._environment, self._verbose, text)
        elif "shows" in words:
            (self._others[name] if name else self._first).expect(lines)
        else:
            self._others[name].type(lines)

    def end(self):
        """All that was started has ended by itself, as the last words of the tutorial promise."""
        running = [name for name, terminal in self._others.items() if not terminal.ended()]
        if running:
            raise Failed(f"the programs in these terminals do not end: {', '.join(running)}")
        end = time.monotonic() + END_SECONDS
        while self._system.exists():
            if time.monotonic() > end:
                raise Failed(f"the system has not ended within {END_SECONDS} s after its last guest")
            time.sleep(0.2)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fetch", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--internet", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.internet and not options.fetch:
        code = subprocess.call([HERE / "internet.py", sys.executable, __file__, "--internet", *sys.argv[1:]])
        if code != NO_NAMESPACES:
            return code
    if not options.internet:
        print("SKIPPED tutorial, 'Out to the Internet': namespaces can't be had here, or --fetch was asked for")
    started = time.monotonic()
    try:
        need("hercules", "hercules")
        need("ssh", "openssh-client")
        parts = blocks(options.internet)
        with Tutorial(options) as tutorial:
            for language, words, text in parts:
                tutorial.do(language, words, text)
            tutorial.end()
    except Skip as reason:
        print(f"SKIPPED tutorial: {reason}")
        return SKIPPED
    except Failed as reason:
        print(f"FAILED  tutorial: {reason}")
        return 1
    print(f"ok      tutorial, {len(parts)} blocks  {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
