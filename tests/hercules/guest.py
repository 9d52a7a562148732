"""One guest: an emulator with Linux in it, driven by short command lines, answering in whole lines.

Commands go in through the console (a 3215: up to 140 characters, without "$(", which the emulator takes for a symbol
of its own); longer ones are verbs in guest/verbs. Answers come back by tape (tape.py). guest/job is the other side.
"""
import re
import subprocess
import time

from rig import HERE, Failed
from tape import TapeReader

import s390_image  # in scripts/, where rig has made Python look

CONFIGURATION = """\
ARCHMODE z/Arch
OSTAILOR QUIET
PGMPRDOS LICENSED
LPARNUM 1
CPUSERIAL {serial:06X}
CPUMODEL 2097
CODEPAGE 437/037
MAINSIZE {megabytes}
NUMCPU 1
TIMERINT {timer_microseconds}
{priority}
{load}
0009 3215-C / noprompt
0180 3480 results.aws
{devices}
"""
# By default the emulated processor's thread is "nicer" than all else: on a busy machine a guest then starves.
FAIR = "CPUPRIO 0"
# By default the emulator's timer thread wakes 7,600 times a second and takes a tenth of a host's processor; guests get
# by with a thousand.
TIMER_MICROSECONDS = 1000
PARAMETERS = s390_image.PARAMETERS + " hostname={name}"
POLL_SECONDS = 0.01
BOOT_SECONDS = 180      # with the stock kernel, on a busy machine
QUIT_SECONDS = 10
COMMAND_CHARACTERS = 140
# Said by the kernel when something is wrong in a way that no test expects.
ALARMS = re.compile(r"WARNING: |BUG: |Oops|Call Trace|found state 0x|rcu: INFO|Kernel panic")


def values_of(line):
    """{WHAT: {key: value, ...}} of a line "@@ WHAT key=value ...", {} of any other."""
    words = line.split()
    if len(words) < 2 or words[0] != "@@":
        return {}
    return {words[1]: dict(word.split("=", 1) for word in words[2:] if "=" in word)}


class Answer:
    """What a command printed, and its exit code."""

    def __init__(self, command, rc, lines):
        self.command, self.rc, self.lines = command, rc, lines

    def values(self, what):
        """The last line "@@ WHAT key=value ..." as a dictionary, empty if there is none."""
        found = {}
        for line in self.lines:
            found.update(values_of(line))
        return found.get(what, {})

    def __str__(self):
        return "\n".join([f"{self.command}: exit code {self.rc}", *self.lines])


