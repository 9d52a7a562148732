"""What drivers other than Linux' do with a card, in the emulator: by Linux with its devices in another order, by a program
of our own on the bare machine, and by the emulator's operator. Each leaves both guests up, as lifecycle.py does."""
import re
import subprocess
import time

from cases import check, check_pings
from lifecycle import KIND, ensure_up, wait_until
from rig import HERE, Failed, need

BARE_CONFIGURATION = """\
ARCHMODE z/Arch
OSTAILOR QUIET
LPARNUM 1
CPUSERIAL 000001
CPUMODEL 2097
MAINSIZE 16
NUMCPU 1
LDMOD {module}
0A00.3 VNIC user BARE system {folder}/nobody.sock
"""
BARE_SECONDS = 30


def device_order(network):
    """The devices of a card in z/VM's order (data, read, write) and in Linux' (read, write, data), in turn."""
    ensure_up(network)
    first = network.guests[0]
    stem = KIND.device[:-1]
    used = f"{stem}0"
    for read, write, data in ("120", "012", "120", "012"):
        first.run(f"offline {used}")
        first.run(f"ungroup {used}")
        first.run("sleep 0.2")
        used = stem + read
        first.run(f"group {used} {stem}{write} {stem}{data}")
        interface = first.run(f"online {used} {KIND.layer}").values("online")["if"]
        first.run(f"up {interface} {KIND.address(4, 1)}/24 {KIND.address(6, 1)}/64")
        check_pings(first, KIND.address(4, 2), [56, 3000], 3)
        check_pings(first, KIND.address(6, 2), [56], 3)
    check(not first.alarms(), "kernel messages")


def devinit(network):
    """The operator's devinit of a member of a card that is online is refused, and the card works on."""
    ensure_up(network)
    first = network.guests[0]
    for member in range(KIND.devices):
        first.hercules(f"devinit {KIND.device[:-1]}{member}")
    wait_until(lambda: f"HHC03829E {KIND.device[:-1].upper()}1" in first.log(), "the module's refusal", 20)
    time.sleep(1)
    check_pings(first, KIND.address(4, 2), [56, 3000], 3)
    check(not first.alarms(), "kernel messages")
    first.run(f"cycle {KIND.device} 1", 60)
    check_pings(first, KIND.address(4, 2), [56], 3)


def assembled(source, folder):
    """A program for the bare machine as the emulator loads it."""
    binary = folder / f"{source.stem}.bin"
    for command in ([need("s390x-linux-gnu-as", "binutils-s390x-linux-gnu"), "-march=z10", "-m31", "-o", binary.with_suffix(".o"), source],
                    [need("s390x-linux-gnu-ld", "binutils-s390x-linux-gnu"), "-melf_s390", "-Ttext=0", "--oformat=binary", "-e", "0",
                     "-o", binary, binary.with_suffix(".o")]):
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(f"{source.name}: {done.stderr}")
    return binary


def wait_state(network, source):
    """Runs a program on a machine of its own; the address in the disabled wait state it ends in."""
    folder = network.rig.folder / "BARE"
    folder.mkdir()
    binary = assembled(HERE / "guest" / source, folder)
    (folder / "bare.ins").write_text(f"* bare\n{binary.name} 0x00000000\n")
    (folder / "hercules.cnf").write_text(BARE_CONFIGURATION.format(module=network.module, folder=folder))
    (folder / "hercules.rc").write_text("ipl bare.ins\n")
    log = folder / "hercules.log"
    with open(log, "wb") as output:
        emulator = network.rig.start([network.rig.hercules, "-f", "hercules.cnf", "EXTERNALGUI"], cwd=folder,
                                     stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT)
    found = lambda: re.search(r"[Dd]isabled wait state\s+(?:PSW[= ]*)?([0-9A-F]{8}) ?([0-9A-F]{8})", log.read_text(errors="replace"))
    try:
        wait_until(found, "a disabled wait state in " + str(log), BARE_SECONDS)
    except Failed as reason:
        raise Failed(f"{reason}\n{log.read_text(errors='replace')[-2000:]}") from None
    finally:
        emulator.kill()
        emulator.wait()
    return int(found().group(2), 16) & 0x7fffffff


def activate_queues(network):
    """ACTIVATE QUEUES with a data address outside storage and a command chained to it, as z/VM's virtual switch has it."""
    address = wait_state(network, "activate.s")
    check(address == 0x6000, f"the program ended at {address:X}: see tests/hercules/guest/activate.s")


def interruptions(guest):
    """What the guest has counted, by name: QAI are the QDIO adapters' own, CIO come from subchannels."""
    rows = [line.split() for line in guest.run("cat /proc/interrupts").lines]
    return {row[0].rstrip(":"): int(row[1]) for row in rows if len(row) > 1 and row[1].isdigit()}


def thin_interruptions(network):
    """A guest that has set indicators gets adapter interruptions for its data, where the emulator makes them: Hyperion.
    It looks at no queue whose indicator is not set (Linux, drivers/s390/cio/qdio_thinint.c)."""
    ensure_up(network)
    first = network.guests[0]
    before = interruptions(first)
    check_pings(first, KIND.address(4, 2), [56], 20)
    after = interruptions(first)
    thin, by_subchannel = (after.get(name, 0) - before.get(name, 0) for name in ("QAI", "CIO"))
    counts = f"{thin} adapter interruptions and {by_subchannel} of subchannels for 20 pings"
    if "Hyperion" in first.log():
        check(thin >= 20 and by_subchannel < 20, counts)
    else:
        check(thin == 0 and by_subchannel >= 20, counts)
    check(not first.alarms(), "kernel messages")


CASES = (device_order, devinit, activate_queues, thin_interruptions)
