#!/usr/bin/env python3
"""A Linux in QEMU whose two network cards are a bond (802.3ad) with a VLAN on it, each at a STREAM uplink of a port
group of a virtual switch; a user of CMS is its peer in that VLAN. One of its links is then slow and loses frames, and at last
all of them (netem).

  tests/hercules/qemu_bond.py [--vmlan PATH] [--verbose]

Exit code 0: it works; 1: it does not; 77: QEMU or a package can't be had.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from base import Base
from rig import BUILD, SKIPPED, Failed, Skip, die_with_parent, need, prepared_linux

import s390_image  # in scripts/, where rig has made Python look

MODULES = ("net/core/failover", "drivers/net/net_failover", "drivers/net/virtio_net", "net/tls/tls",
           "drivers/net/bonding/bonding", "net/llc/llc", "net/802/stp", "net/802/mrp", "net/802/garp", "net/8021q/8021q",
           "net/sched/sch_netem")
# Of each link that carries the kernel shows two states of 63: its own, and its partner's.
INIT = """\
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
stty -F /dev/console -echo
while read -r module; do
  parameters=
  [ "$module" = bonding ] && parameters="mode=802.3ad miimon=100 lacp_rate=fast xmit_hash_policy=layer3+4"
  insmod "/lib/modules/$module.ko" $parameters
done </lib/modules/order
dmesg -n 1
ip link set bond0 up
for card in eth0 eth1; do echo +$card >/sys/class/net/bond0/bonding/slaves; done
ip link add link bond0 name bond0.42 type vlan id 42
ip addr add 10.42.0.2/24 dev bond0.42
ip link set bond0.42 up
echo "@@ up"
while :; do
  echo "@@ states $(grep -c 'port state: 63' /proc/net/bonding/bond0)"
  ping -c 1 -W 1 10.42.0.1 >/dev/null && echo "@@ ping ok" || echo "@@ ping lost"
  read -r -t 1 line && eval "$line"
done
"""
DIRECTORY = "USER ALICE NOPASS 32M 64M G\n IPL CMS\n NICDEF 0600 TYPE QDIO LAN SYSTEM VSW1\n"
SCRIPT = """\
OPERATOR> DEFINE UPLINK 0A00 STREAM {0} LISTEN
OPERATOR> DEFINE UPLINK 0B00 STREAM {1} LISTEN
OPERATOR> SET PORT GROUP BOND1 JOIN 0A00 0B00
OPERATOR> DEFINE VSWITCH VSW1 ETHERNET GROUP BOND1 VLAN AWARE
OPERATOR> SET VSWITCH VSW1 GRANT ALICE VLAN 42
ALICE> LOGON ALICE
ALICE> IFCONFIG 0600 10.42.0.1 255.255.255.0
"""
BOOT_SECONDS = 180
STEP_SECONDS = 30


class QemuGuest:
    """Owns the emulator's process; what the console shows is a file."""

    def __init__(self, folder, linux, sockets):
        self._shown = folder / "console"
        s390 = linux / "packages"
        modules = next((s390 / "kernel/lib/modules").iterdir()) / "kernel"
        files = {"init": (0o755, INIT.encode()), "bin/busybox": (0o755, (s390 / "busybox/bin/busybox").read_bytes())}
        for module in MODULES:
            files[f"lib/modules/{pathlib.Path(module).name}.ko"] = (0o644, (modules / f"{module}.ko").read_bytes())
        files.update(s390_image.tc_files(s390))
        files["lib/modules/order"] = (0o644, "".join(f"{pathlib.Path(module).name}\n" for module in MODULES).encode())
        initramfs = folder / "initramfs"
        initramfs.write_bytes(s390_image.cpio(files, (*s390_image.FOLDERS, "sbin"), {"dev/console": (5, 1), "dev/null": (1, 3)}))
        command = ["qemu-system-s390x", "-M", "s390-ccw-virtio", "-accel", "tcg", "-m", "256", "-nographic", "-nodefaults",
                   "-chardev", "stdio,id=console", "-device", "sclpconsole,chardev=console", "-kernel", linux / "vmlinuz.stock",
                   "-initrd", initramfs, "-append", "rdinit=/init console=ttyS0 conmode=sclp cryptomgr.notests nokaslr quiet"]
        for number, socket in enumerate(sockets):
            command += ["-netdev", f"stream,id=n{number},server=off,addr.type=unix,addr.path={socket}", "-device",
                        f"virtio-net-ccw,netdev=n{number},mac=52:54:00:00:00:0{number},speed=1000,duplex=full"]
        with open(self._shown, "wb") as shown:
            self._process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=shown,
                                             stderr=subprocess.STDOUT, preexec_fn=die_with_parent)

    def close(self):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()

    def type(self, line):
        """For its shell, which takes a line a second."""
        at = self.place()
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()
        return at

    def place(self):
        return self._shown.stat().st_size

    def text(self, at=0):
        return self._shown.read_bytes()[at:].decode(errors="replace")

    def wait_for(self, pattern, at=0, seconds=STEP_SECONDS):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.text(at), re.DOTALL):
            if self._process.poll() is not None or time.monotonic() > end:
                raise Failed(f"the guest has not shown '{pattern}' within {seconds} s:\n{self.text()[-3000:]}")
            time.sleep(0.1)


