"""What happens to guests, emulators and base themselves. These cases come last: each leaves both guests up and their
cards of the first kind online, for the next one."""
import time

from cases import bring_up, check, check_pings
from guest import Guest
from network import KINDS

KIND = KINDS[0]
RECONNECT_SECONDS = 40


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
    second.start()
    second.ready()
    device = KIND.device
    second.run(f"group {device} {device[:-1]}1 {device[:-1]}2")
    interface = second.run(f"online {device} {KIND.layer}").values("online")["if"]
    second.run(f"up {interface} {KIND.address(4, 2)}/24 {KIND.address(6, 2)}/64")
    wait_until(lambda: reachable(network), "pings to the new emulator")


CASES = (queries, second_emulator, guest_ipl, base_restart, killed_emulator)