class Guest:
    """Owns the emulator's process and the files in its folder."""

    def __init__(self, rig, name, devices=(), load="", kernel="vmlinuz", megabytes=192, priority=FAIR, files=None):
        self.name, self._rig, self._files = name, rig, files or {}
        self._folder = rig.folder / name
        self._devices, self._load, self._kernel, self._megabytes = devices, load, kernel, megabytes
        self._priority = priority
        self._number = 0     # of the last command
        self._waiting = []   # lines that no command has claimed
        self._said = {}      # the last values of each "@@ WHAT ..." since a command went to the background
        self.boot_seconds = {}
        self._process = self._tape = self._log = None

    @property
    def pid(self):
        return self._process.pid

    def start(self):
        """Starts the emulator and the guest; `ready` waits for it."""
        self._folder.mkdir(exist_ok=True)
        extra = s390_image.cpio({
            "job": (0o755, (HERE / "guest/job").read_bytes()),
            "verbs": (0o644, (HERE / "guest/verbs").read_bytes()),
            "bin/netrig": (0o755, self._rig.netrig),
            **self._files,
        })
        stock = ".stock" if self._kernel.endswith(".stock") else ""
        initramfs = (self._rig.linux / f"initramfs{stock}.cpio").read_bytes() + extra
        s390_image.write_boot_folder(self._folder, self._rig.linux / self._kernel, initramfs,
                                     PARAMETERS.format(name=self.name))
        (self._folder / "hercules.cnf").write_text(CONFIGURATION.format(
            serial=sum(self.name.encode()), megabytes=self._megabytes, priority=self._priority,
            timer_microseconds=TIMER_MICROSECONDS, load=self._load, devices="\n".join(self._devices)))
        (self._folder / "hercules.rc").write_text("ipl linux.ins\n")  # run when the processor is there
        tape = self._folder / "results.aws"
        tape.write_bytes(b"")
        self._log = open(self._folder / "hercules.log", "ab")
        self._started = time.monotonic()
        self._process = self._rig.start([self._rig.hercules, "-f", "hercules.cnf", "EXTERNALGUI"], cwd=self._folder,
                                        stdin=subprocess.PIPE, stdout=self._log, stderr=subprocess.STDOUT)
        self._tape = TapeReader(tape)

    def hercules(self, command):
        """A command to the emulator itself."""
        self._process.stdin.write(command.encode() + b"\n")
        self._process.stdin.flush()

    def ipl_again(self):
        """Starts the guest again in the running emulator; `ready` waits for it."""
        self._waiting = []
        self.hercules("stop")
        time.sleep(0.5)
        self._started = time.monotonic()
        self.hercules("ipl linux.ins")

    def kill(self):
        self._process.kill()
        self._process.wait()

    def log(self):
        """What the emulator and the guest's console have said so far."""
        return (self._folder / "hercules.log").read_text(errors="replace")

    def _take(self):
        if self._process.poll() is not None:
            raise Failed(f"{self.name}: the emulator ended, exit code {self._process.returncode}\n{self._tail()}")
        for line in self._tape.lines():
            self._rig.say(f"{self.name}: {line}")
            self._waiting.append(line)
            self._said.update(values_of(line))

    def _until(self, condition, text, seconds):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise Failed(f"{self.name}: no {text} within {seconds} s\n" + "\n".join(self._waiting) + "\n" + self._tail())
            time.sleep(POLL_SECONDS)
            self._take()

    def _tail(self):
        status = re.compile(r"^(STATUS|SYS|MIPS|SIOS|DEV[A-Z])=")
        return "\n".join([line for line in self.log().splitlines() if not status.match(line)][-25:])

    def wait_for(self, pattern, seconds=30):
        """The match of the first waiting line; that line and those before it are no longer waiting."""
        expression = re.compile(pattern)

        def found():
            return next((index for index, line in enumerate(self._waiting) if expression.search(line)), None)

        self._take()
        self._until(lambda: found() is not None, f"'{pattern}'", seconds)
        index = found()
        match = expression.search(self._waiting[index])
        self._passed, self._waiting = self._waiting[:index], self._waiting[index + 1:]
        return match

    def ready(self, seconds=BOOT_SECONDS):
        """Waits until Linux is up, its drivers are there and the job reads commands."""
        self.wait_for("^@@ ready", seconds)
        self.boot_seconds["ready"] = time.monotonic() - self._started
        return self

    def begin(self, command):
        """Types a command; `finish` gives its answer."""
        if len(command) > COMMAND_CHARACTERS or "$(" in command:
            raise Failed(f"not for this console: {command}")
        self._number += 1
        self._rig.say(f"{self.name}> {command}")
        self.hercules(f"/{self._number} {command}")
        return self._number, command

    def finish(self, begun, seconds=30):
        number, command = begun
        match = self.wait_for(rf"^@@ end {number} (\d+)$", seconds)
        return Answer(command, int(match.group(1)), self._passed)

    def run(self, command, seconds=30, rc=0):
        """Runs a command to its end; `rc` None: any exit code will do."""
        answer = self.finish(self.begin(command), seconds)
        if rc is not None and answer.rc != rc:
            raise Failed(f"{self.name}: {answer}\n" + "\n".join(self.kernel_messages()[-15:]))
        return answer

    def serve(self, command):
        """Starts a command that stays in the background; returns when it has said that it is ready."""
        self._said.clear()
        self.run(command + " &")
        self._until(lambda: self._said.keys() & {"listening", "sniffing"}, f"start of {command}", 30)

    def result(self, what, seconds=30):
        """The values of the line "@@ WHAT ..." that a command in the background prints at its end."""
        self._until(lambda: what in self._said, f"'@@ {what}'", seconds)
        return self._said.pop(what)

    def kernel_messages(self):
        """What the kernel has said since the last time."""
        return self.finish(self.begin("dmesg -c"), 30).lines

    def alarms(self):
        return [line for line in self.kernel_messages() if ALARMS.search(line)]

    def stop(self):
        """Ends the emulator as its operator would; kills it if that does not work, and says so."""
        if not self._process or self._process.poll() is not None:
            return True
        self.hercules("/0 poweroff -f")
        time.sleep(0.3)
        self.hercules("quit")
        try:
            self._process.wait(QUIT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return False
        finally:
            self._tape.close()
            self._log.close()
        return True


