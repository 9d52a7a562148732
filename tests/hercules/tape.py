"""What a guest writes to its tape drive, read while it is being written.

The emulator's consoles lose output (3.13: a 3215 truncates each write at 150 bytes, the SCLP console keeps one line
of each block), its tape drives do not, and Linux has a driver for them. So the results of a guest leave by tape.

The AWS format: each block behind six bytes, its length and that of the block before (little endian), and two flags.
"""
import struct

HEADER = struct.Struct("<HHBB")
TAPE_MARK = 0x40


class TapeReader:
    """The lines on a tape, as far as they are complete. Owns its file descriptor."""

    def __init__(self, path):
        self._file = open(path, "rb")
        self._raw = b""     # read from the file, not yet a whole block
        self._text = b""    # out of blocks, not yet a whole line

    def close(self):
        self._file.close()

    def lines(self):
        """Every line that has become complete since the last call."""
        self._raw += self._file.read()
        while len(self._raw) >= HEADER.size:
            length, _, flags, _ = HEADER.unpack_from(self._raw)
            if len(self._raw) < HEADER.size + length:
                break
            if not flags & TAPE_MARK:
                self._text += self._raw[HEADER.size:HEADER.size + length]
            self._raw = self._raw[HEADER.size + length:]
        *lines, self._text = self._text.split(b"\n")
        return [line.decode(errors="replace").rstrip("\r") for line in lines]
