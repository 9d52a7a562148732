#!/usr/bin/env python3
"""`vmlan console` as a person has it: a terminal, Ctrl-C, passwords that do not appear. Every wait has an end.

console.py --vmlan PROGRAM [unittest options]
"""
import os
import pathlib
import pty
import select
import signal
import subprocess
import sys
import tempfile
import termios
import time
import unittest

from children import as_from_a_shell

VMLAN = "vmlan"
LIMIT = 30  # seconds, for what takes a moment
DIRECTORY = "USER ALICE TOPSECRET 32M 64M G\n MDISK 191 3390 T-DISK 10 MR\nUSER BOB NOPASS 32M 64M G\n"
NETWORK = ["DEFINE LAN L TYPE QDIO", "DEFINE NIC 600 TYPE QDIO", "COUPLE 600 TO BOB L", "IPL CMS",
           "IFCONFIG 600 10.1.1.1 255.255.255.0"]


class Person:
    """Sits at a terminal of its own."""

    def __init__(self, folder, *words, command=None):
        self.directory = pathlib.Path(folder, "users.direct")
        self.directory.write_text(DIRECTORY)
        self.terminal, theirs = pty.openpty()
        self.seen = ""
        self.typed_at = 0
        self.name = os.ttyname(theirs)
        self.before = termios.tcgetattr(self.terminal)
        command = command or [VMLAN, "console", "--directory", str(self.directory), *words]
        self.process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                                        preexec_fn=lambda: (as_from_a_shell(),
                                                            os.close(os.open(os.ttyname(theirs), os.O_RDWR))))
        os.close(theirs)

    def type(self, text):
        self.typed_at = len(self.seen)
        os.write(self.terminal, text.encode())

    def read(self, limit):
        """Something more, or False: nothing has come, or the program has ended."""
        if not select.select([self.terminal], [], [], limit)[0]:
            return False
        try:
            more = os.read(self.terminal, 4096)
        except OSError:
            return False
        self.seen += more.decode(errors="replace")
        return bool(more)

    def wait_for_answer(self, text):
        """Behind what was typed last."""
        self.wait_for(text, self.seen[:self.typed_at].count(text) + 1)

    def wait_for(self, text, count=1):
        end = time.monotonic() + LIMIT
        while self.seen.count(text) < count:
            self.read(0.1)
            if time.monotonic() > end or (self.process.poll() is not None and not self.read(0.1)):
                raise AssertionError(f"no {text!r} in {self.seen!r}")

    def wait_for_prompt(self):
        """Until the line editor waits: what is typed before that is the terminal's, and so is its echo."""
        end = time.monotonic() + LIMIT
        while self.read(0.2) or not self.seen.endswith("> "):
            if time.monotonic() > end:
                raise AssertionError(f"no prompt at the end of {self.seen!r}")

    def echoes(self):
        return bool(termios.tcgetattr(self.terminal)[3] & termios.ECHO)

    def end(self):
        """The exit code; the terminal has to be as it was."""
        end = time.monotonic() + LIMIT
        while self.process.poll() is None and time.monotonic() < end:
            self.read(0.1)
        while self.read(0.1):
            pass
        try:
            return self.process.wait(1)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it goes on: {self.seen!r}") from None

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(LIMIT)
        os.close(self.terminal)


