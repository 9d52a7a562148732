#!/usr/bin/env python3
"""Traces of every kind, made here, as our reader reads them and as tests/trace_count.py does: from a file, standard
input, a pipe with a name, compressed, cut.

trace_variants.py --reader PROGRAM [--seed NUMBER] [unittest options]      PROGRAM: trace_records
"""
import bz2
import gzip
import itertools
import lzma
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import unittest

import trace_count

READER = "trace_records"
SEED = 1
LIMIT = 60  # seconds, for what takes a moment
LINKS = (0, 1, 9, 101, 104, 108, 113, 228, 229, 276, 147, 65000)


def pcap(chance, magic, order, version, records=200, snap=65535, link=1):
    """A file with the two lengths of a record in the order of its version."""
    out = [struct.pack(order + "IHHiIII", magic, *version, 0, 0, snap, link)]
    if magic in (0x1c0001ac, 0x1c0001ab):
        out.append(chance.randbytes(4))
    swapped = version in ((2, 1), (2, 2), (543, 0)) or (version == (2, 3) and chance.random() < 0.5)
    for _ in range(records):
        kept = chance.choice((0, 1, chance.randrange(1600), chance.randrange(1600), min(snap, 300)))
        original = kept + chance.choice((0, 0, chance.randrange(5000)))
        seconds = chance.choice((chance.getrandbits(31), 0, 2**32 - 1))
        fraction = chance.choice((chance.randrange(10**6), chance.randrange(10**6), chance.getrandbits(32)))
        lengths = (original, kept) if swapped else (kept, original)
        out.append(struct.pack(order + "IIII", seconds, fraction, *lengths))
        if magic == 0xa1b2cd34:
            out.append(chance.randbytes(8))
        out.append(chance.randbytes(kept))
    return b"".join(out)


class PcapNg:
    def __init__(self, chance):
        self.chance = chance
        self.order = "<"
        self.out = []
        self.snaps = []  # of the section's interfaces

    def pack(self, layout, *values):
        return struct.pack(self.order + layout, *values)

    def block(self, kind, body):
        body += bytes(-len(body) % 4)
        length = len(body) + 12
        self.out.append(self.pack("II", kind, length) + body + self.pack("I", length))

    def options(self, *options):
        """(code, value)s among others, with or without an end."""
        out = b""
        for code, value in options:
            if self.chance.random() < 0.5:
                comment = self.chance.randbytes(self.chance.randrange(20))
                out += self.pack("HH", 1, len(comment)) + comment + bytes(-len(comment) % 4)
            out += self.pack("HH", code, len(value)) + value + bytes(-len(value) % 4)
        return out + (self.pack("HH", 0, 0) if self.chance.random() < 0.8 else b"")

    def section(self):
        self.order = self.chance.choice("<>")
        self.snaps = []
        self.block(0x0a0d0d0a, self.pack("IHHq", 0x1a2b3c4d, 1, self.chance.choice((0, 2)), -1) +
                   self.options((4, b"a program")))

    def interface(self):
        chance = self.chance
        options = [(2, b"eth0")]
        if chance.random() < 0.7:
            options.append((9, bytes([chance.choice((0, 3, 6, 9, 12, 19, 20, 28, 29, 127, 128, 138, 148, 192, 255))])))
        if chance.random() < 0.5:
            offset = chance.choice((chance.randrange(-10**6, 10**6), chance.randrange(-2**63, 2**63)))
            options.append((14, self.pack("q", offset)))
        self.snaps.append(chance.choice((0, 60, 262144)))
        self.block(1, self.pack("HHI", chance.choice(LINKS[:-1] + (65000,)), 0, self.snaps[-1]) + self.options(*options))

    def packet(self):
        chance = self.chance
        data = chance.randbytes(chance.choice((0, 1, 60, chance.randrange(2000))))
        original = len(data) + chance.choice((0, 0, chance.randrange(2000)))
        kind = chance.choice((2, 3, 6, 6, 6))
        if kind == 3:
            snap = self.snaps[0] or len(data)
            original = original if snap <= len(data) else len(data)
            self.block(3, self.pack("I", original) + data[:min(original, snap)])
            return
        number = chance.randrange(len(self.snaps))
        time = chance.choice((chance.getrandbits(64), 10**15 + chance.getrandbits(40), chance.getrandbits(30)))
        front = self.pack("I", number) if kind == 6 else self.pack("HH", number, chance.getrandbits(16))
        self.block(kind, front + self.pack("IIII", time >> 32, time & 0xffffffff, len(data), original) + data +
                   bytes(-len(data) % 4) + (self.options((2, self.pack("I", 1))) if chance.random() < 0.3 else b""))

    def other(self):
        """Name resolution, statistics, journal, secrets, custom, unknown."""
        kind = self.chance.choice((4, 5, 9, 10, 0xbad, 0x40000bad, 0x80000001, 0xffffffff))
        self.block(kind, self.chance.randbytes(self.chance.choice((0, 4, 40, 5000))))

    def file(self, sections=4, blocks=150):
        for _ in range(sections):
            self.section()
            self.interface()
            for _ in range(blocks):
                self.chance.choices((self.packet, self.other, self.interface), (20, 3, 1))[0]()
        return b"".join(self.out)


