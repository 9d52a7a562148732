"""What happens to guests, emulators and base themselves. These cases come last: each leaves both guests up and their
cards of the first kind online, for the next one."""
import contextlib
import os
import subprocess
import time

from cases import bring_up, check, check_pings
from guest import Guest
from network import KINDS

KIND = KINDS[0]
LAST_KIND = KINDS[-1]
RECONNECT_SECONDS = 40
IDLE_END_SECONDS = 20       # a base that a guest has started ends some seconds after the last one has gone


def users(network):
    return " ".join(network.base.cp("QUERY NAMES")[1])


def wait_until(condition, text, seconds=RECONNECT_SECONDS):
    end = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < end, f"not within {seconds} s: {text}")
        time.sleep(0.2)


def reachable(network):
    """Whether the guests reach each other again, in both directions."""
    # The second guest begins: where it has a new MAC address, its questions correct the first one's ARP table.
    return not any([network.guests[number - 1].run(f"ping -q -c 1 -W 1 {KIND.address(family, 3 - number)}", rc=None).rc
                    for number in (2, 1) for family in (4, 6)])


def ensure_up(network):
    """The cards of the first kind are online in both guests, whatever ran before."""
    present = network.both(f"await_state {KIND.device} 'UP (LAN ONLINE)' 1", rc=None)
    if any(answer.rc for answer in present):
        bring_up(network, KIND)


def carrier(guest, interface, state):
    return guest.run(f"cat /sys/class/net/{interface}/carrier", rc=None).lines[:1] == [state]


def come_back(network, guest, host):
    """A guest in a new emulator takes its place on the LAN again."""
    guest.start()
    guest.ready()
    device = KIND.device
    guest.run(f"group {device} {device[:-1]}1 {device[:-1]}2")
    interface = guest.run(f"online {device} {KIND.layer}").values("online")["if"]
    guest.run(f"up {interface} {KIND.address(4, host)}/24 {KIND.address(6, host)}/64")
    wait_until(lambda: reachable(network), "pings after the guest has come back")


def queries(network):
    """The guests are users like all others: QUERY NAMES, QUERY LAN, QUERY VMLAN know them."""
    ensure_up(network)
    for guest in network.guests:
        check(guest.name in users(network), users(network))
    details = "\n".join(network.base.cp(f"QUERY LAN {KIND.lan} OWNERID SYSTEM DETAILS")[1])
    check("LINUX1" in details and "LINUX2" in details, details)


def second_emulator(network):
    """A second emulator with the same user is refused, with a message that names the user."""
    ensure_up(network)
    twin = Guest(network.rig, "TWIN", [f"0A00.3 VNIC user LINUX1 system {network.base.socket} lan SYSTEM.{KIND.lan}"],
                 load=f"LDMOD {network.module}")
    twin.start()
    wait_until(lambda: "already logged on" in twin.log(), "a refusal in " + twin.log()[-1500:], 30)
    twin.stop()
    check_pings(network.guests[0], KIND.address(4, 2), [56])


def guest_ipl(network):
    """The guest is started again in the same emulator, from the middle of its work."""
    ensure_up(network)
    first = network.guests[0]
    first.ipl_again()
    first.ready()
    device = KIND.device
    first.run(f"group {device} {device[:-1]}1 {device[:-1]}2")
    interface = first.run(f"online {device} {KIND.layer}").values("online")["if"]
    first.run(f"up {interface} {KIND.address(4, 1)}/24 {KIND.address(6, 1)}/64")
    wait_until(lambda: reachable(network), "pings after IPL")


def base_restart(network):
    """The base dies and comes back; the guests' cards come back by themselves, addresses and all."""
    ensure_up(network)
    network.base.kill()
    time.sleep(1)
    network.base.start()
    wait_until(lambda: reachable(network), "pings after the base came back")
    check(not network.guests[0].alarms(), "kernel messages")


def killed_emulator(network):
    """kill -9 of an emulator logs its user off; the next one takes its place."""
    ensure_up(network)
    second = network.guests[1]
    second.kill()
    wait_until(lambda: "LINUX2" not in users(network), "LINUX2 is still logged on", 20)
    come_back(network, second, 2)


