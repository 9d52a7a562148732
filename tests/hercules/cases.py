"""What is tested on each kind of card, with each version of IP. A case returns nothing, or raises Failed."""
import re
import time
import zlib
from dataclasses import dataclass
from typing import Callable

from guest import Guest
from network import CMS_HOSTS, Kind, Network
from rig import Failed

TCP_PORT, UDP_PORT = 5001, 5002
TCP_BYTES = 2_000_003
# A guest whose emulator gets no processor of the host for a tenth of a second loses what its input buffers can't hold.
# So what has to arrive completely has to do so in one of a few attempts.
ATTEMPTS = 3
HEADERS = {4: 28, 6: 48}            # of an echo request
LARGEST_PING = {4: 65507, 6: 60000}
VLAN_ID = 100


@dataclass
class Link:
    """Two guests' cards of one kind, seen with one version of IP."""
    network: Network
    kind: Kind
    family: int
    interfaces: list
    mtu: int
    long: bool = False

    @property
    def guests(self):
        return self.network.guests

    def address(self, host):
        return self.kind.address(self.family, host)


def check(condition, text):
    if not condition:
        raise Failed(str(text))


def check_pings(guest, address, sizes, count=5):
    missing = list(sizes)
    for _ in range(ATTEMPTS):
        answer = guest.run(f"pings {address} {count} {' '.join(map(str, missing))}", 90)
        complete = [line.split()[2] for line in answer.lines if f" sent={count} received={count} " in line]
        missing = [size for size in missing if f"size={size}" not in complete]
        if not missing:
            return
    raise Failed(str(answer))


def transfer(sender, receiver, address, size, limit=30):
    """Sends over TCP; both ends' checksums have to be the same."""
    receiver.serve(f"LIMIT={limit} netrig tcp-receive {TCP_PORT} crc")
    sent = sender.run(f"LIMIT={limit} netrig tcp-send {address} {TCP_PORT} {size} crc", limit + 10).values("tcp_sent")
    received = receiver.result("tcp_received", limit + 10)
    check(sent["bytes"] == received["bytes"] == str(size), f"sent {sent}, received {received}")
    check(sent["crc"] == received["crc"], f"sent {sent}, received {received}")


def datagrams(sender, receiver, address, count, sizes, group="", per_second=1000):
    """Sends over UDP at a rate that nobody should lose anything at."""
    for _ in range(ATTEMPTS):
        receiver.serve(f"netrig udp-receive {UDP_PORT} 1000 {group}")
        sent = sender.run(f"netrig udp-send {address} {UDP_PORT} {count} {sizes} {per_second}", 60).values("udp_sent")
        received = receiver.result("udp_received", 60)
        check(received["bad"] == received["twice"] == "0", f"sent {sent}, received {received}")
        if sent["refused"] == received["lost"] == "0" and received["count"] == str(count):
            return
    raise Failed(f"sent {sent}, received {received}")


def wrong_checksums(guest):
    return int(guest.run("csum_errors").values("checksums")["wrong"])


def ping(link):
    """Up to the MTU, one byte beyond, and the largest there is; both directions."""
    edge = link.mtu - HEADERS[link.family]
    sizes = [56, edge, edge + 1, min(3 * link.mtu, LARGEST_PING[link.family] - 1), LARGEST_PING[link.family]]
    check_pings(link.guests[0], link.address(2), sizes)
    check_pings(link.guests[1], link.address(1), sizes)


def tcp(link):
    first, second = link.guests
    transfer(first, second, link.address(2), TCP_BYTES)
    transfer(second, first, link.address(1), TCP_BYTES)


def udp(link):
    first, second = link.guests
    whole = link.mtu - HEADERS[link.family]
    datagrams(first, second, link.address(2), 300, f"8-{min(whole, 1400)}")
    datagrams(second, first, link.address(1), 60, f"{whole - 5}-{whole + 5}", per_second=200)
    datagrams(first, second, link.address(2), 20, "20000-20010", per_second=50)


def multicast(link):
    """Members of a group get everything, others nothing."""
    first, second = link.guests
    joined, other = ("239.1.2.3", "239.4.5.6") if link.family == 4 else ("ff02::1:2:3", "ff02::4:5:6")
    out, into = link.interfaces
    scope = ""
    if link.family == 4:
        first.run(f"ip route replace 239.0.0.0/8 dev {out} src {link.address(1)}")
    else:
        scope = "%" + out
    datagrams(first, second, joined + scope, 40, "100-1400", f"{joined} {into}", per_second=200)
    second.serve(f"netrig sniff {into} 1500")
    first.run(f"netrig udp-send {other}{scope} {UDP_PORT} 100 100 200")
    seen = second.result("sniffed")
    check(int(seen["multicast"]) < 50, f"packets for a group nobody joined: {seen}")