class Variants(unittest.TestCase):
    def setUp(self):
        self.chance = random.Random(f"{SEED} {self.id()}")
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name, "trace")

    def tearDown(self):
        self.folder.cleanup()

    def read(self, *paths, **options):
        """The lines of our reader."""
        result = subprocess.run([READER, *map(str, paths)], capture_output=True, timeout=LIMIT, check=False, **options)
        return result.stdout.decode().splitlines()

    def compare(self, files):
        """files: name -> bytes. Returns the lines on which both agree."""
        paths = []
        for number, data in enumerate(files.values()):
            paths.append(self.path.with_name(str(number)))
            paths[-1].write_bytes(data)
        lines = [str(trace_count.count_trace(data)) for data in files.values()]
        for name, found, line in zip(files, self.read(*paths), lines, strict=True):
            self.assertEqual(found, line, name)
        return lines

    def test_pcap(self):
        kinds = itertools.product((0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34, 0x1c0001ac, 0x1c0001ab), "<>",
                                  ((2, 4), (2, 3), (2, 2), (2, 1), (543, 0)), (0, 65535, 2**32 - 1))
        files = {}
        for magic, order, version, snap in kinds:
            link = self.chance.choice(LINKS) | self.chance.choice((0, 0x24000000))
            files[hex(magic), order, version, snap] = pcap(self.chance, magic, order, version, 40, snap, link)
        self.assertTrue(all(line.endswith(" whole") for line in self.compare(files)))

    def test_pcapng(self):
        lines = self.compare({number: PcapNg(self.chance).file() for number in range(40)})
        self.assertTrue(all(line.endswith(" whole") for line in lines))
        flaws = [sum(flaw) for flaw in zip(*(map(int, line.split()[11].split(",")) for line in lines))]
        self.assertTrue(all(flaws[flaw] > 100 for flaw in (0, 2, 3, 4)), flaws)

    def test_sections_one_after_the_other_without_an_interface_or_a_packet(self):
        trace = PcapNg(self.chance)
        for _ in range(20):
            trace.section()
        trace.interface()
        trace.packet()
        self.compare({"": b"".join(trace.out)})

    def test_the_longest_records_and_blocks(self):
        longest = 16 << 20
        files = {}
        for snap, length in ((65535, 262144), (65535, 262145), (300000, 300000), (300000, 300001),
                             (2**32 - 1, longest), (2**32 - 1, longest + 1), (2**32 - 1, 2**32 - 1)):
            head = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, snap, 1)
            record = struct.pack("<IIII", 1, 1, length, length) + bytes(min(length, longest + 1))
            files["record", snap, length] = head + 2 * record
        for length in (longest - 12, longest - 8):
            trace = PcapNg(self.chance)
            trace.section()
            trace.interface()
            trace.block(0xbad, bytes(length))
            trace.packet()
            files["block", length] = b"".join(trace.out)
        whole = [line.endswith(" whole") for line in self.compare(files)]
        self.assertEqual(whole, [True, False, True, False, True, False, False, True, False])

    def small(self):
        return self.chance.choice((lambda: pcap(self.chance, 0xa1b2c3d4, "<", (2, 4), 30),
                                   lambda: PcapNg(self.chance).file(2, 20)))()

    def test_a_file_that_is_cut_is_read_as_far_as_it_goes(self):
        files = [self.small() for _ in range(80)]
        self.compare({number: data[:self.chance.randrange(300, len(data))] for number, data in enumerate(files)})

    def test_bytes_that_lie(self):
        """Many of the files end early; both readers find the same place."""
        files = [bytearray(self.small()) for _ in range(200)]
        for data in files:
            for _ in range(20):
                data[self.chance.randrange(200, len(data))] = self.chance.getrandbits(8)
        lines = self.compare(dict(enumerate(map(bytes, files))))
        self.assertGreater(sum(line.endswith("damaged") for line in lines), 20)

    def packed(self, data):
        """(name, compressed form), as far as it can be made here; one of several parts among them."""
        half = len(data) // 2
        yield "gzip", gzip.compress(data)
        yield "gzip", gzip.compress(data[:half]) + gzip.compress(data[half:])
        yield "xz", lzma.compress(data, preset=0)
        yield "bzip2", bz2.compress(data)
        yield "bzip2", bz2.compress(data[:half]) + bz2.compress(data[half:])
        for program in ("zstd", "lz4"):
            if shutil.which(program):
                run = lambda part: subprocess.run([program, "-qc"], input=part, capture_output=True, check=True).stdout
                yield program, run(data)
                yield program, run(data[:half]) + run(data[half:])

    def test_every_way_in(self):
        for data in (pcap(self.chance, 0xa1b2c3d4, "<", (2, 4), 1000), PcapNg(self.chance).file(3, 300)):
            lines = self.compare({"": data})
            for name, form in [("plain", data), *self.packed(data)]:
                self.path.write_bytes(form)
                self.assertEqual(self.read(self.path), lines, name)
                with open(self.path, "rb") as file:
                    self.assertEqual(self.read("-", stdin=file), lines, name)
                self.assertEqual(self.read("-", input=form), lines, name)
                self.assertEqual(self.through_a_fifo(form), lines, name)

    def through_a_fifo(self, data):
        """In pieces of odd sizes."""
        path = pathlib.Path(self.folder.name, "fifo")
        os.mkfifo(path)

        def write():
            at = 0
            with open(path, "wb", buffering=0) as file:
                while at < len(data):
                    at += file.write(data[at:at + self.chance.choice((1, 7, 5000, 70000))])

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        lines = self.read(path)
        writer.join(LIMIT)
        path.unlink()
        return lines

    def test_a_compressed_file_that_is_cut_is_damaged(self):
        data = PcapNg(self.chance).file(3, 300)
        for name, form in self.packed(data):
            self.path.write_bytes(form[:len(form) * 3 // 4])
            line, = self.read(self.path)
            self.assertTrue(line.endswith("damaged") or line.startswith("no trace"), (name, line))

    def test_what_is_no_trace_is_refused(self):
        for data in (b"", b"\n\r\r\n", b"\xa1\xb2\xc3\xd4", gzip.compress(b""), gzip.compress(b"no trace at all"), b"GET / HTTP/1.1",
                     struct.pack("<IHHiIII", 0xa1b2c3d4, 3, 0, 0, 0, 65535, 1)):
            self.path.write_bytes(data)
            line, = self.read(self.path)
            self.assertTrue(line.startswith("no trace: "), data)


def main():
    global READER, SEED
    arguments = sys.argv[1:]
    if arguments[:1] == ["--reader"]:
        READER, arguments = arguments[1], arguments[2:]
    if arguments[:1] == ["--seed"]:
        SEED, arguments = arguments[1], arguments[2:]
    unittest.main(argv=[sys.argv[0], *arguments])


if __name__ == "__main__":
    main()