def couple(network):
    """UNCOUPLE, COUPLE to another LAN and back while the guest runs: it sees its cable unplugged and plugged in."""
    ensure_up(network)
    first, base = network.guests[0], network.base
    interface = first.run(f"name {KIND.device}").lines[0]
    base.cp("DEFINE LAN SPARE OWNERID SYSTEM TYPE QDIO ETHERNET", rc=None)
    base.cp(f"SEND CP LINUX1 UNCOUPLE {KIND.device}")
    wait_until(lambda: carrier(first, interface, "0"), "the carrier is there though the NIC is not coupled")
    check(not reachable(network), "pings without a LAN")
    base.cp(f"SEND CP LINUX1 COUPLE {KIND.device} TO SYSTEM SPARE")
    wait_until(lambda: carrier(first, interface, "1"), "no carrier on the other LAN")
    check(not reachable(network), "pings to another LAN")
    base.cp(f"SEND CP LINUX1 UNCOUPLE {KIND.device}")
    wait_until(lambda: carrier(first, interface, "0"), "the carrier is there though the NIC is not coupled")
    base.cp(f"SEND CP LINUX1 COUPLE {KIND.device} TO SYSTEM {KIND.lan}")
    wait_until(lambda: reachable(network), "pings after COUPLE")
    check(not first.alarms(), "kernel messages")


def detach(network):
    """DETACH NIC: the card's cable is out for good, the guest's other cards work on."""
    ensure_up(network)
    first, device = network.guests[0], LAST_KIND.device
    first.run(f"group {device} {device[:-1]}1 {device[:-1]}2")
    first.run(f"offline {device}", rc=None)
    interface = first.run(f"online {device} {LAST_KIND.layer}").values("online")["if"]
    first.run(f"ip link set {interface} up")
    wait_until(lambda: carrier(first, interface, "1"), "no carrier before DETACH NIC")
    network.base.cp(f"SEND CP LINUX1 DETACH NIC {device}")
    wait_until(lambda: carrier(first, interface, "0"), "the carrier is there though the NIC is not")
    check("ended for good" in first.log(), "no message of the module")
    check_pings(first, KIND.address(4, 2), [56])


def force(network):
    """FORCE ends all cards of a guest for good; its emulator's next start brings it back."""
    ensure_up(network)
    second = network.guests[1]
    interface = second.run(f"name {KIND.device}").lines[0]
    network.base.cp("FORCE LINUX2")
    wait_until(lambda: "LINUX2" not in users(network), "LINUX2 is still logged on")
    wait_until(lambda: carrier(second, interface, "0"), "the carrier is there though the user is not")
    time.sleep(2)
    check("LINUX2" not in users(network), "LINUX2 has come back by itself")
    check(second.stop(), "the emulator does not end")
    come_back(network, second, 2)


@contextlib.contextmanager
def environment(**values):
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def auto_start(network):
    """Two lines in two configuration files are the whole set-up: the guests start a system and it ends after them."""
    folder = network.rig.folder / "run"
    folder.mkdir(mode=0o700)
    socket = folder / "vmlan/system.sock"
    guests = [Guest(network.rig, user, [f"0A00.3 VNIC user {user}"], load=f"LDMOD {network.module}")
              for user in ("AUTO1", "AUTO2")]
    with environment(XDG_RUNTIME_DIR=str(folder), VMLAN=str(network.vmlan)):
        for guest in guests:    # at once: each finds no system
            guest.start()
    for number, guest in enumerate(guests, 1):
        guest.ready()
        guest.run("group 0a00 0a01 0a02")
        interface = guest.run("online 0a00 2").values("online")["if"]
        guest.run(f"up {interface} 10.99.0.{number}/24")
    check_pings(guests[0], "10.99.0.2", [56, 1472, 9000])
    names = subprocess.run([network.vmlan, "cp", "--socket", socket, "QUERY", "NAMES"], capture_output=True, text=True, check=False)
    check("AUTO1" in names.stdout and "AUTO2" in names.stdout, names.stdout + names.stderr)
    check(guests[0].stop(), "the first emulator does not end")
    time.sleep(5)
    check(socket.exists(), "the system has ended though a guest is there")
    check(guests[1].stop(), "the second emulator does not end")
    wait_until(lambda: not socket.exists(), "the system has not ended after its last guest", IDLE_END_SECONDS)


CASES = (queries, second_emulator, couple, detach, guest_ipl, base_restart, force, killed_emulator, auto_start)
