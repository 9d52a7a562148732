#!/usr/bin/env python3
"""How fast guests in the emulator reach each other, in ratios to a guest's own loopback TCP of the same run.

  tests/hercules/bench.py [--seconds N] [--only REGEX] [--json FILE] [--verbose] --vmlan PATH --module PATH

Both ends, both emulators and the base share the machine, as they do in use; absolute numbers are its, the ratios
travel. Processor time of the host is divided into the emulated processors and what serves them: the base and the
emulators' other threads, the module's among them.
"""
import argparse
import json
import pathlib
import re
import sys
import time

from cases import TCP_PORT, UDP_PORT, bring_up
from network import KINDS, Kind, Network
from rig import BUILD, SKIPPED, Failed, Rig, Skip, thread_seconds

# (name, kind, MTU or 0 for the card's own, the guests' offloads, aimed ratio)
HIPERSOCKETS = Kind("hipersockets-64k", 0xC, "hipers", 3, "HIP64K", "HIPERSOCKETS MFS 64K", 57344)
HIPERSOCKETS_16K = Kind("hipersockets-16k", 0xD, "hipers", 3, "HIP16K", "HIPERSOCKETS MFS 16K", 8192)
OSD = KINDS[0]
OSD_WHOLE = Kind("osd-lro", 0xE, "qdio lro on", 2, "LROLAN", "QDIO ETHERNET", 8992, offloads=True)
BENCH_KINDS = (OSD, HIPERSOCKETS, HIPERSOCKETS_16K, OSD_WHOLE)
RUNS = (
    ("HiperSockets, 64K frames", HIPERSOCKETS, 0, "", 1.0),
    ("HiperSockets, 16K frames", HIPERSOCKETS_16K, 0, "", 0.65),
    ("OSD, MTU 1500", OSD, 1500, "tx off tso off rx off", 0.25),
    ("OSD, MTU 1500, checksums and TSO", OSD, 1500, "tx on tso on rx on", 0.5),
    ("OSD, MTU 8992, checksums and TSO", OSD, 8992, "tx on tso on rx on", 1.0),
    ("OSD, MTU 1500, TSO, receiver lro on", OSD_WHOLE, 1500, "tx on tso on rx on", 1.0),
)
PING_AIM_MS = 1.2
FLOOD_PER_SECOND = 6000
CPU_AIM = 0.25


def tcp_mbit(sender, receiver, address, seconds):
    """Mbit/s over about `seconds`, as the receiver sees it: a short transfer tells how much to send."""
    size, mbit = 8_000_000, 0
    for _ in range(2):
        receiver.serve(f"netrig tcp-receive {TCP_PORT}")
        sender.run(f"netrig tcp-send {address} {TCP_PORT} {size}", 120)
        got = receiver.result("tcp_received", 120)
        mbit = int(got["bytes"]) * 8 / 1000 / max(int(got["ms"]), 1)
        size = int(mbit * 1e6 / 8 * seconds)
    return mbit


class Processors:
    """Seconds of the host's processors since the start of this object."""

    def __init__(self, network):
        self._network = network
        self._before = self._now()

    def _now(self):
        emulated = serving = 0.0
        for guest in self._network.guests:
            threads = sorted(thread_seconds(guest.pid), reverse=True)
            emulated += threads[0]  # the emulated processor works most
            serving += sum(threads[1:])
        return emulated, serving + sum(thread_seconds(self._network.base.pid))

    def used(self):
        now = self._now()
        return now[0] - self._before[0], now[1] - self._before[1]


def prepare(network, link, mtu, offloads):
    for guest, interface in zip(network.guests, link.interfaces):
        if mtu:
            guest.run(f"ip link set {interface} mtu {mtu}")
        words = offloads.split()
        for feature, state in zip(words[::2], words[1::2]):
            answer = guest.run(f"netrig offload {interface} {feature} {state}", rc=None)
            if answer.rc and state == "on":
                return f"the card does not offer {feature}"
    return ""


def measure(network, link, seconds):
    first, second = network.guests
    there = link.kind.address(4, 2)
    first.run(f"pings {there} 2 56")
    pings = first.run(f"ping -q -c 50 -i 0.02 {there}", 60).lines[-1]
    processors = Processors(network)
    mbit = tcp_mbit(first, second, there, seconds)
    emulated, serving = processors.used()
    second.serve(f"netrig udp-receive {UDP_PORT} 1000")
    first.run(f"netrig udp-send {there} {UDP_PORT} {FLOOD_PER_SECOND * seconds} 64 {FLOOD_PER_SECOND}", 120)
    flood = second.result("udp_received", 60)
    lost = int(flood["lost"]) / max(int(flood["of"]), 1)
    return {"mbit": mbit, "ping_ms": float(pings.split("/")[-2]), "flood_lost": lost,
            "host_seconds_emulated": emulated, "host_seconds_serving": serving, "serving_ratio": serving / max(emulated, 0.01)}


def run(options, rig):
    network = Network(rig, options.vmlan, options.module, kinds=BENCH_KINDS)
    network.start()
    loopback = tcp_mbit(network.guests[0], network.guests[0], "127.0.0.1", options.seconds)
    print(f"a guest's own loopback TCP: {loopback:.0f} Mbit/s\n")
    print(f"{'':36} {'Mbit/s':>7} {'ratio':>6} {'aim':>5} {'ping ms':>8} {'lost':>6} {'host CPU':>9}")
    results = {"loopback_mbit": loopback, "seconds": options.seconds, "time": time.strftime("%Y-%m-%dT%H:%M:%S"), "runs": {}}
    links = {}
    for name, kind, mtu, offloads, aim in RUNS:
        if not re.search(options.only, name):
            continue
        try:
            if kind not in links:
                links[kind] = bring_up(network, kind)[4]
            missing = prepare(network, links[kind], mtu, offloads)
            if missing:
                print(f"{name:36} not measured: {missing}")
                continue
            result = measure(network, links[kind], options.seconds)
        except Failed as reason:
            print(f"{name:36} failed: {str(reason).splitlines()[0]}")
            results["runs"][name] = {"failed": str(reason)}
            continue
        result["ratio"], result["aim"] = result["mbit"] / loopback, aim
        results["runs"][name] = result
        print(f"{name:36} {result['mbit']:7.0f} {result['ratio']:6.2f} {aim:5.2f} {result['ping_ms']:8.2f} "
              f"{result['flood_lost']:6.1%} {result['serving_ratio']:9.0%}", flush=True)
    print(f"\naims: ping {PING_AIM_MS} ms; nothing lost of {FLOOD_PER_SECOND} datagrams a second; "
          f"host CPU of base and module {CPU_AIM:.0%} of the emulated processors'")
    network.stop()
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vmlan", type=pathlib.Path, default=BUILD / "release/vmlan")
    parser.add_argument("--module", type=pathlib.Path, default=BUILD / "release/hercules/hdtvnic.so")
    parser.add_argument("--json", type=pathlib.Path, default=BUILD / "release/bench-hercules.json")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    try:
        with Rig(options.verbose) as rig:
            results = run(options, rig)
    except Skip as reason:
        print(f"SKIPPED bench-hercules: {reason}")
        return SKIPPED
    except Failed as reason:
        print(f"FAILED bench-hercules: {reason}")
        return 1
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results, indent=1) + "\n")
    return 1 if any("failed" in result for result in results["runs"].values()) else 0


if __name__ == "__main__":
    sys.exit(main())
