#!/usr/bin/env python3
"""A Linux in the emulator with a card in one VLAN of a VLAN-aware switch (VNIC ... vlan n), captured live with its control
dialogue; another card, in a VLAN that nobody granted, is refused on the emulator's console.

  tests/hercules/vlan_guest.py [--vmlan PATH] [--module PATH] [--verbose] [--keep FOLDER]

Exit code 0: it works; 1: it does not; 77: the emulator, tshark or a package can't be had.
"""
import signal
import subprocess
import sys
import time

from base import Base
from guest import Guest
from rig import ROOT, Failed, need, run_alone

LIMIT = 30
DISSECTOR = ROOT / "host/trace/vmlan.lua"
DIRECTORY = "USER LINUX1 NOPASS 32M 64M G\nUSER LINUX2 NOPASS 32M 64M G\n" + "".join(
    f"USER {user} NOPASS 32M 64M G\n IPL CMS\n NICDEF 0600 TYPE QDIO LAN SYSTEM VSW1\n" for user in ("ALICE", "BOB"))
SCRIPT = """\
OPERATOR> DEFINE VSWITCH VSW1 ETHERNET VLAN AWARE
OPERATOR> SET VSWITCH VSW1 GRANT LINUX1 PORTTYPE TRUNK VLAN 42-43
OPERATOR> SET VSWITCH VSW1 GRANT LINUX2 VLAN 43
OPERATOR> SET VSWITCH VSW1 GRANT ALICE VLAN 42
OPERATOR> SET VSWITCH VSW1 GRANT BOB VLAN 43
ALICE> LOGON ALICE
ALICE> IFCONFIG 0600 10.42.0.11 255.255.255.0
BOB> LOGON BOB
BOB> IFCONFIG 0600 10.42.0.12 255.255.255.0
"""
REFUSED = "HHC03825E 0B00 LINUX2 NIC 0B00: refused: HCPVNI9048E You are not authorized for VLAN 42 of VSWITCH SYSTEM VSW1"
# What Linux' driver and the adapter have to have said, in this order.
DIALOGUE = ("IDX ACTIVATE READ", "IDX ACTIVATE WRITE", "CM_ENABLE", "ULP_ENABLE", "DM_ACT", "STARTLAN", "SETVMAC")


class Capture:
    """Owns `vmlan capture --control`."""

    def __init__(self, rig, vmlan, base):
        self.path = rig.folder / "vsw1.pcapng"
        self._process = rig.start([vmlan, "capture", "VSW1", "--control", "-w", self.path, "--socket", base.socket],
                                  stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + LIMIT
        # Its file begins with its first frame.
        while not self.path.exists() or not self.path.stat().st_size:
            base.cp("SEND ALICE PING 10.42.0.99 (COUNT 1 TIMEOUT 1")
            if time.monotonic() > end or self._process.poll() is not None:
                raise Failed(f"capture does not begin: {self.end()}")
            time.sleep(0.2)

    def end(self):
        self._process.send_signal(signal.SIGINT)
        return self._process.communicate(timeout=LIMIT)[1]

    def tshark(self, *options):
        command = ["tshark", "-X", f"lua_script:{DISSECTOR}", "-r", str(self.path), *options]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=LIMIT).stdout


def answers(guest, address, count=3):
    """How many echoes came back."""
    return int(guest.run(f"pings {address} {count} 56", 60, rc=None).values("ping").get("received", 0))


def check_capture(capture):
    rows = [line.split("|") for line in capture.tshark(
        "-T", "fields", "-E", "separator=|", "-e", "frame.interface_name", "-e", "_ws.col.Info").splitlines()]
    said = [info for interface, info in rows if interface == "LINUX1.0A00 control"]
    place = -1
    for word in DIALOGUE:
        place = next((at for at in range(place + 1, len(said)) if said[at].startswith(word)), None)
        if place is None:
            raise Failed(f"no '{word}' in its place of the dialogue:\n" + "\n".join(said))
    if not any(interface == "LINUX1.0A00" and "Echo (ping) request" in info for interface, info in rows):
        raise Failed("the guest's frames are not there")
    if flaws := capture.tshark("-Y", "_ws.malformed || _ws.lua.error || vmlan.cut"):
        raise Failed(f"tshark finds fault with:\n{flaws}")


def run(options, rig):
    need("tshark", "tshark")
    base = Base(rig, options.vmlan, SCRIPT, DIRECTORY)
    base.start()
    base.wait_for("Assigned IPv4 address 10.42.0.12")
    card = f"VNIC user {{}} system {base.socket} lan SYSTEM.VSW1 type qdio vlan 42"
    guest = Guest(rig, "LINUX1", [f"0A00.3 {card.format('LINUX1')}", f"0B00.3 {card.format('LINUX2')}"],
                  load=f"LDMOD {options.module}")
    guest.start()
    guest.ready()
    if REFUSED not in guest.log():
        raise Failed(f"the console does not say '{REFUSED}':\n" +
                     "\n".join(line for line in guest.log().splitlines() if "HHC038" in line))
    capture = Capture(rig, options.vmlan, base)
    guest.run("group 0a00 0a01 0a02")
    interface = guest.run("online 0a00 2", 60).values("online")["if"]
    guest.run(f"up {interface} 10.42.0.1/24")
    guest.run("await_state 0a00 'UP (LAN ONLINE)' 100")
    if answers(guest, "10.42.0.11") != 3:
        raise Failed("ALICE, in the same VLAN, is not reached")
    if answers(guest, "10.42.0.12", 1):
        raise Failed("BOB, in another VLAN, is reached, though the user may use it too")
    shown = "\n".join(base.cp("QUERY NIC USERID LINUX1 DETAILS")[1])
    if "Porttype: Access VLAN: 0042" not in shown:
        raise Failed(f"the card is shown otherwise:\n{shown}")
    base.cp("SET VSWITCH VSW1 REVOKE LINUX1")
    if answers(guest, "10.42.0.11", 1):
        raise Failed("a revoked user's card still reaches its VLAN")
    rig.say(capture.end())
    check_capture(capture)
    if alarms := guest.alarms():
        raise Failed("the guest's kernel says:\n" + "\n".join(alarms))
    guest.stop()
    base.stop()


if __name__ == "__main__":
    sys.exit(run_alone("vlan_guest: a card in VLAN 42, its dialogue captured", run, __doc__))