class Folder:
    """What base.Base needs of a rig."""

    def __init__(self, path, verbose):
        self.folder, self._verbose = pathlib.Path(path), verbose
        self._processes = []

    def start(self, command, **how):
        process = subprocess.Popen([str(word) for word in command], preexec_fn=die_with_parent, **how)
        self._processes.append(process)
        return process

    def say(self, text):
        if self._verbose:
            print(f"    {text}", flush=True)

    def close(self):
        for process in self._processes:
            process.kill()
            process.wait()


def both_links_carry(base):
    end = time.monotonic() + STEP_SECONDS
    while (lines := "\n".join(base.cp("QUERY PORT GROUP BOND1")[1])).count("Active, partner") != 2:
        if time.monotonic() > end:
            raise Failed(f"not both links carry:\n{lines}")
        time.sleep(0.2)


def check_bad_link(guest, base):
    """One link delays and loses: the bond stays, and so does who is reached. It loses all: the other one carries alone, until
    it is mended."""
    at = guest.type("/sbin/tc qdisc replace dev eth1 root netem delay 40ms 10ms loss 20%; /sbin/tc qdisc show dev eth1")
    guest.wait_for("qdisc netem .* loss 20%", at)
    at = guest.place()
    guest.wait_for("(@@ ping ok.*){5}", at)
    both_links_carry(base)
    at = guest.type("/sbin/tc qdisc replace dev eth1 root netem loss 100%")
    guest.wait_for("@@ states [0-3].*(@@ ping ok.*){3}", at)
    at = guest.type("/sbin/tc qdisc del dev eth1 root")
    guest.wait_for("@@ states 4.*@@ ping ok", at)
    both_links_carry(base)


def run(options, linux, folder):
    sockets = [folder.folder / f"link{number}" for number in range(2)]
    base = Base(folder, options.vmlan, SCRIPT.format(*sockets), DIRECTORY)
    base.start()
    base.wait_for("Assigned IPv4 address 10.42.0.1")
    guest = QemuGuest(folder.folder, linux, sockets)
    try:
        guest.wait_for("@@ up", seconds=BOOT_SECONDS)
        guest.wait_for("@@ states 4.*@@ ping ok")
        both_links_carry(base)
        for device in ("0A00", "0B00"):
            at = guest.place()
            base.cp(f"SET PORT GROUP BOND1 LEAVE {device}")
            guest.wait_for("@@ states 2.*@@ ping ok.*@@ ping ok", at)
            base.cp(f"SET PORT GROUP BOND1 JOIN {device}")
            at = guest.place()
            guest.wait_for("@@ states 4.*@@ ping ok", at)
            both_links_carry(base)
        check_bad_link(guest, base)
        # In another VLAN it is nobody.
        at = guest.place()
        base.cp("SET VSWITCH VSW1 GRANT ALICE VLAN 43")
        guest.wait_for("@@ ping lost.*@@ ping lost", at)
        base.cp("SET VSWITCH VSW1 GRANT ALICE VLAN 42")
        at = guest.place()
        guest.wait_for("@@ ping ok", at)
    finally:
        if options.verbose:
            print(guest.text()[-2000:], "\n".join(base.cp("QUERY PORT GROUP DETAILS")[1]))
        guest.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vmlan", type=pathlib.Path, default=BUILD / "release/vmlan")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="vmlan-qemu-") as path:
        folder = Folder(path, options.verbose)
        try:
            need("qemu-system-s390x", "qemu-system-misc")
            run(options, prepared_linux(), folder)
        except Skip as reason:
            print(f"SKIPPED qemu_bond: {reason}")
            return SKIPPED
        except Failed as reason:
            print(f"FAILED  qemu_bond: {reason}")
            return 1
        finally:
            folder.close()
    print(f"ok      qemu_bond: a kernel's bond over two STREAM uplinks, VLAN 42  {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
