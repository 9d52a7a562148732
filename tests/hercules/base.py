"""The base: `vmlan serve` with a script, and what it has said."""
import subprocess
import time

from rig import Failed

START_SECONDS = 30
ANSWER_SECONDS = 20


class Base:
    """One system. Owns its process; its socket and its output are files in the rig's folder."""

    def __init__(self, rig, vmlan, script, directory):
        self._rig, self._vmlan = rig, vmlan
        self.socket = rig.folder / "base.sock"
        self._script, self._directory, self._output = rig.folder / "base.vm", rig.folder / "base.direct", rig.folder / "base.log"
        self._script.write_text(script)
        self._directory.write_text(directory)
        self._process = None

    @property
    def pid(self):
        return self._process.pid

    def start(self):
        self.socket.unlink(missing_ok=True)
        with open(self._output, "ab") as output:
            self._process = self._rig.start(
                [self._vmlan, "serve", self._script, "--socket", self.socket, "--directory", self._directory],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        end = time.monotonic() + START_SECONDS
        while not self.socket.exists() or self.cp("QUERY NAMES", rc=None)[0] is None:
            if self._process.poll() is not None or time.monotonic() > end:
                raise Failed(f"vmlan serve does not come up:\n{self.output()}")
            time.sleep(0.05)

    def output(self):
        return self._output.read_text(errors="replace")

    def wait_for(self, text, seconds=ANSWER_SECONDS):
        end = time.monotonic() + seconds
        while text not in self.output():
            if time.monotonic() > end:
                raise Failed(f"the base has not said '{text}' within {seconds} s:\n" + "\n".join(self.output().splitlines()[-25:]))
            time.sleep(0.05)

    def cp(self, command, rc=0):
        """(exit code, lines) of a CP command; an exit code of None: nobody answered."""
        try:
            result = subprocess.run([str(self._vmlan), "cp", "--socket", str(self.socket), *command.split()],
                                    capture_output=True, text=True, timeout=ANSWER_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise Failed(f"no answer to {command} within {ANSWER_SECONDS} s") from None
        lines = result.stdout.splitlines()
        self._rig.say(f"cp {command}: {result.returncode}")
        for line in lines:
            self._rig.say(f"    {line}")
        if rc is None and result.returncode and not lines:
            return None, result.stderr.splitlines()
        if rc is not None and result.returncode != rc:
            raise Failed(f"{command}: exit code {result.returncode}\n{result.stdout}{result.stderr}")
        return result.returncode, lines

    def kill(self):
        self._process.kill()
        self._process.wait()

    def stop(self):
        """Ends it as Ctrl-C does; its exit code."""
        if not self._process or self._process.poll() is not None:
            return 0
        self._process.terminate()
        try:
            return self._process.wait(ANSWER_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed("vmlan serve does not end") from None
