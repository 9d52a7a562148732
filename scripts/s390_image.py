#!/usr/bin/env python3
"""Makes what an emulated s390x machine starts Linux from: a kernel file that needs no decompression, an initramfs,
and the .ins file that says where each part goes.

  scripts/s390_image.py PACKAGES INIT DHCP_SCRIPT OUTPUT_FOLDER

PACKAGES holds kernel/, busybox/ and ssh/, unpacked. kernel/ is an Debian linux-image package (boot/ and lib/modules/). The kernel itself stays as Debian
built it: the compressed payload of its file is decompressed once here, encoded again as XZ without compression, and
compared byte by byte. In the emulator decompression takes four fifths of a boot. A kernel file whose layout is not
the expected one is left as it is, with one line that says so: it boots, slowly. Modules go without their signatures,
whose digests take the emulator longer than everything else that /init does; initramfs.stock.cpio keeps them.
"""
import binascii
import lzma
import pathlib
import shutil
import struct
import sys

# In the order in which they have to be inserted: what a module depends on comes before it.
MODULES = (
    "drivers/s390/cio/ccwgroup", "drivers/s390/net/qeth", "net/llc/llc", "net/802/stp", "net/bridge/bridge",
    "drivers/s390/net/qeth_l2", "drivers/s390/net/qeth_l3", "net/802/mrp", "net/802/garp", "net/8021q/8021q",
    "drivers/s390/char/tape_class", "drivers/s390/char/tape", "drivers/s390/char/tape_34xx",
)
FOLDERS = ("bin", "dev", "dev/pts", "etc", "etc/udhcpc", "etc/dropbear", "lib", "lib/modules", "lib/s390x-linux-gnu", "proc",
           "root", "sys", "tmp", "var", "var/run")
# A server for ssh, and what it is linked with: only in boot/, for a person's use.
SSH = {"bin/dropbear": "usr/sbin/dropbear", "lib/ld64.so.1": "lib/s390x-linux-gnu/ld64.so.1"}
TC = {"sbin/tc": "sbin/tc", "lib/ld64.so.1": "lib/s390x-linux-gnu/ld64.so.1"}
TC_LIBRARIES = ("libbpf.so.1", "libelf.so.1", "libmnl.so.0", "libbsd.so.0", "libmd.so.0", "libcap.so.2", "libm.so.6",
                "libxtables.so.12", "libz.so.1", "libc.so.6")
IPERF = {"bin/iperf3": "usr/bin/iperf3", "lib/ld64.so.1": "lib/s390x-linux-gnu/ld64.so.1"}
IPERF_LIBRARIES = ("libiperf.so.0", "libsctp.so.1", "libcrypto.so.3", "libm.so.6", "libc.so.6")
SSH_LIBRARIES = ("libc.so.6", "libcrypt.so.1", "libgmp.so.10", "libtomcrypt.so.1", "libtommath.so.1", "libz.so.1")

# Where the boot wrapper of an s390 kernel looks for what is loaded beside it (asm/setup.h of Linux).
PARAMETERS_ADDRESS = 0x10480
INITRD_FIELD_ADDRESS = 0x10408
# Above the kernel file, its decompressed image and the wrapper's own tables.
INITRD_ADDRESS = 0x05000000
PARAMETERS = "rdinit=/init console=ttyS0 conmode=3215 condev=0x0009 cryptomgr.notests nokaslr quiet"

XZ_MAGIC = b"\xfd7zXZ\0"
XZ_FOOTER = b"YZ"
LZMA2_CHUNK = 0x10000
PAGE = 4096
TRAILER_BYTES = 32      # the secure boot trailer in front of _end
HEAP_BYTES = 0x10000    # the wrapper's table of symbols also holds _end + 64K
SIGNATURE_END = b"~Module signature appended~\n"
SIGNATURE_FIELDS_BYTES = 12
SIZE_BYTES = 4          # the payload is followed by its decompressed size


class UnexpectedLayout(Exception):
    """The kernel file is not laid out as Linux 6.1's boot wrapper does it; the text says what is different."""


def crc(data):
    return struct.pack("<I", binascii.crc32(data))