class Terminal(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def person(self, *words):
        person = Person(self.folder.name, *words)
        self.addCleanup(person.close)
        person.wait_for("> ")
        return person

    def ask(self, person):
        """Until the password is asked for, and the terminal silent."""
        person.wait_for("ENTER PASSWORD")
        self.wait_until_silent(person)

    def wait_until_silent(self, person):
        end = time.monotonic() + LIMIT
        while person.process.poll() is None and time.monotonic() < end:
            person.read(0.05)
            if termios.tcgetattr(person.terminal)[3] & (termios.ECHO | termios.ICANON) == termios.ICANON:
                return
        self.fail("the terminal shows what is typed")

    def test_a_password_does_not_appear(self):
        person = self.person("ALICE")
        self.ask(person)
        person.type("TOPSECRET\r")
        person.wait_for("LOGON AT", 2)
        person.type("QUERY USERID\r")
        person.wait_for("ALICE    AT")
        person.type(".QUIT\r")
        self.assertEqual(person.end(), 0, person.seen)
        self.assertNotIn("TOPSECRET", person.seen)

    def test_a_password_for_another_console_does_not_appear_either(self):
        person = self.person()
        person.type("ALICE> LOGON ALICE\r")
        self.ask(person)
        person.type("TOPSECRET\r")
        person.wait_for("LOGON  AS  ALICE")
        self.assertNotIn("TOPSECRET", person.seen)

    def test_a_line_with_a_password_is_not_in_the_history(self):
        person = self.person()
        person.type("QUERY TIME\r")
        person.wait_for("TIME IS")
        person.type("ALICE> LOGON ALICE TOPSECRET\r")
        person.wait_for("LOGON  AS  ALICE")
        person.wait_for("OPERATOR> ", 3)
        seen = person.seen.count("TOPSECRET")
        person.type("\x1b[A\r")
        person.wait_for("TIME IS", 2)
        self.assertEqual(person.seen.count("TOPSECRET"), seen)

    def test_a_terminal_that_is_held_holds_up_no_guest(self):
        path = str(pathlib.Path(self.folder.name, "s"))
        person = self.person("--socket", path)
        terminal = os.open(person.name, os.O_RDWR | os.O_NOCTTY)
        self.addCleanup(os.close, terminal)
        termios.tcflow(terminal, termios.TCOOFF)  # Ctrl-S
        person.type("QUERY TIME\r")
        for _ in range(3):
            result = subprocess.run([VMLAN, "cp", "QUERY NAMES", "--socket", path], capture_output=True, text=True,
                                    timeout=LIMIT, check=False)
            self.assertIn("OPERATOR", result.stdout, result.stderr)
        termios.tcflow(terminal, termios.TCOON)
        person.wait_for_answer("TIME IS")
        person.type(".QUIT\r")
        self.assertEqual(person.end(), 0, person.seen)

    def test_control_c_leaves_the_question_for_a_password(self):
        person = self.person("ALICE")
        self.ask(person)
        person.type("\x03")
        person.wait_for("LOGON unsuccessful")
        person.type("\x03")
        self.assertEqual(person.end(), 130, person.seen)

    def test_the_terminal_is_given_back_whatever_ends_the_program(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
            person = self.person("ALICE")
            self.ask(person)
            person.process.send_signal(number)
            if number == signal.SIGINT:
                person.wait_for("LOGON unsuccessful")
                person.type("\x03")
            code = person.end()
            self.assertIn(code, (128 + number, -number), person.seen)
            self.assertTrue(person.echoes(), number)

    def test_control_z_gives_the_terminal_back_and_takes_it_again(self):
        person = self.person("ALICE")
        self.ask(person)
        person.process.send_signal(signal.SIGTSTP)
        _, status = os.waitpid(person.process.pid, os.WUNTRACED)
        self.assertTrue(os.WIFSTOPPED(status))
        self.assertTrue(person.echoes())
        person.process.send_signal(signal.SIGCONT)
        end = time.monotonic() + LIMIT
        while person.echoes() and time.monotonic() < end:
            time.sleep(0.02)
        self.assertFalse(person.echoes())
        person.type("TOPSECRET\r")
        person.wait_for("LOGON AT", 2)
        self.assertNotIn("TOPSECRET", person.seen)

    def stopped_at_the_password(self):
        """A shell whose job 1 is the console, stopped by Ctrl-Z."""
        person = Person(self.folder.name, command=["bash", "--norc", "--noprofile", "-i"])
        self.addCleanup(person.close)
        person.type("PS1=REA''DY; unset HISTFILE\r")
        person.wait_for_answer("READY")
        person.type(f"'{VMLAN}' console --directory '{person.directory}' ALICE\r")
        self.ask(person)
        person.type("\x1a")
        person.wait_for_answer("READY")
        return person

    def test_what_was_in_the_background_has_a_silent_terminal_again(self):
        person = self.stopped_at_the_password()
        person.type("bg\r")
        person.wait_for_answer("READY")
        time.sleep(0.5)
        person.type("fg\r")
        self.wait_until_silent(person)
        person.type("TOPSECRET\r")
        person.wait_for("LOGON AT", 2)
        person.type(".QUIT\r")
        person.wait_for_answer("READY")
        person.type("exit\r")
        self.assertEqual(person.end(), 0, person.seen)
        self.assertNotIn("TOPSECRET", person.seen)

    def test_a_stopped_console_can_be_ended(self):
        person = self.stopped_at_the_password()
        person.type("kill %1; sleep 1; jobs; echo stopped=$(jobs -s | wc -l)\r")
        person.wait_for_answer("stopped=0")

    def test_control_c_ends_the_running_command_and_the_next_one_the_program(self):
        person = self.person("BOB")
        for line in NETWORK:
            person.type(f"{line}\r")
        person.type("TCPRECV A B\r")
        person.wait_for("Listening")
        person.type("\x03")
        person.wait_for("Ready;", 3)
        person.type("QUERY USERID\r")
        person.wait_for("BOB      AT")
        person.wait_for_prompt()
        person.type("QUERY TI")
        person.wait_for("QUERY TI")
        person.type("\x03")
        person.wait_for("^C")
        person.type("QUERY USERID\r")
        person.wait_for("BOB      AT", 2)
        person.wait_for_prompt()
        self.assertIsNone(person.process.poll())
        person.type("\x03")
        self.assertEqual(person.end(), 130, person.seen)
        self.assertTrue(person.echoes())


class Pipe(unittest.TestCase):
    def start(self, lines, *words):
        process = subprocess.Popen([VMLAN, "console", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                   stderr=subprocess.PIPE, preexec_fn=as_from_a_shell)
        process.stdin.write("".join(f"{line}\n" for line in lines))
        process.stdin.close()
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait, LIMIT)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def test_an_interruption_ends_the_command_and_a_second_one_the_rest(self):
        lines = [*NETWORK, "PING 10.1.1.9 (COUNT 1 TIMEOUT 20", "QUERY USERID"]
        process = self.start(lines, "BOB")
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        said = process.stdout.read()
        self.assertEqual(process.wait(LIMIT), 130, said)
        self.assertIn("BOB      AT", said)
        process = self.start([*lines, "PING 10.1.1.9 (COUNT 1 TIMEOUT 20", "QUERY TIME"], "BOB")
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        said = process.stdout.read()
        self.assertEqual(process.wait(LIMIT), 130, said)
        self.assertIn("BOB      AT", said)
        self.assertNotIn("TIME IS", said)
        self.assertIn("LOGOFF AT", said)

    def test_an_interruption_ends_a_script_which_loses_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            script = pathlib.Path(folder, "s.vm")
            script.write_text("OPERATOR> QUERY USERID\n.SLEEP 60\nOPERATOR> QUERY TIME\n")
            for number in (signal.SIGINT, signal.SIGTERM):
                with subprocess.Popen([VMLAN, "run", "--clock", "real", str(script)], stdout=subprocess.PIPE, text=True,
                                      stderr=subprocess.PIPE, preexec_fn=as_from_a_shell) as process:
                    time.sleep(1)
                    process.send_signal(number)
                    said, _ = process.communicate(timeout=LIMIT)
                    self.assertEqual(process.returncode, 128 + number)
                    self.assertIn("OPERATOR AT", said)

    def test_the_socket_goes_with_the_program(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "s")
            process = self.start([*NETWORK, "PING 10.1.1.9 (COUNT 1 TIMEOUT 20"], "BOB", "--socket", str(path))
            time.sleep(2)
            self.assertTrue(path.exists())
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(LIMIT), 128 + signal.SIGTERM)
            self.assertFalse(path.exists())


if __name__ == "__main__":
    if sys.argv[1:2] == ["--vmlan"]:
        VMLAN = os.path.abspath(sys.argv[2])
        del sys.argv[1:3]
    unittest.main()
