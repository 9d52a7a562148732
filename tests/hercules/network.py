"""What the tests are run on: four LANs in one base, two guests with a card on each, and users of CMS."""
from dataclasses import dataclass

from base import Base
from guest import Guest
from rig import Failed

USERS = ("LINUX1", "LINUX2")


@dataclass(frozen=True)
class Kind:
    """A kind of network card, and the LAN that the tests have for it."""
    name: str
    number: int         # first device 0N00, channel path 0N, addresses 10.N.0.x and fd00:N::x
    card: str           # of the VNIC statement
    layer: int
    lan: str
    lan_type: str       # of DEFINE LAN
    largest_mtu: int
    offloads: bool = False
    devices: int = 3    # of the card: 3 for each interface
    cms: str = ""       # the device type in PROFILE TCPIP, if users of CMS can be on this LAN

    @property
    def device(self):
        return f"0{self.number:x}00"

    def address(self, family, host):
        return f"10.{self.number}.0.{host}" if family == 4 else f"fd00:{self.number:x}::{host}"


KINDS = (
    Kind("osd-layer2", 0xA, "qdio", 2, "ETHLAN", "QDIO ETHERNET", 8992, offloads=True, devices=6),
    Kind("osd-layer3", 0xB, "qdio", 3, "IPLAN", "QDIO IP", 8992, offloads=True, cms="OSD"),
    Kind("hipersockets-layer3", 0xC, "hipers", 3, "HIPLAN", "HIPERSOCKETS MFS 16K", 8192, devices=6, cms="HIPERS"),
    Kind("hipersockets-layer2", 0xD, "hipers", 2, "HIPETH", "HIPERSOCKETS ETHERNET MFS 64K", 57344, offloads=True),
)

# ALICE answers pings and sends them to the first guest; BOB takes a file.
CMS_HOSTS = {"ALICE": 11, "BOB": 12}
PROFILE = """\
DEVICE DEV@0600 {card} 0600 NONROUTER
LINK ETH0 {link} DEV@0600 IP
HOME
{ipv4} 255.255.255.0 ETH0
{ipv6}/64 ETH0
START DEV@0600
"""


def directory_entry(user, kind):
    return (f"USER {user} NOPASS 32M 64M G\n CONSOLE 009 3215 T\n"
            f" MDISK 191 HOST {user.lower()} MR\n"
            f" NICDEF 0600 TYPE {'HIPERS' if kind.cms == 'HIPERS' else 'QDIO'} LAN SYSTEM {kind.lan}\n IPL CMS\n")


class Network:
    """Owns base and guests, which live in the rig's folder and end with it."""

    def __init__(self, rig, vmlan, module, kinds=KINDS, cms_kind=KINDS[1], traced=False, **guests):
        self.rig, self.vmlan, self.module, self.kinds, self._traced = rig, vmlan, module, kinds, traced
        script = [f"OPERATOR> DEFINE LAN {kind.lan} OWNERID SYSTEM TYPE {kind.lan_type}" for kind in kinds]
        for kind in kinds:
            script += [f"OPERATOR> SET LAN {kind.lan} OWNERID SYSTEM GRANT LINUX1 PROMISCUOUS"]
        directory = "".join(f"USER {user} NOPASS 32M 64M G\n" for user in USERS)
        for user, host in CMS_HOSTS.items() if cms_kind in kinds else ():
            directory += directory_entry(user, cms_kind)
            disk = rig.folder / user.lower()
            disk.mkdir()
            (disk / "profile.tcpip").write_text(PROFILE.format(
                card=cms_kind.cms, link="QDIOIP" if cms_kind.cms == "HIPERS" else "QDIOETHERNET",
                ipv4=cms_kind.address(4, host), ipv6=cms_kind.address(6, host)))
            script += [f"{user}> LOGON {user}"]
        if cms_kind in kinds:
            script += ["BOB> TCPRECV GIFT DATA (TIMEOUT 999999", f"ALICE> PING {cms_kind.address(4, 1)} (COUNT 0"]
        self.base = Base(rig, vmlan, "\n".join(script) + "\n", directory)
        self.guests = [self._guest(user, **guests) for user in USERS]

    def _guest(self, user, **how):
        devices = [f"{kind.device.upper()}.{kind.devices} VNIC user {user} system {self.base.socket} lan SYSTEM.{kind.lan} type {kind.card} devices {kind.devices}"
                   + (f" trace {self.trace_of(user, kind)}" if self._traced else "") for kind in self.kinds]
        return Guest(self.rig, user, devices, load=f"LDMOD {self.module}", **how)

    def trace_of(self, user, kind):
        """Where the control dialogue of a card is written."""
        return self.rig.folder / f"{user}-{kind.device}.trace"

    def start(self):
        self.base.start()
        for guest in self.guests:
            guest.start()
        for guest in self.guests:
            guest.ready()

    def stop(self):
        stuck = [guest.name for guest in self.guests if not guest.stop()]
        code = self.base.stop()
        if stuck or code not in (0, 1, -15, 143):
            raise Failed(f"emulators that had to be killed: {stuck or 'none'}; exit code of the base: {code}")

    def both(self, command, seconds=30, rc=0):
        """The answers of the guests to the same command, given at the same time; {0} is the guest's number."""
        begun = [(guest, guest.begin(command.format(number))) for number, guest in enumerate(self.guests, 1)]
        answers = [guest.finish(what, seconds) for guest, what in begun]
        for (guest, _), answer in zip(begun, answers):
            if rc is not None and answer.rc != rc:
                raise Failed(f"{guest.name}: {answer}")
        return answers
