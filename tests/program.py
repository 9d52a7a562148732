#!/usr/bin/env python3
"""The program as a shell sees it: its streams, its exit codes, its socket. Every wait has an end.

program.py --vmlan PROGRAM [unittest options]
"""
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from vmlan_program import LIMIT, VMLAN, System, run

NOBODY = 65534
RESPONSE, RETURN_CODE = 0x0204, 0x0205  # link::MessageType


class Streams(unittest.TestCase):
    def test_an_error_that_nobody_can_read_is_still_only_an_error(self):
        for redirection in ("2>&-", "2>/dev/full", ">&- 2>&-", ">/dev/full 2>/dev/full", "<&- >&- 2>&-"):
            self.assertEqual(run("nosuch", redirection=redirection).returncode, 2, redirection)
            self.assertEqual(run("cp", "--socket", "/nowhere/s", "QUERY", redirection=redirection).returncode, 1,
                             redirection)

    def test_output_that_does_not_arrive_is_a_failure(self):
        for redirection in (">&-", ">/dev/full", ">&- 2>&-", ">/dev/full 2>/dev/full"):
            self.assertEqual(run("--version", redirection=redirection).returncode, 1, redirection)
            self.assertEqual(run("help", redirection=redirection).returncode, 1, redirection)
        self.assertIn("No space left on device", run("help", redirection=">/dev/full").stderr)
        self.assertIn("Bad file descriptor", run("help", redirection=">&-").stderr)

    def test_lines_shown_at_once_that_do_not_arrive_are_a_failure(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "ok.vm").write_text("OPERATOR> QUERY USERID\n")
            for redirection, reason in ((">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")):
                for words in (("test", "--update", "ok.vm"), ("test", "ok.vm"), ("run", "--clock", "real", "ok.vm")):
                    result = run(*words, redirection=redirection, cwd=folder)
                    self.assertEqual(result.returncode, 1, (words, redirection))
                    self.assertIn("VMLFIL014E", result.stderr)
                    self.assertIn(reason, result.stderr)

    def test_what_ends_a_console_is_told_though_its_output_is_lost(self):
        result = subprocess.run(["sh", "-c", f"exec '{VMLAN}' console >/dev/full"], input="QUERY NAMES\n", text=True,
                                capture_output=True, timeout=LIMIT, check=False)
        self.assertEqual(result.returncode, 1, result.stderr)

    def test_a_socket_does_not_take_the_place_of_a_closed_stream(self):
        with tempfile.TemporaryDirectory() as folder, System(pathlib.Path(folder, "s"), ">&- 2>&- <&-") as system:
            streams = [os.readlink(f"/proc/{system.process.pid}/fd/{number}") for number in (0, 1, 2)]
            self.assertEqual(streams, ["/dev/null"] * 3)


class Console(unittest.TestCase):
    """`vmlan console` from a pipe."""

    def type(self, *lines, words=()):
        return subprocess.run([VMLAN, "console", *words], input="".join(f"{line}\n" for line in lines), text=True,
                              capture_output=True, timeout=LIMIT, check=False)

    def test_its_exit_code_tells_whether_a_command_failed(self):
        good = self.type("IPL CMS", "QUERY TIME", words=["ALICE"])
        self.assertEqual((good.returncode, good.stderr), (0, ""))
        bad = self.type("IPL CMS", "FROB", "QUERY TIME", words=["ALICE"])
        self.assertEqual(bad.returncode, 1)
        self.assertIn("console:2: VMLRUN211E", bad.stderr)
        self.assertIn("TIME IS", bad.stdout)
        for line in (".FROB", ".WAIT ZOE", "ZOE> QUERY TIME", ".CONSOLE not/a/name"):
            self.assertEqual(self.type(line).returncode, 1, line)

    def test_input_that_cannot_be_read_has_not_just_ended(self):
        for redirection in ("<&-", "</"):
            result = subprocess.run(["sh", "-c", f"exec '{VMLAN}' console {redirection}"], capture_output=True,
                                    text=True, timeout=LIMIT, check=False)
            self.assertEqual(result.returncode, 1, redirection)
            self.assertIn("VMLFIL011E", result.stderr)

    def test_a_command_that_does_not_end_has_a_limit(self):
        lines = ("DEFINE LAN L TYPE QDIO", "DEFINE NIC 600 TYPE QDIO", "COUPLE 600 TO ALICE L", "IPL CMS",
                 "IFCONFIG 600 10.1.1.1 255.255.255.0", "TCPRECV A B", ".CONSOLE OPERATOR")
        begin = time.monotonic()
        result = self.type(*lines, words=["--timeout", "0.5", "ALICE"])
        self.assertEqual(result.returncode, 1)
        self.assertIn("VMLRUN20", result.stderr)
        self.assertLess(time.monotonic() - begin, 20)


