"""The program under test, as a test of it starts it: `TEST.py --vmlan PROGRAM [unittest options]`. Every wait has an
end."""
import os
import signal
import subprocess
import sys
import time

VMLAN = "vmlan"
if sys.argv[1:2] == ["--vmlan"]:
    VMLAN = os.path.abspath(sys.argv[2])
    del sys.argv[1:3]
LIMIT = 60  # seconds, for what takes a moment


def run(*arguments, redirection="", **more):
    """Through a shell, as only it can close a stream."""
    words = " ".join(f"'{word}'" for word in (VMLAN, *arguments))
    return subprocess.run(["sh", "-c", f"exec {words} {redirection}"], capture_output=True, text=True, timeout=LIMIT,
                          stdin=subprocess.DEVNULL, check=False, **more)


class System:
    """`vmlan serve` at a socket."""

    def __init__(self, path, redirection=">/dev/null", words=(), **more):
        self.path = path
        self.process = subprocess.Popen(
            ["sh", "-c", f"exec '{VMLAN}' serve --socket '{path}' {' '.join(words)} {redirection}"], **more)

    def __enter__(self):
        end = time.monotonic() + LIMIT
        while not self.path.exists() and self.process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        return self

    def shows(self, command, text):
        """Whether it does within a while: it may still be carrying out its script."""
        end = time.monotonic() + LIMIT
        while text not in run("cp", "--socket", str(self.path), command).stdout:
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(LIMIT)
