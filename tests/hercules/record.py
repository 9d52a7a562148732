#!/usr/bin/env python3
"""Records what Linux' driver and a virtual NIC say to each other, for tests that have no emulator.

  tests/hercules/record.py --vmlan PATH --module PATH

Boots guests as the matrix does, takes every kind of card through a life (online, addresses, offloads where there are
some, VLAN, promiscuous, offline) and writes tests/golden/dialogue/KIND.txt, which tests/dialogue_test.cpp replays. Run it
when a reply has changed on purpose and real guests have accepted the new one; look at the difference before it is kept.
"""
import argparse
import pathlib
import re
import sys

import cases
from network import KINDS, Network
from rig import Rig

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden/dialogue"
OFFLOADS = ("tx on", "rx on", "tso on", "tso off", "tx off", "rx off")


def live(link):
    """Everything the driver can be made to ask for."""
    guest, interface = link.guests[0], link.interfaces[0]
    number = link.kind.number
    guest.run(f"ip addr add 10.{number}.0.77/24 dev {interface}")
    guest.run(f"ip addr del 10.{number}.0.77/24 dev {interface}")
    guest.run(f"ip link set {interface} promisc on")
    guest.run(f"ip link set {interface} promisc off")
    guest.run(f"vlan {interface} 100 10.{number}.100.1/24 fd00:{number:x}:100::1/64")
    guest.run(f"ip link del {interface}.100")
    if link.kind.offloads:
        for feature in OFFLOADS:
            guest.run(f"netrig offload {interface} {feature}")
    guest.run(f"ip link set {interface} down")
    guest.run(f"offline {link.kind.device}", 60)


def head(kind, kernel, mac):
    frame_size = re.search(r"MFS (\d+)K", kind.lan_type)
    return "\n".join((
        f"# What Linux' qeth driver and a virtual NIC said. Source: tests/hercules/record.py, {kernel},",
        "# accepted by that driver. '>' the driver, '<' the NIC, and the device; see tests/dialogue_test.cpp.",
        f"kind {'iqd' if kind.card == 'hipers' else 'osd'}",
        f"transport {'ethernet' if kind.layer == 2 else 'ip'}",
        f"frame-size {int(frame_size[1]) * 1024 if frame_size else 0}",
        f"device {kind.device}",
        f"path {kind.number:02x}",
        f"mac {mac}",
    ))


def messages(trace):
    for line in trace.read_text().splitlines():
        _, device, direction, data = (line.split(" ", 3) + [""])[:4]
        if direction in "<>":
            yield f"{direction} {device} {data}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vmlan", type=pathlib.Path, required=True)
    parser.add_argument("--module", type=pathlib.Path, required=True)
    options = parser.parse_args()
    GOLDEN.mkdir(exist_ok=True)
    with Rig(False, None) as rig:
        network = Network(rig, options.vmlan, options.module, traced=True)
        network.start()
        kernel = network.guests[0].run("uname -sr").lines[0]
        for kind in KINDS:
            link = cases.bring_up(network, kind)[4]
            mac = network.guests[0].run(f"cat /sys/class/net/{link.interfaces[0]}/address").lines[0]
            live(link)
            lines = [head(kind, kernel, mac), *messages(network.trace_of("LINUX1", kind))]
            (GOLDEN / f"{kind.name}.txt").write_text("\n".join(lines) + "\n")
            print(f"{kind.name}: {len(lines)} lines")
        network.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
