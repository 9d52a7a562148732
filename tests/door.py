#!/usr/bin/env python3
"""Guests at the door of `vmlan console` and `vmlan serve`: let in while somebody types, waits or sleeps. Every wait has an end.

door.py --vmlan PROGRAM [unittest options]
"""
import contextlib
import fcntl
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

from children import as_from_a_shell

VMLAN = "vmlan"
LIMIT = 60  # seconds, for what takes a moment
HELLO, ACCEPT = 0x0101, 0x0201  # link::MessageType
STRANGERS = 256  # apps::LinkDesk::most_strangers


def until(condition):
    end = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


class System:
    """A program with a socket, its consoles' lines in a file."""

    def __init__(self, folder, *arguments, output=None, typed=subprocess.PIPE):
        self.path = pathlib.Path(folder, "s")
        self.shown = pathlib.Path(folder, "shown")
        with open(self.shown, "wb") as shown:
            self.process = subprocess.Popen([VMLAN, *arguments, "--socket", str(self.path)], stdin=typed,
                                            stdout=output or shown, stderr=shown, preexec_fn=as_from_a_shell)

    def __enter__(self):
        assert until(self.listens), "nobody listens"
        return self

    def listens(self):
        try:
            self.connect().close()
            return True
        except OSError:
            return False

    def __exit__(self, *_):
        if self.process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()
        self.process.terminate()
        self.process.wait(LIMIT)

    def connect(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(self.path))  # while the listener's queue is full it waits
        connection.settimeout(LIMIT)
        return connection

    def join(self, user, lan=""):
        """One card of a guest, to a LAN OWNER.NAME; the kind of the base's answer."""
        connection = self.connect()
        names = (name.ljust(8).encode() for name in (user, *lan.split(".")[:2], "", "")[:3])
        body = struct.pack(">HHBBBBQ8s8s8s6sH", 2, 0x0A00, 3, 0, 0, 0, 1, *names, bytes(6), 0)
        connection.sendall(struct.pack(">IHH", len(body), HELLO, 0) + body)
        return connection, struct.unpack(">IHH", connection.recv(8))[1]

    def processor_time(self):
        words = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


