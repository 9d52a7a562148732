#!/usr/bin/env python3
"""Workloads that `vmlan synth` makes up: the same bytes for the same words, frames in which tshark finds nothing wrong, and
packets that `vmlan replay` accounts for, every one. Every wait has an end.

synth.py --vmlan PROGRAM [unittest options]
"""
import hashlib
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from trace_count import count_trace
from vmlan_program import LIMIT, VMLAN, run

CHECKSUMS = [word for protocol in ("ip", "tcp", "udp") for word in ("-o", f"{protocol}.check_checksum:TRUE")]


def synth(*words):
    done = subprocess.run([VMLAN, "synth", *words], capture_output=True, timeout=LIMIT, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def replayed(synth_words, replay_words=()):
    """The numbers of the replay's report by their names."""
    maker = subprocess.Popen([VMLAN, "synth", *synth_words], stdout=subprocess.PIPE)
    done = subprocess.run([VMLAN, "replay", "--no-rate", *replay_words, "-"], stdin=maker.stdout, capture_output=True,
                          text=True, timeout=LIMIT, check=False)
    maker.stdout.close()
    assert done.returncode == 0 and maker.wait(LIMIT) == 0, done.stderr
    lines = [line.rsplit(maxsplit=1) for line in done.stdout.splitlines() if line.rstrip()[-1:].isdigit()]
    return {line[0].strip(): int(line[1]) for line in lines}


class Bytes(unittest.TestCase):
    # Of the first thousand packets; whoever changes what is made up changes it here.
    DIGEST = "aee1440b7acf400ddfbf4bb7c58bd58939526b20007308c669ee81de87c50e34"

    def test_the_same_words_give_the_same_bytes_and_another_seed_others(self):
        thousand = synth("--packets", "1000")
        self.assertEqual(hashlib.sha256(thousand).hexdigest(), self.DIGEST)
        longer = synth("--packets", "3000")
        self.assertEqual(longer[:len(thousand)], thousand)
        self.assertNotEqual(synth("--packets", "1000", "--seed", "2"), thousand)

    def test_a_file_is_what_standard_output_is(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "a.pcap")
            self.assertEqual(synth("--packets", "2000", str(path)), b"")
            self.assertEqual(path.read_bytes(), synth("--packets", "2000", "-"))

    def test_another_reader_counts_as_many_packets(self):
        fine = count_trace(synth("--packets", "20000", "--tcp", "50%"))
        coarse = count_trace(synth("--packets", "20000", "--tcp", "50%", "--microseconds"))
        for count in (fine, coarse):
            self.assertTrue(count.whole)
            self.assertEqual((count.records, count.first), (20000, 1017392400 * 10**9))
        self.assertEqual(fine.last // 1000, coarse.last // 1000)
        self.assertEqual(fine.bytes, coarse.bytes)

    def test_what_cannot_be_written_is_a_failure_and_a_reader_that_goes_is_none(self):
        self.assertEqual(run("synth", "/nowhere/a.pcap").returncode, 1)
        full = run("synth", redirection=">/dev/full")
        self.assertEqual(full.returncode, 1)
        self.assertIn("VMLFIL014E", full.stderr)
        maker = subprocess.Popen([VMLAN, "synth", "--packets", "1000000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(len(maker.stdout.read(24)), 24)
        maker.stdout.close()
        self.assertEqual((maker.wait(LIMIT), maker.stderr.read()), (0, b""))
        maker.stderr.close()


@unittest.skipUnless(shutil.which("tshark"), "no tshark here")
class Tshark(unittest.TestCase):
    def shown(self, data, *words):
        done = subprocess.run(["tshark", "-r", "-", *CHECKSUMS, *words], input=data, capture_output=True, timeout=LIMIT,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode().splitlines()

    def test_it_finds_nothing_wrong_in_any_frame(self):
        for words in (["--users", "30"], ["--users", "30", "--ipv6", "50%", "--tcp", "70%", "--talk", "server"]):
            data = synth("--packets", "4000", *words)
            wrong = ("_ws.malformed or tcp.analysis.flags or ip.checksum.status == 0 or udp.checksum.status == 0 or "
                     "tcp.checksum.status == 0 or igmp.checksum.status == 0 or icmpv6.checksum.status == 0")
            self.assertEqual(self.shown(data, "-Y", wrong), [])

    def test_it_sees_what_was_asked_for(self):
        data = synth("--packets", "4000", "--ipv6", "50%", "--tcp", "70%")
        seen = {filter_text: len(self.shown(data, "-Y", filter_text)) for filter_text in
                ("vlan", "ipv6 and tcp", "ip and udp", "tcp.flags.syn == 1 and tcp.flags.ack == 0", "tcp.flags.fin == 1",
                 "igmp.type == 0x16", "icmpv6.type == 131", "eth.dst == ff:ff:ff:ff:ff:ff")}
        self.assertTrue(all(seen.values()), seen)
        self.assertEqual((seen["igmp.type == 0x16"], seen["icmpv6.type == 131"]), (16, 16))


class Replay(unittest.TestCase):
    def test_every_packet_is_received(self):
        for words in ([], ["--ipv6", "50%"], ["--tcp", "100%", "--talk", "server"], ["--talk", "pairs", "--gaps", "bursts"]):
            with self.subTest(words):
                told = replayed(["--users", "20", "--broadcast", "0", "--multicast", "0", *words])
                self.assertEqual(told["received, as sent and in order"], 10000, told)

    def test_whole_frames_reach_everybody_and_the_groups(self):
        told = replayed(["--users", "20"], ["--frames"])
        copies = told["more by several receivers of a group"]
        # The first report of each of the four groups is for nobody else.
        self.assertEqual(told["dropped by the LAN: no receiver"], 4)
        self.assertEqual(told["received, as sent and in order"], 10000 + copies - 4)
        self.assertGreater(copies, 10000 * 0.03 * 18)

    def test_packets_for_groups_are_received_by_their_members(self):
        told = replayed(["--users", "20", "--broadcast", "0", "--ipv6", "50%"])
        self.assertEqual(told["dropped by the LAN: no receiver"], 8)
        self.assertEqual(told["received, as sent and in order"],
                         10000 + told["more by several receivers of a group"] - 8)


if __name__ == "__main__":
    unittest.main()
