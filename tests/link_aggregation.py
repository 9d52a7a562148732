#!/usr/bin/env python3
"""A port group and its partner: Open vSwitch's bond, or another vmlan's group, in network namespaces with two cables
between them. Every wait has an end.

link_aggregation.py --vmlan PROGRAM [unittest options]      77: everything was skipped
"""
import contextlib
import pathlib
import tempfile
import time
import unittest

from namespaces import main, needs
from scale_out_machines import Machine, OpenVSwitch
from vmlan_program import VMLAN

LIMIT = 30
GROUP = ["DEFINE UPLINK 0A00 INTERFACE cable0", "DEFINE UPLINK 0B00 INTERFACE cable1", "SET PORT GROUP BOND1 JOIN 0A00 0B00",
         "DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO ETHERNET", "SET LAN LAN1 OWNERID SYSTEM UPLINK GROUP BOND1"]


class LinkAggregation(unittest.TestCase):
    def setUp(self):
        closing = contextlib.ExitStack()
        self.addCleanup(closing.close)
        folder = pathlib.Path(closing.enter_context(tempfile.TemporaryDirectory()))
        self.left, self.right = (closing.enter_context(Machine(VMLAN, folder / str(number), number)) for number in (1, 2))
        for cable in ("cable0", "cable1"):
            self.left.ip("link", "add", cable, "type", "veth", "peer", "name", cable, "netns", self.right.holder.pid)
            for machine in (self.left, self.right):
                machine.ip("link", "set", cable, "up")

    def statuses(self, machine):
        """What the group's links are: [(device, status)]."""
        lines = machine.cp("QUERY PORT GROUP BOND1").splitlines()
        return [line[4:38].strip().split(None, 1) for line in lines if ".P00" in line]

    def until(self, condition, text):
        end = time.monotonic() + LIMIT
        while not condition():
            self.assertLess(time.monotonic(), end, f"{text}\n{self.left.cp('QUERY PORT GROUP DETAILS')}")
            time.sleep(0.1)

    def until_both_carry(self, machine):
        self.until(lambda: [status for _, status in self.statuses(machine)] == ["Active, partner"] * 2, "not both carry")

    def check_failing_links(self, reaches):
        """One cable at a time is pulled at the far end; everybody is reached by the other."""
        for cable, device in (("cable0", "0A00"), ("cable1", "0B00")):
            self.right.ip("link", "set", cable, "down")
            self.until(lambda: dict(self.statuses(self.left))[f"{device}.P00"].startswith(("Standby", "Offline")),
                       f"{device} still carries")
            self.assertTrue(reaches(), f"nobody is reached without {cable}")
            self.right.ip("link", "set", cable, "up")
            self.until_both_carry(self.left)
            self.assertTrue(reaches())

    @needs("ip", "ping", "ovs-vsctl", "ovs-vswitchd", "ovsdb-server", "ovsdb-tool")
    def test_open_vswitch(self):
        switch = OpenVSwitch(self.right)
        switch.vsctl("add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev")
        switch.vsctl("add-bond", "br0", "bond0", "cable0", "cable1", "lacp=active", "other_config:lacp-time=fast",
                     "bond_mode=balance-tcp")
        # The kernel sees the cables too, and would answer there for br0.
        self.right.run("sh", "-c", "echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore")
        for address in range(20, 28):
            self.right.ip("address", "add", f"10.1.1.{address}/24", "dev", "br0")
        self.right.ip("link", "set", "br0", "up")
        self.left.start(GROUP, {"ALICE": (1, "LAN1")})
        self.until_both_carry(self.left)

        self.assertTrue(all(self.left.reaches("ALICE", address) for address in range(20, 28)))

        def is_reached():  # while the switch moves flows from link to link, it may lose one ping
            return all(any(self.left.reaches("ALICE", address, seconds=1) for _ in range(3)) for address in range(20, 28))

        counts = [line.split()[-2:] for line in self.left.cp("QUERY PORT GROUP").splitlines() if ".P00" in line]
        self.assertTrue(all(int(sent) > 0 for sent, _ in counts), f"flows of eight addresses all took one link: {counts}")
        self.assertIn("Successes so far 1", self.left.text())
        self.right.run("ping", "-c", "3", "-i", "0.2", "10.1.1.1")
        self.check_failing_links(is_reached)
        # A partner that does not speak any more, though its links are up.
        switch.vsctl("set", "port", "bond0", "lacp=off", "bond_mode=active-backup")
        self.until(lambda: sorted(status for _, status in self.statuses(self.left)) ==
                   ["Active, no partner", "Standby, no partner"], "not one carries alone")
        switch.vsctl("set", "port", "bond0", "lacp=active", "bond_mode=balance-tcp")
        self.until_both_carry(self.left)
        self.assertTrue(is_reached())

    @needs("ip")
    def test_another_vmlan(self):
        self.left.start(GROUP, {"ALICE": (1, "LAN1")})
        # (Each machine has a MAC prefix of its own: with the same one this were one system that hears itself.)
        self.right.start(GROUP, {"BOB": (2, "LAN1")})
        self.until_both_carry(self.left)
        self.until_both_carry(self.right)
        self.assertTrue(self.left.reaches("ALICE", 2))
        self.check_failing_links(lambda: self.left.reaches("ALICE", 2) and self.right.reaches("BOB", 1))
        self.right.kill()
        self.until(lambda: "Active, partner" not in str(self.statuses(self.left)), "a dead partner is believed")
        self.right.start_again()
        self.until_both_carry(self.left)
        self.assertTrue(self.left.reaches("ALICE", 2))


if __name__ == "__main__":
    main()