class Socket(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name, "s")

    def test_a_file_in_its_place_is_not_touched(self):
        self.path.write_text("a month's work\n")
        result = run("serve", "--socket", str(self.path))
        self.assertEqual(result.returncode, 1)
        self.assertIn("not a socket", result.stderr)
        self.assertEqual(self.path.read_text(), "a month's work\n")
        self.assertEqual([entry.name for entry in self.path.parent.iterdir()], ["s"])

    def test_without_its_directory_or_its_script_it_does_not_begin(self):
        for words in (["--directory", f"{self.path}.none"], [f"{self.path}.none"]):
            with self.subTest(words):
                result = run("serve", "--socket", str(self.path), *words)
                self.assertEqual(result.returncode, 2, result)
                self.assertIn(".none", result.stderr)
                self.assertFalse(self.path.exists())

    def test_a_running_system_keeps_its_socket(self):
        with System(self.path):
            pathlib.Path(f"{self.path}.lock").unlink()
            result = run("serve", "--socket", str(self.path))
            self.assertEqual(result.returncode, 1)
            self.assertIn("another system is running there", result.stderr)
            self.assertEqual(run("cp", "--socket", str(self.path), "QUERY NAMES").returncode, 0)

    def test_a_command_is_carried_out_whole_or_not_at_all(self):
        head, tail = "DEFINE LAN VERYLONG OWNERID SYSTEM TYPE QDIO IP", "RESTRICTED"
        with System(self.path):
            for length in range(195, 260):
                command = head + " " * (length - len(head + tail)) + tail
                answer = run("cp", "--socket", str(self.path), command)
                lan = run("cp", "--socket", str(self.path), "QUERY LAN VERYLONG").stdout
                if answer.returncode == 0:
                    self.assertIn(" RESTRICTED ", lan, f"{length} characters")
                    run("cp", "--socket", str(self.path), "DETACH LAN VERYLONG OWNERID SYSTEM")
                else:
                    self.assertNotIn("SYSTEM VERYLONG", lan, f"{length} characters")


class Impostor(unittest.TestCase):
    """Somebody else's program where a system is expected."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.heard = b""

    def listen(self, path, answers=()):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen(1)
        listener.settimeout(LIMIT)
        self.addCleanup(listener.close)

        def serve():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(LIMIT)
                self.heard = connection.recv(4096)
                for kind, body in answers:
                    connection.sendall(struct.pack(">IHH", len(body), kind, 0) + body)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        return listener

    def at_the_known_place(self, mode):
        place = pathlib.Path(self.folder.name, "vmlan")
        place.mkdir()
        place.chmod(mode)
        self.listen(place / "system.sock", [(RESPONSE, b"hello"), (RETURN_CODE, bytes(4))])
        environment = {**os.environ, "XDG_RUNTIME_DIR": self.folder.name}
        return place, lambda: run("cp", "DEFINE USER SECRET", env=environment)

    def test_a_folder_that_others_may_write_to_is_not_trusted_with_a_command(self):
        place, send = self.at_the_known_place(0o777)
        result = send()
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"{place}: others may write there", result.stderr)
        self.assertEqual(self.heard, b"")

    @unittest.skipIf(os.geteuid() != 0, "only root can be somebody else")
    def test_somebody_elses_folder_is_not_trusted_with_a_command(self):
        place, send = self.at_the_known_place(0o755)
        os.chown(place, NOBODY, NOBODY)
        result = send()
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"{place}: belongs to somebody else", result.stderr)
        self.assertEqual(self.heard, b"")

    def test_an_answer_does_not_control_the_terminal(self):
        path = pathlib.Path(self.folder.name, "s")
        evil = b"LAN\x1b]0;owned\x07\x1b[2J\x9b1m\x7f\r\n" + b"x" * 500
        self.listen(path, [(RESPONSE, evil), (RETURN_CODE, bytes(4))])
        result = run("cp", "--socket", str(path), "QUERY LAN")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stdout, "LAN.]0;owned..[2J.1m..." + "x" * 500 + "\n")


if __name__ == "__main__":
    unittest.main()
