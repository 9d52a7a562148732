#!/usr/bin/env python3
"""Counts what is in pcap and pcapng files: a reader of its own, written from the formats' documents
(draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng, libpcap's and Wireshark's notes on the older kinds).

trace_count.py FILE...     one line for each; "-" is standard input

A line: records, bytes kept, interfaces that have records, time of the first and the last record (ns since 1970),
how many times are good, carried over, before 1970, after 2262, absent; the Adler-32 of all that was read; whether
the file is whole. A record whose time can't be said has the time of the one before it.
"""
import struct
import sys
import zlib

GOOD, CARRIED, BEFORE_1970, AFTER_2262, ABSENT = range(5)
LONGEST = 16 << 20  # bytes of a block or record


class Damaged(Exception):
    pass


class NoTrace(Exception):
    pass


class Count:
    def __init__(self):
        self.records = self.bytes = 0
        self.first = self.last = 0
        self.interfaces = set()
        self.flaws = [0] * 5
        self.sum = 1
        self.whole = True

    def add(self, interface, link, original, time, flaw, data):
        """time: None, if it can't be said."""
        if time is None:
            time = self.last
        if self.records == 0:
            self.first = time
        self.last = time
        self.records += 1
        self.bytes += len(data)
        self.interfaces.add(interface)
        self.flaws[flaw] += 1
        self.sum = zlib.adler32(struct.pack("<QQQQQ", interface, link, original, time, flaw) + data, self.sum)

    def __str__(self):
        flaws = ",".join(map(str, self.flaws))
        return (f"records {self.records} bytes {self.bytes} interfaces {len(self.interfaces)} first {self.first} "
                f"last {self.last} flaws {flaws} sum {self.sum:08x} {'whole' if self.whole else 'damaged'}")


def part(data, at, length):
    if at + length > len(data):
        raise Damaged
    return data[at:at + length]


# The first four bytes as they stand in a file written by a computer of either order.
PCAP_MAGICS = {}
for magic, scale, more_header, more_record in ((0xa1b2c3d4, 1000, 0, 0), (0xa1b23c4d, 1, 0, 0), (0xa1b2cd34, 1000, 0, 8),
                                               (0x1c0001ac, 1000, 4, 0), (0x1c0001ab, 1000, 4, 0)):
    for order in "<>":
        PCAP_MAGICS[struct.pack(order + "I", magic)] = (order, scale, 24 + more_header, 16 + more_record)


def read_pcap(data, count):
    order, scale, at, header_size = PCAP_MAGICS[data[:4]]
    if len(data) < at:
        raise NoTrace
    major, minor, _, _, snap, link = struct.unpack_from(order + "HHiIII", data, 4)
    if major not in (2, 543):
        raise NoTrace
    while at < len(data):
        header = part(data, at, header_size)
        seconds, fraction, kept, original = struct.unpack_from(order + "IIII", header)
        if (major, minor) < (2, 3) or major == 543 or ((major, minor) == (2, 3) and kept > original):
            kept, original = original, kept
        if kept > min(max(snap, 262144), LONGEST):
            raise Damaged
        body = part(data, at + header_size, kept)
        nanoseconds = fraction * scale
        count.add(0, link & 0x03ffffff, max(kept, original), seconds * 10**9 + nanoseconds,
                  GOOD if nanoseconds < 10**9 else CARRIED, body)
        at += header_size + kept


class Interface:
    def __init__(self, order, body):
        self.link, _, self.snap = struct.unpack_from(order + "HHI", body)
        self.units, self.offset = 10**6, 0
        at = 8
        while at + 4 <= len(body):
            code, length = struct.unpack_from(order + "HH", body, at)
            value = body[at + 4:at + 4 + length]
            if code == 0:
                break
            if len(value) < length:
                raise Damaged
            if code == 9 and length == 1:  # if_tsresol
                self.units = 2**(value[0] & 127) if value[0] & 128 else 10**value[0]
            elif code == 14 and length == 8:  # if_tsoffset
                self.offset = struct.unpack(order + "q", value)[0]
            at += 4 + (length + 3) // 4 * 4

    def time(self, high, low):
        time = ((high << 32) + low) * 10**9 // self.units + self.offset * 10**9
        if time < 0:
            return None, BEFORE_1970
        return (None, AFTER_2262) if time >= 2**63 else (time, GOOD)


class PcapNg:
    def __init__(self, count):
        self.count = count
        self.order = "<"
        self.before = 0  # interfaces of the sections before
        self.interfaces = []

    def packet(self, number, high, low, original, data):
        if number >= len(self.interfaces):
            raise Damaged
        interface = self.interfaces[number]
        time, flaw = (None, ABSENT) if high is None else interface.time(high, low)
        self.count.add(self.before + number, interface.link, max(original, len(data)), time, flaw, data)

    def block(self, kind, body):
        order = self.order
        if kind == 0x0a0d0d0a:
            if len(body) < 16 or struct.unpack_from(order + "H", body, 4)[0] != 1:
                raise Damaged
            self.before += len(self.interfaces)
            self.interfaces = []
        elif kind == 1:
            if len(body) < 8:
                raise Damaged
            self.interfaces.append(Interface(order, body))
        elif kind == 3:
            original = struct.unpack_from(order + "I", part(body, 0, 4))[0]
            kept = min(original, len(body) - 4)
            if self.interfaces and self.interfaces[0].snap:
                kept = min(kept, self.interfaces[0].snap)
            self.packet(0, None, None, original, body[4:4 + kept])
        elif kind in (2, 6):
            number, high, low, kept, original = struct.unpack_from(order + "IIIII", part(body, 0, 20))
            if kind == 2:  # a short number, and a count of drops
                number = struct.unpack_from(order + "H", body)[0]
            self.packet(number, high, low, original, part(body, 20, kept))

    def read(self, data):
        at = 0
        while at < len(data):
            head = part(data, at, 12)
            if head[:4] == b"\n\r\r\n":
                orders = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
                if head[8:] not in orders:
                    raise Damaged
                self.order = orders[head[8:]]
            kind, length = struct.unpack_from(self.order + "II", head)
            if length < 12 or length % 4 or length > LONGEST:
                raise Damaged
            whole = part(data, at, length)
            if struct.unpack_from(self.order + "I", whole, length - 4)[0] != length:
                raise Damaged
            self.block(kind, whole[8:-4])
            at += length


def count_trace(data):
    """data: the bytes of a file, not compressed."""
    count = Count()
    try:
        if data[:4] == b"\n\r\r\n":
            PcapNg(count).read(data)
        elif data[:4] in PCAP_MAGICS:
            read_pcap(data, count)
        else:
            raise NoTrace
    except Damaged:
        count.whole = False
    return count


def main():
    status = 0
    for name in sys.argv[1:]:
        try:
            with (sys.stdin.buffer if name == "-" else open(name, "rb")) as file:
                print(count_trace(file.read()))
        except NoTrace:
            print("no trace")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
