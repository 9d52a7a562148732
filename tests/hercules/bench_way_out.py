#!/usr/bin/env python3
"""How fast a guest in the emulator and its host reach each other through NAT, in ratios to the same guest's LAN in the
same run.

  tests/hercules/bench_way_out.py [--seconds N] [--verbose] --vmlan PATH --module PATH

The host's end is the guests' traffic program, built for this machine. Nothing leaves it.
"""
import subprocess
import sys

from bench import prepare, tcp_mbit
from cases import TCP_PORT, bring_up
from guest import values_of
from network import KINDS, Network
from rig import HERE, ROOT, Failed, need, run_alone

OSD = KINDS[0]
AIM = 0.8
GUEST, HOST = "10.0.2.50", "10.0.2.2"
FORWARDED = 15001
RUNS = (("MTU 1500", "tx off tso off rx off"), ("MTU 1500, checksums and TSO", "tx on tso on rx on"))


class HostEnd:
    """What tcp_mbit needs of a guest, at this host."""

    def __init__(self, folder):
        self._program = folder / "netrig_host"
        subprocess.run([need("gcc", "gcc"), f"-I{ROOT}", "-std=gnu11", "-O2", "-o", self._program,
                        *map(str, sorted((HERE / "guest").glob("*.c")))], check=True)
        self._serving = None

    def _words(self, command):
        return [self._program, *command.split()[1:]]

    def serve(self, command):
        self._serving = subprocess.Popen(self._words(command), stdout=subprocess.PIPE, text=True)
        if "listening" not in self._serving.stdout.readline():
            raise Failed(f"the host does not begin: {command}")

    def result(self, what, seconds=30):
        shown, _ = self._serving.communicate(timeout=seconds)
        return values_of(shown.splitlines()[-1])[what]

    def run(self, command, seconds=30):
        return subprocess.run(self._words(command), check=True, timeout=seconds, capture_output=True)


class Redirected:
    """The host as a sender: its packets for the guest go to the forwarded port."""

    def __init__(self, host):
        self._host = host

    def run(self, command, seconds=30):
        return self._host.run(command.replace(f"{GUEST} {TCP_PORT}", f"127.0.0.1 {FORWARDED}"), seconds)


def run(options, rig):
    network = Network(rig, options.vmlan, options.module, kinds=(OSD,))
    network.start()
    network.base.cp(f"DEFINE UPLINK 0F00 NAT OPENHOST FORWARD TCP {FORWARDED} {GUEST}:{TCP_PORT}")
    network.base.cp(f"SET LAN {OSD.lan} OWNERID SYSTEM UPLINK RDEV 0F00")
    host = HostEnd(rig.folder)
    link = bring_up(network, OSD)[4]
    guest, other = network.guests
    guest.run(f"ip addr add {GUEST}/24 dev {link.interfaces[0]}")
    print(f"{'Mbit/s':32} {'LAN':>6} {'out':>6} {'in':>6} {'out/LAN':>8} {'in/LAN':>7}   aim {AIM}")
    for name, offloads in RUNS:
        prepare(network, link, 1500, offloads)
        lan = tcp_mbit(guest, other, OSD.address(4, 2), options.seconds)
        out = tcp_mbit(guest, host, HOST, options.seconds)
        into = tcp_mbit(Redirected(host), guest, GUEST, options.seconds)
        print(f"{name:32} {lan:6.0f} {out:6.0f} {into:6.0f} {out / lan:8.2f} {into / lan:7.2f}", flush=True)
    network.stop()


if __name__ == "__main__":
    sys.exit(run_alone("bench_way_out", run, __doc__, seconds=5))
