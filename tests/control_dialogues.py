#!/usr/bin/env python3
"""What guests and their adapters say to each other, captured, and read by tshark with our dissector (host/trace/vmlan.lua).

control_dialogues.py --vmlan PROGRAM [unittest options]
"""
import os
import pathlib
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

from children import as_from_a_shell

VMLAN = "vmlan"
LIMIT = 120  # seconds
ROOT = pathlib.Path(__file__).resolve().parent.parent
DISSECTOR = ROOT / "host" / "trace" / "vmlan.lua"
DIALOGUES = ROOT / "tests" / "golden" / "dialogue"
LINK_USER0 = 147
SYSTEM = """\
.DIRECTORY
USER ALICE NOPASS 32M 64M G
 MDISK 191 3390 T-DISK 10 MR
 NICDEF 0600 TYPE QDIO LAN SYSTEM {lan}
 IPL CMS
.END
.FILE ALICE 191 PROFILE TCPIP
DEVICE DEV@0600  OSD 0600   NONROUTER
LINK ETH0 QDIOETHERNET DEV@0600
HOME
10.1.1.1 255.255.255.0 ETH0
FD00::1/64 ETH0
START DEV@0600
.END
OPERATOR> DEFINE LAN LAN3 OWNERID SYSTEM TYPE QDIO IP
OPERATOR> DEFINE LAN LAN2 OWNERID SYSTEM TYPE QDIO ETHERNET
"""
TRACED = SYSTEM + """\
OPERATOR> TRSOURCE ID DIALOG TYPE LAN OWNER SYSTEM LANNAME {lan} CONTROL
OPERATOR> TRSOURCE ENABLE ID DIALOG
ALICE> LOGON ALICE
OPERATOR> TRSOURCE DISABLE ID DIALOG
"""


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"{program} is missing (scripts/setup traces)")


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True, timeout=LIMIT,
                          **options).stdout


def tshark(path, *options):
    return run("tshark", "-X", f"lua_script:{DISSECTOR}", "-r", path, *options)


def fields(path, *names):
    words = [word for name in names for word in ("-e", name)]
    return [line.split("|") for line in tshark(path, "-T", "fields", "-E", "separator=|", *words).splitlines()]


def block(kind, body):
    body += bytes(-len(body) % 4)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def write_pcapng(path, messages):
    """(to the guest, bytes) each."""
    with open(path, "wb") as file:
        file.write(block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)))
        file.write(block(1, struct.pack("<HHI", LINK_USER0, 0, 0)))
        for to_guest, message in messages:
            flags = struct.pack("<HHI", 2, 4, 1 if to_guest else 2) + bytes(4)
            file.write(block(6, struct.pack("<IIIII", 0, 0, 0, len(message), len(message)) + message +
                             bytes(-len(message) % 4) + flags))


def recorded(name):
    lines = (DIALOGUES / f"{name}.txt").read_text().splitlines()
    return [(line[0] == "<", bytes.fromhex(line.split()[2])) for line in lines if line[0] in "<>"]


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.path = self.folder / "DIALOG.pcapng"

    def traced(self, lan):
        (self.folder / "s.vm").write_text(TRACED.format(lan=lan))
        run(VMLAN, "run", "s.vm", cwd=self.folder)
        return self.path

    def check_no_error(self, said):
        for line in said.splitlines():
            self.assertNotRegex(line, r"Lua Error|\.lua:\d+:")


