#!/usr/bin/env python3
"""`vmlan replay` as a program: input from pipes, compressed, growing; Ctrl-C; output that can't be written; memory
that does not grow with the trace.

usage: replay_program.py --vmlan PROGRAM
"""
import gzip
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

VMLAN = sys.argv[sys.argv.index("--vmlan") + 1]
LIMIT = 120  # seconds, of any one program


def run(*words, **more):
    return subprocess.run([VMLAN, "replay", *map(str, words)], capture_output=True, timeout=LIMIT, **more)


def synth(path, packets, *more):
    subprocess.run([VMLAN, "synth", path, "--users", "20", "--packets", str(packets), "--broadcast", "0", "--multicast", "0",
                    *more], check=True, timeout=LIMIT)
    return path


def number(text, name):
    found = re.search(rf"^ *{re.escape(name)} +(\d+)$", text, re.MULTILINE)
    return int(found.group(1)) if found else 0


def body(output):
    """What does not name the file."""
    return [line for line in output.decode().splitlines() if not line.startswith("Trace: ")]


def the_same_whichever_way_it_comes(folder):
    plain = synth(folder / "plain.pcap", 5000)
    expected = run("--no-rate", plain)
    assert expected.returncode == 0, expected
    packed = folder / "packed.pcap.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    piped = run("--no-rate", "-", input=plain.read_bytes())
    fifo = folder / "fifo"
    os.mkfifo(fifo)
    with subprocess.Popen(["sh", "-c", f"cat {plain} > {fifo}"]) as writer:
        through = run("--no-rate", fifo)
        writer.wait(LIMIT)
    for other in (run("--no-rate", packed), piped, through):
        assert other.returncode == 0 and body(other.stdout) == body(expected.stdout), other


def a_growing_file_is_followed_until_ctrl_c(folder):
    whole = synth(folder / "whole.pcap", 2000).read_bytes()
    grows = folder / "grows.pcap"
    grows.write_bytes(whole[:1000])
    with subprocess.Popen([VMLAN, "replay", "--follow", "--no-rate", grows], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as replay:
        time.sleep(0.5)
        with grows.open("ab") as file:
            file.write(whole[1000:])
        time.sleep(1.5)
        replay.send_signal(signal.SIGINT)
        out, err = replay.communicate(timeout=LIMIT)
    text = out.decode()
    assert replay.returncode == 130, (replay.returncode, err)
    assert text.startswith("PARTIAL"), text
    assert number(text, "received, as sent and in order") == 2000, text


def ctrl_c_is_answered_soon_with_a_valid_report(folder):
    trace = synth(folder / "long.pcap", 20_000)
    # In the middle of it, and of readings before it.
    packed = folder / "long.pcap.gz"
    packed.write_bytes(gzip.compress(trace.read_bytes(), 1))
    return ", ".join(interrupted(folder, *words) for words in (
        ("--loop", "1000000", trace), ("--survey", *[trace] * 200), ("--closed", *[trace] * 200),
        ("--closed", "--survey", *[packed] * 50)))


def wait_until_signals_are_caught(process):
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        caught = re.search(r"^SigCgt:\s*([0-9a-f]+)$", pathlib.Path(f"/proc/{process.pid}/status").read_text(), re.MULTILINE)
        if int(caught.group(1), 16) >> (signal.SIGINT - 1) & 1:
            return
        time.sleep(0.01)


def interrupted(folder, *words):
    report = folder / "partial.json"
    report.unlink(missing_ok=True)
    command = [VMLAN, "replay", "--no-rate", "--json", report, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as replay:
        wait_until_signals_are_caught(replay)
        time.sleep(0.2)
        asked = time.monotonic()
        replay.send_signal(signal.SIGINT)
        out, err = replay.communicate(timeout=LIMIT)
        took = time.monotonic() - asked
    assert replay.returncode == 130, (replay.returncode, err)
    document = json.loads(report.read_text())
    assert document["partial"] is True and document["faults"] == [], document["faults"]
    assert out.decode().startswith("PARTIAL: interrupted after"), out
    # 0.3 s are aimed at; a busy machine is not the program's fault.
    assert took < 3, took
    return f"{took:.2f} s"


def what_cannot_be_written_is_said(folder):
    trace = synth(folder / "short.pcap", 100)
    for option in ("--json", "--pcapng"):
        done = run(option, "/dev/full", trace)
        assert done.returncode != 0 and b"/dev/full" in done.stderr, (option, done)
    done = run("--csv", trace / "no-folder", trace)
    assert done.returncode == 1, done
    with open("/dev/full", "wb") as full:
        done = subprocess.run([VMLAN, "replay", trace], stdout=full, stderr=subprocess.PIPE, timeout=LIMIT)
    assert done.returncode == 1, done


def a_round_that_cannot_be_read_is_no_success(folder):
    trace = synth(folder / "gone.pcap", 20_000)
    with subprocess.Popen([VMLAN, "replay", "--loop", "1000000", trace], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as replay:
        time.sleep(0.5)
        trace.unlink()
        _, err = replay.communicate(timeout=LIMIT)
    assert replay.returncode == 1 and b"VMLRPL501E" in err, (replay.returncode, err)


def memory(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))


def memory_does_not_grow_with_the_trace(folder):
    trace = synth(folder / "looped.pcap", 20_000)
    # A build with AddressSanitizer keeps what was freed, 256 MB of it unless told.
    sanitizer = {"ASAN_OPTIONS": ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "quarantine_size_mb=1:thread_local_quarantine_size_kb=64"]))}
    with subprocess.Popen([VMLAN, "replay", "--loop", "1000000", trace], env=os.environ | sanitizer,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as replay:
        time.sleep(2)
        before = memory(replay.pid)
        time.sleep(3)
        after = memory(replay.pid)
        replay.kill()
    assert after < before + 4096, (before, after)
    return f"{before} KiB, then {after} KiB"


def main():
    tests = [the_same_whichever_way_it_comes, a_growing_file_is_followed_until_ctrl_c, ctrl_c_is_answered_soon_with_a_valid_report,
             what_cannot_be_written_is_said, a_round_that_cannot_be_read_is_no_success, memory_does_not_grow_with_the_trace]
    for test in tests:
        with tempfile.TemporaryDirectory(prefix="vmlan-replay-") as folder:
            said = test(pathlib.Path(folder))
        print(f"{test.__name__.replace('_', ' ')}: ok{' (' + said + ')' if said else ''}", flush=True)


main()