def xz_number(value):
    """A multibyte integer of the .xz format."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def padded(data, unit):
    return data + bytes(-len(data) % unit)


def stored_xz(payload):
    """`payload` as an .xz stream of uncompressed LZMA2 chunks without a check."""
    chunks = bytearray()
    for start in range(0, len(payload), LZMA2_CHUNK):
        part = payload[start:start + LZMA2_CHUNK]
        chunks += bytes([1 if start == 0 else 2]) + struct.pack(">H", len(part) - 1) + part
    chunks.append(0)
    # One filter, LZMA2 (0x21), with one byte of properties: a dictionary of 64 KiB suffices for stored chunks.
    block_header = bytes([2, 0, 0x21, 1, 8]) + bytes(3)
    block_header += crc(block_header)
    index = padded(b"\0" + xz_number(1) + xz_number(len(block_header) + len(chunks)) + xz_number(len(payload)), 4)
    index += crc(index)
    flags = b"\0\0"  # no check
    footer = struct.pack("<I", len(index) // 4 - 1) + flags
    return XZ_MAGIC + flags + crc(flags) + block_header + padded(bytes(chunks), 4) + index + crc(footer) + footer + XZ_FOOTER


def find_payload(image):
    """(start, end, decompressed bytes) of the compressed kernel; the end is that of the .xz stream."""
    start = image.find(XZ_MAGIC)
    while start >= 0:
        decoder = lzma.LZMADecompressor(format=lzma.FORMAT_XZ)
        try:
            payload = decoder.decompress(image[start:])
        except lzma.LZMAError:
            payload = b""
        if payload and decoder.eof:
            return start, len(image) - len(decoder.unused_data), payload
        start = image.find(XZ_MAGIC, start + 1)
    raise UnexpectedLayout("no XZ payload")


def patch_addresses(wrapper, changes):
    """Replaces each old address, an aligned doubleword in the wrapper's global offset table, by the new one."""
    for old, (new, wanted) in changes.items():
        found = [at for at in range(0, len(wrapper) - 7, 8) if struct.unpack_from(">Q", wrapper, at)[0] == old]
        if len(found) != wanted:
            raise UnexpectedLayout(f"address {old:x} stands {len(found)} times in the boot wrapper, not {wanted}")
        for at in found:
            struct.pack_into(">Q", wrapper, at, new)


def repack(image):
    """The kernel file with its payload stored instead of compressed."""
    start, end, payload = find_payload(image)
    if struct.unpack_from("<I", image, end)[0] != len(payload):
        raise UnexpectedLayout("the payload is not followed by its size")
    if len(image) % PAGE or image[end + SIZE_BYTES:-TRAILER_BYTES].strip(b"\0"):
        raise UnexpectedLayout("something else follows the payload")
    stored = stored_xz(payload)
    if lzma.decompress(stored, lzma.FORMAT_XZ) != payload:
        raise UnexpectedLayout("the stored payload differs from the compressed one")
    new_end = start + len(stored) + SIZE_BYTES
    new_size = (new_end + TRAILER_BYTES + PAGE - 1) // PAGE * PAGE
    wrapper = bytearray(image[:start])
    patch_addresses(wrapper, {
        end + SIZE_BYTES: (new_end, 1),
        len(image): (new_size, 2),
        len(image) + HEAP_BYTES: (new_size + HEAP_BYTES, 1),
    })
    new = bytes(wrapper) + stored + struct.pack("<I", len(payload))
    return new + bytes(new_size - TRAILER_BYTES - len(new)) + image[-TRAILER_BYTES:]


def cpio_entry(number, name, mode, data=b"", device=(0, 0)):
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0)
    header = b"070701" + b"".join(b"%08X" % field for field in fields)
    return padded(header + name.encode() + b"\0", 4) + padded(data, 4)


def cpio(files, folders=(), devices=()):
    """A newc archive. `files`: {path: (mode, bytes)}; `devices`: {path: (major, minor)}, character devices."""
    entries = [(name, 0o040755, b"", (0, 0)) for name in folders]
    entries += [(name, 0o020600, b"", device) for name, device in dict(devices).items()]
    entries += [(name, 0o100000 | mode, data, (0, 0)) for name, (mode, data) in files.items()]
    archive = b"".join(cpio_entry(number, *entry) for number, entry in enumerate(entries, 1))
    return padded(archive + cpio_entry(0, "TRAILER!!!", 0), 512)