@needs("tshark")
class Dissected(Case):
    def test_a_cms_users_dialogue_is_there_in_order_with_names_and_ways(self):
        seen = [row for row in fields(self.traced("LAN3"), "frame.interface_name", "frame.packet_flags_direction", "_ws.col.Info")
                if row[0].endswith("control")]
        self.assertEqual({row[0] for row in seen}, {"ALICE.0600 control"})
        said = [("<" if int(way, 0) == 1 else ">") + info for _, way, info in seen]
        place = -1
        for line in (">IDX ACTIVATE READ, VMLAN, data device 0602",
                     "<IDX ACTIVATE READ, accepted, VMLAN, data device 0602",
                     ">IDX ACTIVATE WRITE, VMLAN, data device 0602", ">CM_ENABLE", "<CM_ENABLE", ">CM_SETUP",
                     "<CM_SETUP confirmed", ">ULP_ENABLE", "<ULP_ENABLE", ">ULP_SETUP", "<ULP_SETUP confirmed", ">DM_ACT",
                     "<DM_ACT", ">STARTLAN", "<STARTLAN: success", ">QIPASSIST", "<QIPASSIST: success",
                     "<SETADAPTERPARMS ALTER MAC: success", ">SETASSPARMS ARP START", ">SETRTG none", ">SETIPM 224.0.0.1",
                     ">SETIP 10.1.1.1", "<SETIP 10.1.1.1: success", "<SETIP fd00::1: success"):
            self.assertIn(line, said[place + 1:], said)
            place = said.index(line, place + 1)

    def test_operands_are_fields_and_nothing_is_cut(self):
        path = self.traced("LAN3")
        address = ["0x00b1", "10.1.1.1", "255.255.255.0", "4"]
        seen = fields(path, "vmlan.ipa.command", "vmlan.ipa.ip", "vmlan.ipa.mask", "vmlan.ipa.protocol")
        self.assertIn(address[1:], [row[1:] for row in seen])
        self.assertEqual(tshark(path, "-Y", "vmlan.cut"), "")
        self.assertEqual(len(tshark(path, "-Y", "vmlan.ipa.ip6 == fd00::1").splitlines()), 2)
        self.assertIn("Ethernet", tshark(self.traced("LAN2"), "-V", "-Y", "arp"))
        self.assertTrue(tshark(self.path, "-Y", "vmlan.ipa.mac == 02:00:00:00:00:01 && vmlan.ipa.code == 0"))
        self.assertEqual({row[0] for row in fields(self.path, "vmlan.mpc.filter")} & {"0x08"}, {"0x08"}, "layer 2")

    def test_what_linux_said_is_known_to_the_last_message(self):
        for name in ("osd-layer2", "osd-layer3", "hipersockets-layer2", "hipersockets-layer3"):
            with self.subTest(name):
                messages = recorded(name)
                write_pcapng(self.path, messages)
                said = tshark(self.path)
                self.assertEqual(len(said.splitlines()), len(messages))
                self.assertIn("IDX ACTIVATE READ, HALLOLE, data device", said)
                self.assertNotIn("unknown", said)
                self.assertNotRegex(said, r" (IPA|CM|ULP|MPC|[0-9A-F]{1,4})$")
                self.assertEqual(tshark(self.path, "-Y", "vmlan.cut"), "")
                self.check_no_error(tshark(self.path, "-V"))
        write_pcapng(self.path, recorded("osd-layer2"))
        self.assertIn("SETVMAC 02:00:00:", tshark(self.path))

    def test_messages_cut_anywhere_and_spoilt_anywhere_make_no_error(self):
        messages = recorded("osd-layer3") + recorded("osd-layer2")
        shortest = {}  # one of each kind
        for to_guest, message in messages:
            shortest.setdefault((to_guest, message[:4], message[0x18:0x1a], message[0x40:0x44]), message)
        cut = [(way[0], message[:length]) for way, message in shortest.items() for length in range(1, len(message))]
        write_pcapng(self.path, cut)
        said = tshark(self.path, "-V")
        self.check_no_error(said)
        self.assertEqual(said.count("QDIO control channel,"), len(cut))
        self.assertGreater(said.count("Cut short"), len(cut) // 2)
        chance = random.Random(7)
        spoilt = []
        for _ in range(8000):
            to_guest, message = chance.choice(messages)
            message = bytearray(message)
            for _ in range(chance.randint(1, 4)):
                message[chance.randrange(4, len(message))] = chance.choice((0, 1, 0x7f, 0x80, 0xff, chance.randrange(256)))
            spoilt.append((to_guest, bytes(message)))
        write_pcapng(self.path, spoilt)
        said = tshark(self.path, "-V")
        self.check_no_error(said)
        self.assertEqual(said.count("QDIO control channel,"), len(spoilt))

    def test_a_running_systems_dialogues_come_whatever_the_filter_of_frames(self):
        socket = str(self.folder / "s")
        (self.folder / "s.vm").write_text(SYSTEM.format(lan="LAN3") + "ALICE> LOGON ALICE\n")
        with open(self.folder / "shown", "wb") as shown:
            system = subprocess.Popen([VMLAN, "serve", "s.vm", "--socket", socket], cwd=self.folder, stdout=shown,
                                      stderr=shown, preexec_fn=as_from_a_shell)
        self.addCleanup(system.wait, LIMIT)
        self.addCleanup(system.terminate)
        self.until(lambda: "VMLSRV" in (self.folder / "shown").read_text())
        captures = [subprocess.Popen([VMLAN, "capture", "LAN3", "--socket", socket, "-w", f"{name}.pcapng", *words, "icmp"],
                                     cwd=self.folder, stderr=subprocess.DEVNULL, preexec_fn=as_from_a_shell)
                    for name, words in (("DIALOG", ["--control"]), ("other", []))]

        def captured():  # begins when it begins
            for word in ("DOWN", "UP"):
                run(VMLAN, "cp", "--socket", socket, f"SEND ALICE IFCONFIG ETH0 {word}")
            time.sleep(0.5)
            both = self.path.exists() and (self.folder / "other.pcapng").exists()
            return both and self.path.stat().st_size > 10000

        self.until(captured)
        for capture in captures:
            capture.send_signal(signal.SIGINT)
            self.assertEqual(capture.wait(LIMIT), 0)
        self.assertIn("SETIP 10.1.1.1: success", tshark(self.path))
        self.assertEqual(tshark(self.folder / "other.pcapng"), "")

    def until(self, condition):
        end = time.monotonic() + LIMIT
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)


