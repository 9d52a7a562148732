#!/usr/bin/env python3
"""Two systems that share a LAN, as docs/SCALE-OUT.md says: two network namespaces with a cable between them, CMS users at both
ends, and what is between them made by the kernel, by VDE or by Open vSwitch. Every wait has an end.

scale_out.py --vmlan PROGRAM [unittest options]      77: everything was skipped
"""
import contextlib
import pathlib
import tempfile
import time
import unittest

from namespaces import main, needs
from scale_out_machines import Machine, OpenVSwitch, block, cable
from vmlan_program import VMLAN


def switch(uplink, users):
    """OPERATOR's lines: a switch that knows VLANs, on one uplink."""
    return [f"DEFINE UPLINK 0A00 {uplink}", "DEFINE VSWITCH VSW1 ETHERNET VLAN AWARE UPLINK RDEV 0A00",
            *(f"SET VSWITCH VSW1 GRANT {name} VLAN {vlan}" for name, (_, vlan) in users.items())]


def documented(word):
    return block("", word).strip().removeprefix("OPERATOR> DEFINE UPLINK 0A00 ")


class ScaleOut(unittest.TestCase):
    """VLAN 10: ALICE and FRANK on the left, BOB and ERIN on the right; VLAN 20: CAROL, and DAVE. All in one IP network."""

    LEFT = {"ALICE": (1, 10), "CAROL": (3, 20), "FRANK": (6, 10)}
    RIGHT = {"BOB": (2, 10), "DAVE": (4, 20), "ERIN": (5, 10)}

    def setUp(self):
        closing = contextlib.ExitStack()
        self.addCleanup(closing.close)
        folder = pathlib.Path(closing.enter_context(tempfile.TemporaryDirectory()))
        self.left, self.right = (closing.enter_context(Machine(VMLAN, folder / str(number), number)) for number in (1, 2))
        cable(self.left, self.right)

    def start(self, machine, users, uplink):
        if uplink.startswith("VDE"):
            with tempfile.NamedTemporaryFile("w", suffix=".vm") as script:
                print(f"OPERATOR> DEFINE UPLINK 0A00 {uplink}", file=script, flush=True)
                said = machine.run(VMLAN, "run", script.name, "--clock", "real")
            if "libvdeplug-dev" in said:
                self.skipTest("vmlan was built without VDE")
        machine.start(switch(uplink, users), {name: (number, "VSW1") for name, (number, _) in users.items()})

    def check_reach(self):
        for machine, user, peer in ((self.left, "ALICE", 2), (self.right, "BOB", 1), (self.left, "CAROL", 4),
                                    (self.right, "DAVE", 3), (self.left, "ALICE", 5)):
            self.assertTrue(machine.reaches(user, peer), f"{user} does not reach 10.1.1.{peer}\n{machine.text()}")
        for machine, user, peer in ((self.left, "ALICE", 4), (self.right, "BOB", 3), (self.right, "DAVE", 1)):
            self.assertFalse(machine.reaches(user, peer, seconds=1), f"{user} reaches 10.1.1.{peer}: VLANs are mixed")

    def check_file(self):
        """TCP in whole segments: what is between the ends takes the guests' MTU."""
        at = self.right.type("BOB", "TCPRECV COPY DATA")
        self.right.wait("Listening on port", at)
        self.left.type("ALICE", "TCPSEND LETTER DATA TO 10.1.1.2")
        self.assertIn("BOB: TCPRECV: 65536 bytes received", self.right.wait("BOB: Ready", at))

    def check_death(self, machine, other, local, far):
        """`machine` is killed and comes back. The pings of `local` (user, address) at the other end, and CP there, go on all the
        while; `far` reaches somebody on `machine` before and after."""
        at = other.type(local[0], f"PING 10.1.1.{local[1]} (COUNT 0 TIMEOUT 3")
        other.wait("Successes so far 1", at)
        machine.kill()
        slowest = 0
        for _ in range(20):
            begin = time.monotonic()
            self.assertIn("Uplink 0A", other.cp("QUERY UPLINK"))
            slowest = max(slowest, time.monotonic() - begin)
            time.sleep(0.05)
        self.assertLess(slowest, 2, "a command took long while the other machine was dead")
        self.assertFalse(other.reaches(*far, seconds=1), "somebody else answers")
        machine.start_again()
        deadline = time.monotonic() + 20
        while not other.reaches(*far, seconds=1):
            self.assertLess(time.monotonic(), deadline, f"{far} is not reached again\n{other.text()}")
        during = other.text(at)
        other.type(local[0], "HX")
        other.wait(f"{local[0]}: Ready", at)
        self.assertIn(f"{local[0]}: PING: Ping #3", during)
        self.assertFalse([line for line in during.splitlines() if line.startswith(local[0]) and "timed out" in line], during)

    def check_all(self):
        self.check_reach()
        self.check_file()
        self.check_death(self.left, self.right, ("ERIN", 2), ("DAVE", 3))
        self.check_death(self.right, self.left, ("FRANK", 1), ("CAROL", 4))
        self.check_reach()

    @needs("ip")
    def test_a_bridge_with_a_vxlan_tunnel(self):
        for machine in (self.left, self.right):
            machine.follow("type vxlan")
        self.start(self.left, self.LEFT, "TAP tap0")
        self.start(self.right, self.RIGHT, "TAP tap0")
        self.check_all()

    @needs("ip")
    def test_the_systems_of_the_document(self):
        text = block("text", "LOGON ALICE")
        for machine, more in ((self.left, text), (self.right, text.replace("ALICE", "BOB").replace("PREFIX 020001", "PREFIX 020002")
                                                  .replace("10.1.1.1", "10.1.1.2"))):
            machine.follow("type vxlan")
            machine.start_script(more, "ALICE" if machine is self.left else "BOB")
        self.assertTrue(self.left.reaches("ALICE", 2))

    @needs("ip")
    def test_vde_by_multicast(self):
        uplink = documented("vxvde")
        for machine in (self.left, self.right):
            machine.ip("route", "add", "239.0.0.0/8", "dev", "cable")
        self.start(self.left, self.LEFT, uplink)
        self.start(self.right, self.RIGHT, uplink)
        self.check_all()

    @needs("ip")
    def test_vde_over_udp(self):
        uplink = documented("udp:")
        self.start(self.left, self.LEFT, uplink)
        self.start(self.right, self.RIGHT, uplink.replace("192.0.2.2", "192.0.2.1"))
        self.check_all()


    @needs("ip", "ovs-vsctl", "ovs-vswitchd", "ovsdb-server", "ovsdb-tool")
    def test_open_vswitch_with_tags_on_one_side_and_a_trunk_on_the_other(self):
        """On the left, VLANs are the switch's business: each LAN of vmlan's is an access port. On the right it is vmlan's VSWITCH."""
        left, right = (OpenVSwitch(machine) for machine in (self.left, self.right))
        for machine in (left, right):
            machine.follow("br-phy")
        left.follow("tag=10")
        left.follow("tag=10", edit=("10", "20"))
        right.follow("trunks=10,20")
        lans = []
        for vlan in (10, 20):
            lans += [f"DEFINE LAN LAN{vlan} OWNERID SYSTEM TYPE QDIO ETHERNET", f"DEFINE UPLINK 0A{vlan} TAP tap{vlan}",
                     f"SET LAN LAN{vlan} OWNERID SYSTEM UPLINK RDEV 0A{vlan}"]
        self.left.start(lans, {name: (number, f"LAN{vlan}") for name, (number, vlan) in self.LEFT.items()})
        self.start(self.right, self.RIGHT, "TAP tap0")
        self.check_all()
        right.vsctl("set", "port", "tap0", "trunks=10")
        self.assertFalse(self.left.reaches("CAROL", 4, seconds=1), "VLAN 20 is no longer in the trunk")
        self.assertTrue(self.left.reaches("ALICE", 2))


if __name__ == "__main__":
    main()
