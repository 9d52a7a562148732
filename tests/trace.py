#!/usr/bin/env python3
"""Traces and captures as programs see them that nobody here wrote: capinfos, tshark, tcpdump. Every wait has an end.

trace.py --vmlan PROGRAM [unittest options]
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from children import as_from_a_shell

VMLAN = "vmlan"
LIMIT = 60  # seconds, for what takes a moment

USERS = """
.DIRECTORY
USER ALICE NOPASS 32M 64M G
 MDISK 191 3390 T-DISK 10 MR
USER BOB NOPASS 32M 64M G
 MDISK 191 3390 T-DISK 10 MR
.END
.FILE ALICE 191 PROFILE TCPIP
DEVICE DEV@0600  OSD 0600   NONROUTER
LINK ETH0 QDIOETHERNET DEV@0600   MTU 1492 IP
HOME
10.1.1.1 255.255.255.0 ETH0
START DEV@0600
.END
.FILE BOB 191 PROFILE TCPIP
DEVICE DEV@0600  OSD 0600   NONROUTER
LINK ETH0 QDIOETHERNET DEV@0600   MTU 1492 IP
HOME
10.1.1.2 255.255.255.0 ETH0
START DEV@0600
.END
OPERATOR> DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO IP
ALICE> LOGON ALICE
ALICE> DEFINE NIC 0600 TYPE QDIO
ALICE> COUPLE 0600 TO SYSTEM LAN1
ALICE> IPL CMS
BOB> LOGON BOB
BOB> DEFINE NIC 0600 TYPE QDIO
BOB> COUPLE 0600 TO SYSTEM LAN1
BOB> IPL CMS
"""
TRACED = USERS + """
OPERATOR> TRSOURCE ID LANTR TYPE LAN OWNER SYSTEM LANNAME LAN1
OPERATOR> TRSOURCE ENABLE ID LANTR
ALICE> PING 10.1.1.2
ALICE> PING 10.1.1.9 (TIMEOUT 1
.WAIT ALICE
OPERATOR> TRSOURCE DISABLE ID LANTR
"""


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"{program} is missing (apt install tshark or tcpdump)")


def until(condition):
    end = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def output_of(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=LIMIT, **options).stdout


def frames(path, *fields):
    """What tshark says of each frame, these fields of it."""
    options = [word for field in fields for word in ("-e", field)]
    return [line.split("|") for line in
            output_of("tshark", "-r", str(path), "-T", "fields", "-E", "separator=|", *options).splitlines()]


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_script(self, text, *options):
        (self.folder / "s.vm").write_text(text)
        return output_of(VMLAN, "run", "s.vm", *options, cwd=self.folder)


class Trace(Case):
    @needs("tshark")
    def test_wireshark_reads_whose_frame_it_is_which_way_it_went_and_why_it_was_dropped(self):
        self.run_script(TRACED)
        seen = frames(self.folder / "LANTR.pcapng", "frame.interface_name", "frame.interface_description", "ip.src",
                      "ip.dst", "eth.src", "eth.dst", "frame.packet_flags_direction", "frame.comment")
        self.assertIn(["ALICE.0600", "LAN SYSTEM LAN1", "10.1.1.1", "10.1.1.2", "02:00:00:00:00:01",
                       "02:00:00:00:00:02", "2", ""], [row[:6] + [str(int(row[6], 0))] + row[7:] for row in seen])
        self.assertIn("BOB.0600", [row[0] for row in seen])
        lost = [row for row in seen if row[3] == "10.1.1.9"]
        self.assertTrue(lost)
        for row in lost:
            self.assertEqual((row[5], row[7]), ("00:00:00:00:00:00", "dropped: unknown address"))

    @needs("capinfos")
    def test_capinfos_has_nothing_to_complain_about(self):
        self.run_script(TRACED)
        said = subprocess.run(["capinfos", "LANTR.pcapng"], cwd=self.folder, capture_output=True, text=True,
                              timeout=LIMIT, check=False)
        self.assertEqual((said.returncode, said.stderr), (0, ""))
        for line in ("Wireshark/... - pcapng", "Ethernet", "nanoseconds (9)", "ALICE.0600", "BOB.0600", "vmlan Version"):
            self.assertIn(line, said.stdout)

    @needs("tcpdump")
    def test_libpcap_reads_it(self):
        self.run_script(TRACED)
        said = output_of("tcpdump", "-n", "-e", "-r", str(self.folder / "LANTR.pcapng"), "icmp")
        self.assertIn("10.1.1.1 > 10.1.1.2: ICMP echo request", said)

    def test_in_virtual_time_two_runs_write_the_same_bytes(self):
        self.run_script(TRACED)
        first = (self.folder / "LANTR.pcapng").read_bytes()
        self.run_script(TRACED)
        self.assertEqual((self.folder / "LANTR.pcapng").read_bytes(), first)
        self.assertGreater(len(first), 1000)

    def test_it_goes_where_the_system_was_told_and_nowhere_else(self):
        (self.folder / "traces").mkdir()
        said = self.run_script(TRACED, "--traces", "traces")
        self.assertIn("it is written to traces/LANTR.pcapng", said)
        self.assertTrue((self.folder / "traces" / "LANTR.pcapng").exists())
        self.assertFalse((self.folder / "LANTR.pcapng").exists())
        said = self.run_script(TRACED, "--traces", "missing")
        self.assertIn("HCPTRC9076E Traceid LANTR not enabled; missing/LANTR.pcapng: No such file or directory", said)


class Live(Case):
    """A system that serves, and captures of it."""

    def setUp(self):
        super().setUp()
        self.socket = str(self.folder / "s")
        (self.folder / "start.vm").write_text(USERS)
        with open(self.folder / "shown", "wb") as shown:
            self.system = subprocess.Popen([VMLAN, "serve", "start.vm", "--socket", self.socket], cwd=self.folder,
                                           stdout=shown, stderr=subprocess.STDOUT, preexec_fn=as_from_a_shell)
        self.addCleanup(self.end)
        self.assertTrue(until(lambda: "VMLSRV" in (self.folder / "shown").read_text()))

    def end(self):
        self.system.terminate()
        self.system.wait(LIMIT)

    def cp(self, *words):
        return output_of(VMLAN, "cp", "--socket", self.socket, *words)

    def ping(self, address="10.1.1.2"):
        self.cp("SEND", "ALICE", "PING", address, "(TIMEOUT", "1")

    def capture(self, *words, output=subprocess.DEVNULL):
        started = subprocess.Popen([VMLAN, "capture", "LAN1", "--socket", self.socket, *words], cwd=self.folder,
                                   stdout=output, stderr=subprocess.PIPE, text=True, preexec_fn=as_from_a_shell)
        self.addCleanup(started.stderr.close)
        return started

    def stop(self, started):
        started.send_signal(signal.SIGINT)
        _, said = started.communicate(timeout=LIMIT)
        return started.returncode, said

    def grows(self, name, beyond=0):
        path = self.folder / name
        return until(lambda: path.exists() and path.stat().st_size > beyond)

    def begins(self, name):
        """It writes its file when the system has taken it."""
        self.assertTrue(until((self.folder / name).exists))

    @needs("tshark")
    def test_frames_come_live_and_ctrl_c_leaves_a_whole_file(self):
        started = self.capture("-w", "c.pcapng")
        self.begins("c.pcapng")
        self.ping()
        self.assertTrue(self.grows("c.pcapng"))
        code, said = self.stop(started)
        self.assertEqual(code, 0, said)
        self.assertRegex(said, r"VMLCAP623I \d+ frames captured, 0 left out by the filter, 0 lost")
        self.assertIn(["ALICE.0600", "10.1.1.1", "10.1.1.2"],
                      frames(self.folder / "c.pcapng", "frame.interface_name", "ip.src", "ip.dst"))

    @needs("tshark")
    def test_a_filter_of_tcpdump_chooses(self):
        started = self.capture("-w", "c.pcapng", "icmp[icmptype]", "==", "icmp-echoreply")
        self.begins("c.pcapng")
        self.ping()
        self.assertTrue(self.grows("c.pcapng", 400))
        self.assertEqual(self.stop(started)[0], 0)
        self.assertEqual({tuple(row) for row in frames(self.folder / "c.pcapng", "frame.interface_name", "icmp.type")},
                         {("BOB.0600", "0")})
        refused = subprocess.run([VMLAN, "capture", "LAN1", "--socket", self.socket, "no", "filter"], timeout=LIMIT,
                                 capture_output=True, text=True, check=False)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("VMLCAP621E 'no filter' is no filter", refused.stderr)

    def test_a_reader_that_goes_ends_it(self):
        started = self.capture(output=subprocess.PIPE)
        self.addCleanup(started.stdout.close)
        time.sleep(0.5)
        started.stdout.close()
        for _ in range(5):
            self.ping()
            time.sleep(0.2)
        self.assertEqual(started.wait(LIMIT), 0)

    def test_what_is_not_there_is_said(self):
        refused = subprocess.run([VMLAN, "capture", "NOLAN", "--socket", self.socket], timeout=LIMIT,
                                 capture_output=True, text=True, check=False)
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        self.assertIn("VMLLNK008E LAN SYSTEM NOLAN does not exist", refused.stderr)

    def test_a_lan_that_goes_and_a_system_that_goes_end_it(self):
        started = self.capture("-w", "c.pcapng")
        self.begins("c.pcapng")
        self.cp("DETACH", "LAN", "LAN1", "OWNERID", "SYSTEM")
        _, said = started.communicate(timeout=LIMIT)
        self.assertEqual(started.returncode, 0)
        self.assertIn("VMLLNK009I LAN SYSTEM LAN1 has gone", said)
        self.cp("DEFINE", "LAN", "LAN1", "OWNERID", "SYSTEM", "TYPE", "QDIO", "IP")
        started = self.capture("-w", "again.pcapng")
        self.begins("again.pcapng")
        self.end()
        _, said = started.communicate(timeout=LIMIT)
        self.assertIn("VMLLNK005I The system goes down", said)

    def extcap(self, *words):
        """As Wireshark calls it: the program is in its folder, by a link."""
        link = self.folder / "extcap" / "vmlan"
        if not link.exists():
            link.parent.mkdir()
            link.symlink_to(shutil.which(VMLAN) or VMLAN)
        return output_of(str(link), *words, "--socket", self.socket)

    @needs("tshark")
    def test_wireshark_is_told_the_lans_and_captures_one_of_them(self):
        listed = self.extcap("--extcap-interfaces", "--extcap-version=4.0")
        self.assertIn("interface {value=vmlan-SYSTEM.LAN1}{display=vmlan LAN SYSTEM.LAN1}", listed)
        self.assertTrue(listed.startswith("extcap {version="))
        self.assertIn("dlt {number=1}{name=EN10MB}",
                      self.extcap("--extcap-dlts", "--extcap-interface", "vmlan-SYSTEM.LAN1"))
        self.assertIn("{call=--user}", self.extcap("--extcap-config", "--extcap-interface", "vmlan-SYSTEM.LAN1"))
        check = ("--extcap-interface", "vmlan-SYSTEM.LAN1", "--extcap-capture-filter")
        self.assertEqual(self.extcap(*check, "tcp port 80"), "")
        self.assertNotEqual(self.extcap(*check, "no filter"), "")
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        started = subprocess.Popen([str(self.folder / "extcap" / "vmlan"), "--capture", "--extcap-interface",
                                    "vmlan-SYSTEM.LAN1", "--fifo", str(fifo), "--extcap-capture-filter", "icmp",
                                    "--socket", self.socket], preexec_fn=as_from_a_shell)
        with open(fifo, "rb") as reader, open(self.folder / "w.pcapng", "wb") as kept:
            time.sleep(0.5)
            self.ping()
            kept.write(reader.read(300))
            started.terminate()
            kept.write(reader.read())
        self.assertEqual(started.wait(LIMIT), 0)
        self.assertTrue(frames(self.folder / "w.pcapng", "icmp.type"))

    def test_without_a_system_wireshark_is_shown_no_lan_and_no_error(self):
        said = subprocess.run([VMLAN, "--extcap-interfaces", "--socket", str(self.folder / "nobody")], timeout=LIMIT,
                              capture_output=True, text=True, check=False)
        self.assertEqual((said.returncode, said.stderr, len(said.stdout.splitlines())), (0, "", 1))


if __name__ == "__main__":
    if "--vmlan" in sys.argv:
        at = sys.argv.index("--vmlan")
        VMLAN = os.path.abspath(sys.argv[at + 1])
        del sys.argv[at:at + 2]
    unittest.main(verbosity=2)