class Names(unittest.TestCase):
    """The dissector's tables against the headers, both ways."""

    def table(self, name):
        text = re.search(rf"^local {name} = {{(.*?)}}$", DISSECTOR.read_text(), re.S | re.M).group(1)
        return {int(number, 0) for number in re.findall(r"\[(\w+)\] = ", text)}

    def numbers(self, header, pattern, value):
        text = (ROOT / "qdio" / "adapter" / header).read_text()
        found = re.search(pattern + r"[^{]*{(.*?)}", text, re.S)
        return {int(number.replace("'", ""), 0) for number in re.findall(value, found.group(1))}

    def test_every_number_of_the_headers_has_its_name(self):
        enumerator, constant = r"\w+ = ([\dxa-f']+)", r"constexpr [\w:]+ \w+ = ([\dxa-f']+)"
        for name, header, pattern, value in (
                ("IPA_COMMANDS", "ipa_commands.h", "enum class IpaCommand", enumerator),
                ("IPA_CODES", "ipa_codes.h", "enum class IpaCode", enumerator),
                ("ROUTERS", "ipa_codes.h", "enum class RouterType", enumerator),
                ("ASSISTS", "ipa_commands.h", "namespace ipa_assist", constant),
                ("ASSIST_COMMANDS", "ipa_commands.h", "enum class AssistCommand", enumerator),
                ("SUBCOMMANDS", "ipa_commands.h", "enum class AdapterSubcommand", enumerator),
                ("MPC_COMMANDS", "mpc.h", "enum class MpcCommand", enumerator),
                ("MPC_PARAMETERS", "mpc.h", "enum class MpcParameter", enumerator),
                ("TYPES", "mpc.h", "enum class MessageType", enumerator),
                ("PROTOCOLS", "mpc.h", "namespace message_protocol", constant)):
            with self.subTest(name):
                self.assertEqual(self.table(name), self.numbers(header, pattern, value))


if __name__ == "__main__":
    if "--vmlan" in sys.argv:
        at = sys.argv.index("--vmlan")
        VMLAN = os.path.abspath(sys.argv[at + 1])
        del sys.argv[at:at + 2]
    unittest.main(verbosity=2)
