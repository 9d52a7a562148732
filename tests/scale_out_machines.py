"""What tests/scale_out.py joins: a machine is a network namespace with a running system in it, and what docs/SCALE-OUT.md says to
do there."""
import pathlib
import re
import subprocess
import time

from children import as_from_a_shell

LIMIT = 60  # seconds, for what takes a moment
DOCUMENT = pathlib.Path(__file__).resolve().parent.parent / "docs" / "SCALE-OUT.md"
MTU = 1446  # of the guests, as in the document

USER = """\
USER {name} NOPASS 32M 64M G
 IPL CMS
 MDISK 191 3390 T-DISK 10 MR
 NICDEF 0600 TYPE QDIO LAN SYSTEM {lan}
"""
FILES = """\
.FILE {name} 191 PROFILE TCPIP
DEVICE DEV@0600 OSD 0600
LINK ETH0 QDIOETHERNET DEV@0600 MTU {mtu} ETHERNET
HOME
10.1.1.{number} 255.255.255.0 ETH0
START DEV@0600
.END
.PUT {letter} {name} 191 LETTER DATA
"""


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=LIMIT).stdout


def block(kind, word):
    """The document's block of this kind with the word in it."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", DOCUMENT.read_text(), re.S | re.M)
    found = [text for of, text in blocks if of == kind and word in text]
    assert len(found) == 1, f"{len(found)} blocks of {DOCUMENT.name} have '{word}' in them"
    return found[0]


class Machine:
    """Number 1 or 2: its address is 192.0.2.number, on its end of the cable."""

    def __init__(self, vmlan, folder, number):
        self.vmlan, self.folder, self.number = vmlan, pathlib.Path(folder), number
        self.folder.mkdir()
        self.shown, self.socket = self.folder / "shown", self.folder / "s"
        self.system = None
        self.beside = []
        # Its namespace lives as long as this process.
        self.holder = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo here; exec sleep 1000"], stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        self.ip("link", "set", "lo", "up")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (self.system, *reversed(self.beside), self.holder):
            if process:
                process.kill()
                process.wait(LIMIT)
        self.holder.stdout.close()

    def inside(self, *words):
        return ["nsenter", "-t", str(self.holder.pid), "-n", *map(str, words)]

    def run(self, *words):
        return run(*self.inside(*words))

    def ip(self, *words):
        return self.run("ip", *words)


    def follow(self, word, environment=(), edit=("", "")):
        """What the document says to type here, with one word of it changed."""
        text = re.sub(r"^(OWN|OTHER|PORT)=.*\n", "", block("sh", word), flags=re.M).replace(*edit)
        values = [f"OWN=192.0.2.{self.number}", f"OTHER=192.0.2.{3 - self.number}", "PORT=cable"]
        self.run("env", *environment, *values, "sh", "-ec", text)

    def run_beside(self, *words):
        self.beside.append(subprocess.Popen(self.inside(*words), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL))

    def start(self, commands, users):
        """A system: what OPERATOR types, and users, each NAME: (number, LAN)."""
        letter = self.folder / "letter"
        letter.write_bytes(bytes(range(256)) * 256)
        entries = [USER.format(name=name, lan=lan) for name, (_, lan) in users.items()]
        files = [FILES.format(name=name, number=number, letter=letter, mtu=MTU) for name, (number, _) in users.items()]
        commands = [f"SET VMLAN MACPREFIX 02000{self.number} USERPREFIX 02000{self.number}", *commands]
        typed = [f"OPERATOR> {line}\n" for line in commands] + [f"{name}> LOGON {name}\n" for name in users]
        self.start_script("".join([".DIRECTORY\n", *entries, ".END\n", *files, *typed]), list(users)[-1])

    def start_script(self, text, last_user):
        (self.folder / "start.vm").write_text(text)
        self.last_user = last_user
        self.start_again()

    def start_again(self):
        at = self.place()
        with open(self.shown, "ab") as shown:
            self.system = subprocess.Popen(
                self.inside(self.vmlan, "serve", str(self.folder / "start.vm"), "--socket", str(self.socket)),
                stdin=subprocess.DEVNULL, stdout=shown, stderr=shown, preexec_fn=as_from_a_shell)
        self.wait(f"{self.last_user}: Ready", at)

    def kill(self):
        self.system.kill()
        self.system.wait(LIMIT)

    def place(self):
        return self.shown.stat().st_size if self.shown.exists() else 0

    def text(self, at=0):
        with open(self.shown, "rb") as shown:
            shown.seek(at)
            return shown.read().decode()

    def wait(self, what, at, seconds=LIMIT):
        """What was shown since `at`, once `what` is there."""
        end = time.monotonic() + seconds
        while what not in self.text(at):
            if time.monotonic() > end or self.system.poll() is not None:
                raise AssertionError(f"'{what}' was not shown within {seconds} s:\n{self.text()}")
            time.sleep(0.02)
        return self.text(at)

    def cp(self, command):
        done = subprocess.run([self.vmlan, "cp", "--socket", str(self.socket), command], capture_output=True, text=True,
                              timeout=LIMIT, check=False)
        return done.stdout + done.stderr

    def type(self, user, line):
        """At the user's console; where its answers begin."""
        at = self.place()
        self.cp(f"SEND {user} {line}")
        return at

    def reaches(self, user, number, seconds=5):
        at = self.type(user, f"PING 10.1.1.{number} (COUNT 1 TIMEOUT {seconds}")
        return f"{user}: PING: Ping #1 response" in self.wait(f"{user}: Ready", at)


def cable(left, right):
    """A veth pair, one end in each; the addresses are the machines' own, 192.0.2.1 and 192.0.2.2."""
    left.ip("link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", right.holder.pid)
    for machine in (left, right):
        machine.ip("address", "add", f"192.0.2.{machine.number}/24", "dev", "cable")
        machine.ip("link", "set", "cable", "up")


class OpenVSwitch:
    """One of its own on a machine, in user space: folder, database, daemons."""

    def __init__(self, machine):
        self.machine = machine
        self.folder = machine.folder / "ovs"
        self.folder.mkdir()
        variables = ("OVS_RUNDIR", "OVS_LOGDIR", "OVS_DBDIR")
        self.environment = ["env", *(f"{name}={self.folder}" for name in variables)]
        database, socket = self.folder / "conf.db", self.folder / "db.sock"
        run("ovsdb-tool", "create", str(database), "/usr/share/openvswitch/vswitch.ovsschema")
        self.daemon("ovsdb-server", str(database), f"--remote=punix:{socket}", f"--unixctl={self.folder}/db.ctl")
        self.until_there(socket)
        self.vsctl("--no-wait", "init")
        self.daemon("ovs-vswitchd", f"unix:{socket}", f"--unixctl={self.folder}/switch.ctl")
        self.until_there(self.folder / "switch.ctl")

    def daemon(self, program, *words):
        self.machine.run_beside(*self.environment, program, "-vconsole:off", f"--log-file={self.folder}/{program}.log", *words)

    def until_there(self, path):
        end = time.monotonic() + LIMIT
        while not path.exists():
            if time.monotonic() > end:
                raise AssertionError(f"{path.name} did not come")
            time.sleep(0.02)

    def follow(self, word, edit=("", "")):
        self.machine.follow(word, self.environment[1:], edit)

    def vsctl(self, *words):
        return self.machine.run(*self.environment, "ovs-vsctl", "--timeout=20", *words)
