#!/usr/bin/env python3
"""iperf3 of Debian in guests in the emulator: between two of them on a LAN, and with its host through NAT, both ways.

  tests/hercules/iperf.py [--seconds N] [--vmlan PATH] [--module PATH] [--verbose] [--keep FOLDER]

Exit code 0: it works; 1: it does not; 77: the emulator, iperf3 or a package can't be had.
"""
import re
import subprocess
import sys
import time

from cases import bring_up
from network import KINDS, Network
from rig import Failed, Skip, need, run_alone

import s390_image  # in scripts/, where rig has made Python look

PORT, FORWARDED = 5201, 15201
GUEST, HOST = "10.0.2.50", "10.0.2.2"
OSD, HIPERSOCKETS = KINDS[0], KINDS[3]
LEAST_MBIT = 1  # it runs; how fast is a matter of benchmarks
UDP_MBIT = 5
MOST_LOST = 0.01
RECEIVED = re.compile(r"([0-9.]+) Mbits/sec.*receiver")
LOST = re.compile(r"([0-9]+)/([0-9]+) \([0-9.e+-]+%\)\s+receiver")


def judge(name, lines):
    """Prints and checks what iperf3's receiver has seen."""
    text = "\n".join(lines)
    mbits = RECEIVED.findall(text)  # of several streams the sum comes last
    if not mbits or float(mbits[-1]) < LEAST_MBIT:
        raise Failed(f"{name}: nothing was received\n{text}")
    lost = LOST.search(text)
    if lost and int(lost.group(1)) > MOST_LOST * int(lost.group(2)):
        raise Failed(f"{name}: {lost.group(1)} of {lost.group(2)} lost\n{text}")
    print(f"ok      iperf/{name}  {mbits[-1]} Mbit/s", flush=True)


def from_guest(guest, options, name, words):
    judge(name, guest.run(f"iperf3 -f m -t {options.seconds} -c {words}", options.seconds + 30).lines)


def between_guests(network, options, kind):
    link = bring_up(network, kind)
    first, second = network.guests
    second.run("iperf3 -s -D")
    for family in (4, 6):
        there = link[family].address(2)
        for way, words in (("tcp", ""), ("tcp-back", " -R"), ("tcp-four-streams", " -P 4"),
                           ("udp", f" -u -b {UDP_MBIT}M"), ("udp-back", f" -u -b {UDP_MBIT}M -R")):
            from_guest(first, options, f"{kind.name}/ipv{family}/{way}", there + words)
    second.run("killall iperf3")
    return link[4].interfaces[0]


def through_nat(network, options, interface):
    guest = network.guests[0]
    network.base.cp(f"DEFINE UPLINK 0F00 NAT OPENHOST FORWARD TCP {FORWARDED} {GUEST}:{PORT}")
    network.base.cp(f"SET LAN {OSD.lan} OWNERID SYSTEM UPLINK RDEV 0F00")
    guest.run(f"ip addr add {GUEST}/24 dev {interface}")
    server = network.rig.start(["iperf3", "-s", "-B", "127.0.0.1", "-p", str(PORT)], stdout=subprocess.DEVNULL)
    time.sleep(0.5)
    if server.poll() is not None:
        raise Skip(f"port {PORT} of this host's loopback is in use")
    # No UDP: iperf3 3.12 opens it with a number in its machine's own byte order, which the other end does not know.
    for way, words in (("out", ""), ("in", " -R"), ("four-streams", " -P 4")):
        from_guest(guest, options, f"nat/{way}", HOST + words)
    server.kill()
    guest.run(f"iperf3 -s -D -B {GUEST}")
    try:
        asked = subprocess.run(["iperf3", "-f", "m", "-t", str(options.seconds), "-c", "127.0.0.1", "-p", str(FORWARDED)],
                               capture_output=True, text=True, timeout=options.seconds + 30, check=False)
    except subprocess.TimeoutExpired:
        raise Failed("nat/forwarded: iperf3 does not end") from None
    judge("nat/forwarded", (asked.stdout + asked.stderr).splitlines())


def run(options, rig):
    need("iperf3", "iperf3")
    network = Network(rig, options.vmlan, options.module, kinds=(OSD, HIPERSOCKETS),
                      files=s390_image.iperf_files(rig.linux / "packages"))
    network.start()
    between_guests(network, options, HIPERSOCKETS)
    through_nat(network, options, between_guests(network, options, OSD))
    for guest in network.guests:
        if alarms := guest.alarms():
            raise Failed(f"{guest.name}'s kernel says:\n" + "\n".join(alarms))
    network.stop()


if __name__ == "__main__":
    sys.exit(run_alone("iperf", run, __doc__, seconds=1))