def broadcast(link):
    first, second = link.guests
    everybody = link.address(255)
    first.run(f"ip addr del {link.address(1)}/24 dev {link.interfaces[0]}")
    first.run(f"ip addr add {link.address(1)}/24 broadcast {everybody} dev {link.interfaces[0]}")
    datagrams(first, second, everybody, 40, "8-1200", per_second=200)


def vlan(link):
    """Tagged frames between two VLAN interfaces."""
    number = link.kind.number
    addresses = f"10.{number}.100.{{0}}/24" if link.family == 4 else f"fd00:{number:x}:100::{{0}}/64"
    for index, (guest, interface) in enumerate(zip(link.guests, link.interfaces), 1):
        guest.run(f"vlan {interface} {VLAN_ID} {addresses.format(index)}")
    first, second = link.guests
    there = addresses.format(2).split("/", maxsplit=1)[0]
    check_pings(first, there, [56, link.mtu - HEADERS[link.family], 3000])
    transfer(first, second, there, TCP_BYTES // 4)
    for guest, interface in zip(link.guests, link.interfaces):
        guest.run(f"ip link del {interface}.{VLAN_ID}")
    check_pings(first, link.address(2), [56])


def largest_mtu(link):
    first, second = link.guests
    largest = link.kind.largest_mtu
    link.network.both(f"ip link set {link.interfaces[0]} mtu {largest}")
    check(first.run(f"ip link set {link.interfaces[0]} mtu {largest + 1}", rc=None).rc != 0, "a larger MTU was accepted")
    check_pings(first, link.address(2), [largest - HEADERS[link.family], LARGEST_PING[link.family]])
    transfer(first, second, link.address(2), TCP_BYTES)
    link.network.both(f"ip link set {link.interfaces[0]} mtu {link.mtu}")


def cycle(link):
    """Offline and online again, many times; addresses are registered again by themselves."""
    link.network.both(f"cycle {link.kind.device} {100 if link.long else 5}", 600)
    check_pings(link.guests[0], link.address(2), [56, 3000], 3)


def recovery(link):
    link.guests[0].run(f"recover {link.kind.device}", 60)
    check_pings(link.guests[0], link.address(2), [56, 3000], 3)


def regroup(link):
    """The group of devices is dissolved and made again; the card has the same MAC address."""
    device, layer = link.kind.device, link.kind.layer
    first = link.guests[0]
    was = first.run(f"cat /sys/class/net/{link.interfaces[0]}/address").lines[0]
    first.run(f"offline {device}")
    first.run(f"ungroup {device}")
    first.run("sleep 0.2")
    first.run(f"group {device} {device[:-1]}1 {device[:-1]}2")
    now = first.run(f"online {device} {layer}").values("online")
    check(now["mac"] == was, f"{was} became {now}")
    link.interfaces[0] = now["if"]
    first.run(f"up {now['if']} {link.kind.address(4, 1)}/24 {link.kind.address(6, 1)}/64")
    check_pings(first, link.address(2), [56, 3000], 3)


def promiscuous(link):
    """What is for nobody reaches who listens to everything, and nobody else."""
    first, second = link.guests
    nobody = link.address(77)
    second.run(f"arp -i {link.interfaces[1]} -s {nobody} 02:00:00:aa:bb:cc")
    foreign = []
    for state in ("off", "on"):
        first.run(f"ip link set {link.interfaces[0]} promisc {state}")
        first.serve(f"netrig sniff {link.interfaces[0]} 1500")
        second.run(f"netrig udp-send {nobody} {UDP_PORT} 100 100 200")
        foreign.append(int(first.result("sniffed")["foreign"]))
    first.run(f"ip link set {link.interfaces[0]} promisc off")
    check(foreign[0] == 0 and foreign[1] == 100, f"foreign packets: {foreign[0]} seen without, {foreign[1]} with")


def offloads(link):
    """Every mix of what the sender leaves to its card and whether the receiver relies on its own."""
    first, second = link.guests
    out, into = link.interfaces
    before = wrong_checksums(first) + wrong_checksums(second)
    for sender in ("tx off tso off", "tx on tso off", "tx on tso on"):
        for receiver in ("rx off", "rx on"):
            first.run(f"netrig offload {out} {sender}")
            state = second.run(f"netrig offload {into} {receiver}").values("offload")
            check(state["rx"] == receiver.split()[1], state)
            try:
                transfer(first, second, link.address(2), TCP_BYTES // 2, 15)
                datagrams(first, second, link.address(2), 50, "8-1400", per_second=500)
                datagrams(first, second, link.address(2), 10, "3000-3010", per_second=100)
            except Failed as reason:
                raise Failed(f"sender {sender}, receiver {receiver}: {reason}") from None
    first.run(f"netrig offload {out} tso off tx off")
    second.run(f"netrig offload {into} rx off")
    after = wrong_checksums(first) + wrong_checksums(second)
    check(after == before, f"{after - before} wrong checksums")


def cms(link):
    """Users of CMS on the same LAN: pings both ways, a file over TCP."""
    first, second = link.guests
    base = link.network.base
    for guest in (first, second):
        check_pings(guest, link.address(CMS_HOSTS["ALICE"]), [56, 1400, 3000], 3)
    if link.family == 6:
        return
    base.wait_for("ALICE: PING: Ping #")
    heard = len(re.findall("ALICE: PING: Ping #.*response took", base.output()))
    time.sleep(2.5)
    now = len(re.findall("ALICE: PING: Ping #.*response took", base.output()))
    check(now > heard, "ALICE hears no answer to its pings:\n" + "\n".join(base.output().splitlines()[-8:]))
    folder = link.network.rig.folder
    (folder / "alice/FROM.ALICE").write_bytes(bytes(value * 7 % 251 for value in range(200000)))
    first.serve("LIMIT=30 netrig tcp-receive 2002 crc")
    base.cp("SEND CP ALICE EXTERNAL")  # ends her PING
    base.cp(f"SEND ALICE TCPSEND FROM ALICE TO {link.address(1)} PORT 2002")
    got = first.result("tcp_received", 40)
    check(got["crc"] == f"{zlib.crc32((folder / 'alice/FROM.ALICE').read_bytes()):08x}", f"200000 bytes sent, {got}")
    gift = folder / "bob/GIFT.DATA"
    sent = first.run(f"netrig tcp-send {link.address(CMS_HOSTS['BOB'])} 2001 300000 crc", 60).values("tcp_sent")
    base.wait_for("TCPRECV: 300000 bytes received")
    check(f"{zlib.crc32(gift.read_bytes()):08x}" == sent["crc"], f"{gift.stat().st_size} bytes stored, {sent}")


def second_interface(link):
    """Three more devices of the same card are an interface of their own, beside the first."""
    device, layer, number = link.kind.device[:-1], link.kind.layer, link.kind.number
    link.network.both(f"group {device}3 {device}4 {device}5")
    answers = [answer.values("online") for answer in link.network.both(f"online {device}3 {layer}", 60)]
    for index, (guest, answer) in enumerate(zip(link.guests, answers), 1):
        guest.run(f"up {answer['if']} 10.{number}.1.{index}/24")
    macs = {answer["mac"] for answer in answers}
    macs.update(guest.run(f"cat /sys/class/net/{interface}/address").lines[0] for guest, interface in zip(link.guests, link.interfaces))
    check(layer == 3 or len(macs) == 4, f"stations of the same address: {macs}")
    check_pings(link.guests[0], f"10.{number}.1.2", [56, 3000])
    transfer(link.guests[1], link.guests[0], f"10.{number}.1.1", TCP_BYTES // 4)
    check_pings(link.guests[0], link.address(2), [56, 3000])
    link.network.both(f"offline {device}3")
    link.network.both(f"ungroup {device}3")
    check_pings(link.guests[1], link.address(1), [56, 3000])


@dataclass(frozen=True)
class Case:
    name: str
    run: Callable[[Link], None]
    families: tuple = (4, 6)
    suits: Callable[[Kind], bool] = lambda kind: True


CASES = (
    Case("ping", ping),
    Case("tcp", tcp),
    Case("udp", udp),
    Case("multicast", multicast),
    Case("broadcast", broadcast, (4,)),
    Case("vlan", vlan),
    Case("largest-mtu", largest_mtu, suits=lambda kind: kind.card == "qdio"),
    Case("offloads", offloads, suits=lambda kind: kind.offloads),
    Case("promiscuous", promiscuous, (4,), lambda kind: kind.layer == 2),
    Case("cms", cms, suits=lambda kind: kind.cms == "OSD"),
    Case("second-interface", second_interface, (4,), lambda kind: kind.devices > 3),
    Case("online-offline", cycle),
    Case("recovery", recovery, (4,)),
    Case("regroup", regroup, (4,)),
)


def bring_up(network, kind, long=False):
    """Both guests' cards of this kind, grouped, online, with addresses: the link that the cases are given."""
    device = kind.device
    network.both(f"group {device} {device[:-1]}1 {device[:-1]}2")
    answers = [answer.values("online") for answer in network.both(f"online {device} {kind.layer}", 60)]
    network.both(f"up {answers[0]['if']} {kind.address(4, '{0}')}/24 {kind.address(6, '{0}')}/64")
    network.both(f"await_state {device} 'UP (LAN ONLINE)' 100")
    check(answers[0]["mac"] != answers[1]["mac"], f"both cards have {answers[0]['mac']}")
    return {family: Link(network, kind, family, [answer["if"] for answer in answers], int(answers[0]["mtu"]), long)
            for family in (4, 6)}


def stock(network_of, kind):
    """Debian's kernel and modules exactly as they are in the package."""
    network = network_of(kernel="vmlinuz.stock")
    guests: list[Guest] = network.guests
    network.start()
    for family, link in bring_up(network, kind).items():
        check_pings(guests[0], link.address(2), [56, link.mtu - HEADERS[family], 3000])
        transfer(guests[0], guests[1], link.address(2), TCP_BYTES)
    network.stop()
