#!/usr/bin/env python3
"""A virtual switch with IP transport on a real network: a user's neighbors are the kernel's in another network namespace,
which knows Ethernet. Every wait has an end.

ip_switch.py --vmlan PROGRAM [unittest options]      77: everything was skipped
"""
import contextlib
import pathlib
import sys
import tempfile
import time
import unittest

from namespaces import main, needs
from scale_out_machines import Machine, cable
from vmlan_program import VMLAN

LIMIT = 20
SCRIPT = """\
.DIRECTORY
USER ALICE NOPASS 32M 64M G
 IPL CMS
 MDISK 191 3390 T-DISK 10 MR
 NICDEF 0600 TYPE QDIO LAN SYSTEM VSW1
.END
.FILE ALICE 191 PROFILE TCPIP
DEVICE DEV@0600 OSD 0600
LINK ETH0 QDIOETHERNET DEV@0600 IP
HOME
10.1.1.1 255.255.255.0 ETH0
FD00::1/64 ETH0
GATEWAY
DEFAULTNET 10.1.1.254 ETH0 1500
START DEV@0600
.END
OPERATOR> DEFINE UPLINK 0A00 INTERFACE cable
OPERATOR> DEFINE VSWITCH VSW1 IP IPTIMEOUT 1 UPLINK RDEV 0A00
OPERATOR> SET VSWITCH VSW1 GRANT ALICE
ALICE> LOGON ALICE
"""


class IpSwitch(unittest.TestCase):
    def setUp(self):
        closing = contextlib.ExitStack()
        self.addCleanup(closing.close)
        folder = pathlib.Path(closing.enter_context(tempfile.TemporaryDirectory()))
        self.left, self.right = (closing.enter_context(Machine(VMLAN, folder / str(number), number)) for number in (1, 2))
        cable(self.left, self.right)
        for words in (("address", "add", "10.1.1.254/24", "dev", "cable"), ("address", "add", "10.9.9.9/32", "dev", "lo"),
                      ("address", "add", "fd00::fe/64", "dev", "cable", "nodad")):
            self.right.ip(*words)
        self.left.start_script(SCRIPT, "ALICE")

    def ping(self, address):
        at = self.left.type("ALICE", f"PING {address} (COUNT 1 TIMEOUT 5")
        return "Successes so far 1" in self.left.wait("ALICE: Ready", at)

    def mac_of_the_uplink(self):
        lines = self.left.cp("QUERY UPLINK 0A00 DETAILS").splitlines()
        return next(line.split()[1] for line in lines if line.startswith("  MAC:")).replace("-", ":").lower()

    def drops(self):
        return self.left.cp("QUERY UPLINK 0A00 DETAILS")

    @needs("ip", "ping", "arping")
    def test_neighbors_find_each_other(self):
        self.assertTrue(self.ping("10.1.1.254"), "a neighbor")
        self.assertTrue(self.ping("10.9.9.9"), "one behind the gateway")
        self.assertTrue(self.ping("FD00::FE"), "a neighbor, IPv6")
        self.assertFalse(self.ping("10.1.1.77"), "nobody")
        self.right.run("ping", "-c", "3", "-i", "0.2", "10.1.1.1")
        self.right.run("ping", "-6", "-c", "3", "-i", "0.2", "fd00::1")
        said = self.right.run("arping", "-c", "2", "-I", "cable", "10.1.1.1").lower()
        self.assertIn(self.mac_of_the_uplink(), said, "the switch answers in its guests' place")
        neighbors = self.right.ip("neighbor", "show", "dev", "cable")
        self.assertIn(self.mac_of_the_uplink(), next(line for line in neighbors.splitlines() if line.startswith("10.1.1.1 ")))

    @needs("ip", "ping")
    def test_a_neighbor_that_changes_its_card_is_followed(self):
        self.assertTrue(self.ping("10.1.1.254"))
        self.right.ip("link", "set", "cable", "down")
        self.right.ip("link", "set", "cable", "address", "02:aa:aa:aa:aa:01", "up")
        self.right.run("ping", "-c", "1", "-W", "5", "10.1.1.1")
        end = time.monotonic() + LIMIT
        while not self.ping("10.1.1.254"):
            self.assertLess(time.monotonic(), end, "its old address is still believed")

    @needs("ip", "ping")
    def test_tcp_in_whole_segments(self):
        at = self.left.type("ALICE", "TCPRECV COPY DATA")
        self.left.wait("Listening on port", at)
        port = self.left.text(at).split("Listening on port", 1)[1].split()[0].rstrip(".")
        sender = ("import socket\nwith socket.create_connection(('10.1.1.1', %s), 10) as s:\n s.sendall(bytes(200000))\n" % port)
        self.right.run(sys.executable, "-c", sender)
        self.assertIn("200000 bytes received", self.left.wait("ALICE: Ready", at))


if __name__ == "__main__":
    main()
