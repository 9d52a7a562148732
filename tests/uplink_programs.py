#!/usr/bin/env python3
"""curl and a user of CMS, through a TAP device and through an interface, in network namespaces; and what capinfos and tshark
say of a capture of it. TCPRECV and TCPSEND are all that CMS serves: a connection that ends where its file ends, which curl
calls telnet. Every wait has an end.

uplink_programs.py --vmlan PROGRAM [unittest options]      77: everything was skipped
"""
import contextlib
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

from namespaces import main, needs
from scale_out_machines import Machine, cable
from vmlan_program import VMLAN

LIMIT = 30
CURL_TIME_IS_OVER = 28
LETTER = "".join(f"line {number} of a letter\n" for number in range(9000))
# Receives what TCPSEND sends: a program of the other end that only listens.
LISTENER = ("import socket, sys\nwith socket.create_server(('10.1.1.102', 9000)) as s:\n print('here', flush=True)\n"
            " c, _ = s.accept()\n got = c.makefile('rb').read()\n c.close()\nsys.stdout.buffer.write(got)\n")


class UplinkPrograms(unittest.TestCase):
    def setUp(self):
        closing = contextlib.ExitStack()
        self.addCleanup(closing.close)
        self.folder = pathlib.Path(closing.enter_context(tempfile.TemporaryDirectory()))
        self.left, self.right = (closing.enter_context(Machine(VMLAN, self.folder / str(number), number)) for number in (1, 2))
        (self.folder / "letter").write_text(LETTER)

    def check(self, machine, device, uplink):
        """ALICE's neighbor is the kernel at this device of the machine."""
        machine.ip("address", "add", "10.1.1.102/24", "dev", device)
        machine.ip("link", "set", device, "up")
        self.left.start([f"DEFINE UPLINK 0A00 {uplink}", "DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO ETHERNET",
                         "SET LAN LAN1 OWNERID SYSTEM UPLINK RDEV 0A00"], {"ALICE": (1, "LAN1")})
        captured = self.folder / "lan1.pcapng"
        capture = subprocess.Popen([VMLAN, "capture", "LAN1", "-w", str(captured), "--socket", str(self.left.socket)],
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(capture.stderr.close)
        self.addCleanup(capture.kill)
        end = time.monotonic() + LIMIT
        while not captured.exists() or not captured.stat().st_size:  # it begins with its first frame
            self.assertLess(time.monotonic(), end)
            machine.run("ping", "-c", "2", "-i", "0.2", "10.1.1.1")
        at = self.left.type("ALICE", "TCPRECV COPY DATA")
        port = self.left.wait("Listening on port", at).split("Listening on port", 1)[1].split()[0].rstrip(".")
        self.upload(machine, port)
        self.assertIn(f"{len(LETTER)} bytes received", self.left.wait("ALICE: Ready", at))
        self.assertEqual(self.sent_back(machine), LETTER)
        capture.send_signal(signal.SIGINT)
        self.assertRegex(capture.communicate(timeout=LIMIT)[1], r"[1-9][0-9]* frames")
        self.check_capture(captured, port)

    def upload(self, machine, port):
        """curl waits for its peer to end the connection, and TCPRECV for curl: curl's time is over first."""
        curl = ["curl", "--silent", "--max-time", "4", "--upload-file", str(self.folder / "letter"), f"telnet://10.1.1.1:{port}"]
        ended = subprocess.run(machine.inside(*curl), timeout=LIMIT, check=False, stdout=subprocess.DEVNULL).returncode
        self.assertEqual(ended, CURL_TIME_IS_OVER)

    def sent_back(self, machine):
        with subprocess.Popen(machine.inside("python3", "-c", LISTENER), stdout=subprocess.PIPE, text=True) as listener:
            try:
                listener.stdout.readline()
                at = self.left.type("ALICE", "TCPSEND COPY DATA TO 10.1.1.102 PORT 9000")
                self.assertIn("bytes sent and received", self.left.wait("ALICE: Ready", at))
                return listener.communicate(timeout=LIMIT)[0]
            finally:
                listener.kill()

    def check_capture(self, captured, port):
        said = output_of("capinfos", "-c", "-M", str(captured))
        frames = int(said.split("Number of packets:")[1].split()[0])
        interfaces = output_of("tshark", "-r", str(captured), "-T", "fields", "-e", "frame.interface_name").split()
        self.assertEqual((len(interfaces), set(interfaces)), (frames, {"ALICE.0600", "UPLINK.0A00"}))
        payload = output_of("tshark", "-r", str(captured), "-q", "-z", "follow,tcp,raw,0")
        told = bytes.fromhex("".join(line.strip() for line in payload.splitlines() if is_hex(line.strip())))
        self.assertEqual(told.decode(), LETTER, f"what curl sent to port {port}, as Wireshark puts it together")
        flaws = output_of("tshark", "-r", str(captured), "-o", "ip.check_checksum:TRUE", "-Y",
                          "_ws.malformed or ip.checksum.status == 0")
        self.assertEqual(flaws, "")

    @needs("ip", "ping", "curl", "tshark", "capinfos")
    def test_through_a_tap_device(self):
        self.left.ip("tuntap", "add", "tap0", "mode", "tap", "vnet_hdr")
        self.check(self.left, "tap0", "TAP tap0")

    @needs("ip", "ping", "curl", "tshark", "capinfos")
    def test_through_an_interface(self):
        cable(self.left, self.right)
        self.check(self.right, "cable", "INTERFACE cable")


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=LIMIT).stdout


def is_hex(line):
    return line != "" and all(character in "0123456789abcdef" for character in line)


if __name__ == "__main__":
    main()