class Door(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def script(self, *lines):
        path = self.folder / "start.vm"
        path.write_text("\n".join(lines) + "\n")
        return str(path)

    def test_a_console_lets_a_guest_in_while_nobody_types(self):
        with System(self.folder, "console") as system:
            connection, answer = system.join("LINUX1")
            self.assertEqual(answer, ACCEPT)
            system.process.stdin.write(b"QUERY NAMES\n")
            system.process.stdin.flush()
            self.assertTrue(until(lambda: "LINUX1" in system.shown.read_text()), system.shown.read_text())
            connection.close()

    def test_a_start_script_that_sleeps_serves_its_sockets(self):
        start = self.script("OPERATOR> QUERY NAMES", ".SLEEP 30", "OPERATOR> QUERY USERID")
        with System(self.folder, "serve", start) as system:
            begin = time.monotonic()
            connection, answer = system.join("LINUX1")
            self.assertEqual(answer, ACCEPT)
            self.assertLess(time.monotonic() - begin, 20, "while it sleeps")
            self.assertNotIn("USERID", system.shown.read_text())
            connection.close()

    def test_the_examples_of_its_help_work_as_they_are_printed(self):
        def asked(*words):
            return subprocess.run([VMLAN, *words], capture_output=True, text=True, timeout=LIMIT, check=False).stdout

        examples = re.split(r"^\d\. ", asked("serve", "--help"), flags=re.M)[1:]
        shown = (["LAN SYSTEM LAN1 ", "Connected: 2 "], ["LAN SYSTEM LAN1 ", "Connected: 1 ", "ACTIVE  NAT"],
                 ["VSWITCH SYSTEM VSW1 ", "Connected: 3 ", "LINUX3   Porttype: Trunk  VLAN: 0010 0020"])
        for example, expected in zip(examples, shown, strict=True):
            words = re.search(r"^  vmlan (serve[^,\n]*)", example, re.M).group(1).split()
            if lines := re.findall(r"^  (OPERATOR> .*)", example, re.M):
                words[1] = self.script(*lines)
            with self.subTest(words), System(self.folder, *words) as system:
                if "built without NAT" in system.shown.read_text():
                    self.skipTest("vmlan was built without NAT")
                for user, lan in re.findall(r"^  0A00.3 VNIC user (\w+)(?: lan (\S+))?$", example, re.M):
                    connection, answer = system.join(user, lan)
                    self.addCleanup(connection.close)
                    self.assertEqual(answer, ACCEPT, user)
                said = asked("cp", "QUERY LAN ALL ACCESSLIST", "--socket", str(system.path))
                for part in expected:
                    self.assertIn(part, said + asked("cp", "QUERY LAN ALL DETAILS", "--socket", str(system.path)))

    def test_a_start_script_with_an_error_starts_nothing(self):
        path = self.folder / "s"
        result = subprocess.run([VMLAN, "serve", self.script("OPERATOR> QUERY NAMES", ".NOSUCH"), "--socket", str(path)],
                                capture_output=True, text=True, timeout=LIMIT, check=False)
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertIn("start.vm:2: VMLSCR102E", result.stderr)
        self.assertFalse(path.exists())

    def test_guests_are_told_that_the_system_goes_down(self):
        for words in (("serve",), ("console",)):
            with System(self.folder, *words) as system:
                connection, answer = system.join("LINUX1")
                self.assertEqual(answer, ACCEPT)
                system.process.terminate()
                system.process.wait(LIMIT)
                said = b""
                while more := connection.recv(4096):
                    said += more
                self.assertIn(b"VMLLNK005I The system goes down", said, words)
                connection.close()

    def test_sighup_takes_the_socket_along(self):
        for words in (("console",), ("serve",)):
            with System(self.folder, *words) as system:
                system.process.send_signal(signal.SIGHUP)
                system.process.wait(LIMIT)
                self.assertFalse(system.path.exists(), words)

    def test_a_reader_that_has_gone_ends_nobody(self):
        reader, writer = os.pipe()
        with System(self.folder, "serve", output=writer) as system:
            os.close(writer)
            os.close(reader)
            for user in ("LINUX1", "LINUX2"):
                connection, answer = system.join(user)
                self.assertEqual(answer, ACCEPT)
                connection.close()
            result = subprocess.run([VMLAN, "cp", "MSG OPERATOR HELLO", "--socket", str(system.path)],
                                    capture_output=True, text=True, timeout=LIMIT, check=False)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIsNone(system.process.poll())

    def test_a_reader_that_does_not_read_holds_up_nobody(self):
        for words in (("serve", self.script(*["OPERATOR> QUERY CPLEVEL"] * 500)), ("console",)):
            reader, writer = os.pipe()
            fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
            with System(self.folder, *words, output=writer) as system:
                os.close(writer)
                if words[0] == "console":
                    system.process.stdin.write(b"QUERY CPLEVEL\n" * 500)
                    system.process.stdin.flush()
                connection, answer = system.join("LINUX1")
                self.assertEqual(answer, ACCEPT)
                for _ in range(3):
                    result = subprocess.run([VMLAN, "cp", "QUERY NAMES", "--socket", str(system.path)],
                                            capture_output=True, text=True, timeout=LIMIT, check=False)
                    self.assertIn("LINUX1", result.stdout, (words, result))
                connection.close()
                if words[0] == "console":
                    system.process.stdin.close()
                else:
                    system.process.terminate()
                with open(reader, encoding="utf-8") as shown:
                    text = shown.read()
                self.assertEqual(text.count("service level"), 500, "what waited is not lost")
                self.assertEqual(system.process.wait(LIMIT), 0)

    def test_a_server_that_is_told_to_end_waits_for_no_reader(self):
        reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        with System(self.folder, "serve", self.script(*["OPERATOR> QUERY CPLEVEL"] * 500), output=writer) as system:
            os.close(writer)
            system.process.terminate()
            self.assertEqual(system.process.wait(LIMIT), 1)
            self.assertIn("were not read", system.shown.read_text())
        os.close(reader)

    def test_a_command_that_gets_no_answer_says_so(self):
        path = str(self.folder / "s")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen()
            with subprocess.Popen([VMLAN, "cp", "QUERY NAMES", "--socket", path], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True) as command:
                connection, _ = listener.accept()
                connection.recv(4096)
                connection.close()
                shown, complaint = command.communicate(timeout=LIMIT)
                self.assertEqual((command.returncode, shown), (1, ""))
                self.assertIn("VMLSRV604E", complaint)

    def test_who_never_says_hello_has_no_place_for_ever(self):
        with System(self.folder, "serve") as system:
            silent = [system.connect() for _ in range(STRANGERS + 44)]
            connection, answer = system.join("LINUX1")
            self.assertEqual(answer, ACCEPT)
            descriptors = pathlib.Path(f"/proc/{system.process.pid}/fd")
            self.assertTrue(until(lambda: len(list(descriptors.iterdir())) < STRANGERS + 20))
            self.assertEqual(silent[0].recv(1), b"", "who has been silent longest goes first")
            for other in (*silent, connection):
                other.close()

    def test_without_descriptors_nothing_spins(self):
        start = ["sh", "-c", 'ulimit -n 40; exec "$0" "$@"', VMLAN, "serve", "--socket", str(self.folder / "s")]
        with self.limited(start) as system:
            silent = []
            for _ in range(60):
                connection = socket.socket(socket.AF_UNIX)
                connection.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    connection.connect(str(system.path))
                silent.append(connection)
            time.sleep(0.5)
            before = system.processor_time()
            time.sleep(1)
            self.assertLess(system.processor_time() - before, 0.5)
            for connection in silent:
                connection.close()
            connection, answer = system.join("LINUX1")
            self.assertEqual(answer, ACCEPT)
            connection.close()

    def limited(self, command):
        system = System.__new__(System)
        system.path = self.folder / "s"
        system.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        return system


if __name__ == "__main__":
    if sys.argv[1:2] == ["--vmlan"]:
        VMLAN = os.path.abspath(sys.argv[2])
        del sys.argv[1:3]
    unittest.main()