def unsigned(module):
    """A kernel module without the signature behind it; the kernel then loads it without computing a digest."""
    if not module.endswith(SIGNATURE_END):
        return module
    length = struct.unpack(">I", module[-len(SIGNATURE_END) - 4:-len(SIGNATURE_END)])[0]
    return module[:-len(SIGNATURE_END) - SIGNATURE_FIELDS_BYTES - length]


def base_initramfs(packages, init, dhcp_script, prepare=bytes):
    """Busybox, the modules that QDIO network cards need (each after `prepare`), the list of them, and /init."""
    modules = next((packages / "kernel/lib/modules").iterdir()) / "kernel"
    files = {"init": (0o755, init.read_bytes()), "bin/busybox": (0o755, (packages / "busybox/bin/busybox").read_bytes()),
             "etc/udhcpc/default.script": (0o755, dhcp_script.read_bytes()),
             "etc/passwd": (0o644, b"root::0:0:root:/root:/bin/sh\n"), "etc/group": (0o644, b"root:x:0:\n")}
    names = []
    for module in MODULES:
        name = module.rsplit("/", 1)[1]
        files[f"lib/modules/{name}.ko"] = (0o644, prepare((modules / f"{module}.ko").read_bytes()))
        names.append(name)
    files["lib/modules/order"] = (0o644, "\n".join(names).encode() + b"\n")
    return cpio(files, FOLDERS, {"dev/console": (5, 1), "dev/null": (1, 3)})


def linked_files(packages, programs, libraries):
    """{path: (mode, bytes)} of programs and the shared libraries that they need, of these packages."""
    files = {name: (packages / path).resolve() for name, path in programs.items()}
    for library in libraries:
        files[f"lib/s390x-linux-gnu/{library}"] = next(
            folder / library for folder in (packages / "lib/s390x-linux-gnu", packages / "usr/lib/s390x-linux-gnu")
            if (folder / library).exists())
    return {name: (0o755, path.read_bytes()) for name, path in files.items()}


def ssh_files(packages):
    """An initramfs to be added to the base one."""
    return cpio(linked_files(packages / "ssh", SSH, SSH_LIBRARIES))


def tc_files(packages):
    """iproute2's tc, which is only for tests: busybox' own knows no netem."""
    return linked_files(packages / "tc", TC, TC_LIBRARIES)


def iperf_files(packages):
    """iperf3, for tests too."""
    return linked_files(packages / "iperf", IPERF, IPERF_LIBRARIES)


def write_boot_folder(folder, kernel, initramfs, parameters=PARAMETERS):
    """The files of one machine, with linux.ins: `ipl linux.ins` in the emulator loads them and starts."""
    shutil.copyfile(kernel, folder / "kernel")
    (folder / "initramfs").write_bytes(initramfs)
    (folder / "parameters").write_text(parameters + "\n\0")
    (folder / "initramfs.place").write_bytes(struct.pack(">QQ", INITRD_ADDRESS, len(initramfs)))
    (folder / "linux.ins").write_text(
        "* Linux\nkernel 0x00000000\n"
        f"initramfs 0x{INITRD_ADDRESS:08x}\ninitramfs.place 0x{INITRD_FIELD_ADDRESS:08x}\n"
        f"parameters 0x{PARAMETERS_ADDRESS:08x}\n")


def main(arguments):
    if len(arguments) != 4:
        sys.exit("usage: s390_image.py PACKAGES INIT DHCP_SCRIPT OUTPUT_FOLDER")
    packages, init, dhcp_script, output = map(pathlib.Path, arguments)
    stock = next((packages / "kernel/boot").glob("vmlinuz-*"))
    shutil.copyfile(stock, output / "vmlinuz.stock")
    try:
        image = repack(stock.read_bytes())
    except UnexpectedLayout as reason:
        print(f"s390_image: {stock.name}: {reason}; guests start slowly, with the file as it is", file=sys.stderr)
        image = stock.read_bytes()
    (output / "vmlinuz").write_bytes(image)
    (output / "initramfs.stock.cpio").write_bytes(base_initramfs(packages, init, dhcp_script))
    (output / "initramfs.cpio").write_bytes(base_initramfs(packages, init, dhcp_script, unsigned))
    boot = output / "boot"
    boot.mkdir(exist_ok=True)
    write_boot_folder(boot, output / "vmlinuz", (output / "initramfs.cpio").read_bytes() + ssh_files(packages))


if __name__ == "__main__":
    main(sys.argv[1:])
