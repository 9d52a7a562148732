#!/usr/bin/env python3
"""The page of `vmlan replay --html` in a browser that nobody sees: it is drawn, in light and dark, on a phone and on
paper, and asks nothing of anybody. Every wait has an end. Skipped (exit code 77) without chromium.

replay_page.py --vmlan PROGRAM [--keep FOLDER] [unittest options]
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
import unittest
import zlib

from vmlan_program import LIMIT, VMLAN

KEEP = None  # where pictures are left, for people
if sys.argv[1:2] == ["--keep"]:
    KEEP = pathlib.Path(sys.argv[2])
    del sys.argv[1:3]
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE = 120  # seconds for a browser, which needs two
# A name that would run if it were taken for HTML.
HOSTILE = "a<img src=x onerror=fail()><!--<script>.pcap"


def address(user):
    return bytes([10, 1, user >> 8 & 255, user & 255])


def packet(source, destination, length, identification):
    header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, length, identification, 0, 64, 17, 0, source, destination)
    return header + struct.pack(">HHHH", 1000, 53, length - 20, 0) + bytes(length - 28)


def trace(path, users, packets):
    """Some seconds between users of unlike weight, one of whom is nobody."""
    chance = random.Random(1)
    time = 0
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number in range(packets):
            time += chance.randrange(8_000 if number % 600 < 400 else 1_000)
            source = 1 + int(users * chance.random() ** 2)
            destination = 1 + (source + int((users - 1) * chance.random() ** 3)) % users
            length = chance.choice([60, 90, 200, 600, 1400])
            there = bytes([255] * 4) if number % 97 == 0 else address(destination)
            frame = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + packet(address(source), there, length, number & 65535)
            if number % 71 == 0:
                frame = frame[:12] + b"\x08\x06" + bytes(28)
            file.write(struct.pack("<IIII", 1000 + time // 1_000_000, time % 1_000_000, len(frame), len(frame)) + frame)


def replay(path, page, *options):
    return subprocess.run([VMLAN, "replay", str(path), "--html", str(page), "--no-rate", *options], capture_output=True,
                          text=True, timeout=LIMIT, check=False)


def bounded(command, environment):
    """A browser is many processes: all of them end with it."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="replace", env=environment, start_new_session=True) as process:
        try:
            output, errors = process.communicate(timeout=PATIENCE)
            return subprocess.CompletedProcess(command, process.returncode, output, errors)
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


def first_pixel(picture):
    """Of a PNG; for the first one every filter leaves the colour as it is."""
    data, at, packed = picture.read_bytes(), 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        packed += data[at + 8:at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    return tuple(zlib.decompress(packed)[1:4])


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.folder = pathlib.Path(cls.temporary.name)
        trace(cls.folder / HOSTILE, 14, 3000)
        cls.page = cls.folder / "report.html"
        told = replay(cls.folder / HOSTILE, cls.page, "--link", "rate=2M,delay=1ms,queue=12,loss=1%",
                      "--service-time", "100us")
        if told.returncode != 0:
            raise AssertionError(told.stdout + told.stderr)
        cls.told = told.stdout
        if KEEP:
            KEEP.mkdir(parents=True, exist_ok=True)
            shutil.copy(cls.page, KEEP / "report.html")

    def browser(self, page, *options, size="1280,2000", dark=False):
        with tempfile.TemporaryDirectory(dir=self.folder) as profile:
            return bounded(
                [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--enable-logging=stderr",
                 f"--user-data-dir={profile}", f"--window-size={size}", "--hide-scrollbars",
                 f"--blink-settings=preferredColorScheme={0 if dark else 1}", "--virtual-time-budget=3000", *options,
                 page.as_uri()],
                {**os.environ, "HOME": profile})

    def kept(self, name):
        return (KEEP or self.folder) / name

    def test_everything_is_drawn_and_nothing_is_asked_or_complained_about(self):
        seen = self.browser(self.page, "--dump-dom")
        shown = seen.stdout.partition('<script type="application/json"')[0]
        self.assertIn('data-state="shown"', shown, seen.stderr)
        for chart in ("Who talks to whom", "Packets a second over time", "Bits a second over time", "Latency over time",
                      "Latency by user", "Queues", "Input buffers", "Drops by name"):
            self.assertIn(f'aria-label="{chart}"', shown)
        self.assertEqual(len(re.findall(r"<svg[ >]", shown)), 8)
        self.assertEqual(re.findall(r".*CONSOLE.*", seen.stderr), [])
        self.assertIsNone(re.search(r"NaN|undefined|\[object", shown))
        for words in ("The sum holds", "link: queue full", "10.1.0.3", "255.255.255.255", "SYSTEM.REPLAY", "R0000001", "2000000"):
            self.assertIn(words, shown)
        received = int(re.search(r"received, as sent and in order +(\d+)", self.told).group(1))
        self.assertIn(f"{received:,}", shown)
        self.assertIn("a&lt;img src=x onerror=fail()&gt;&lt;!--&lt;script&gt;.pcap", shown)

    def test_its_policy_lets_nothing_in_from_outside(self):
        probe = self.folder / "probe.html"
        text = self.page.read_text()
        self.assertIn("default-src 'none'", text)
        probe.write_text(text.replace("</main>", "</main><img src='http://127.0.0.1:9/x.png'><script>fail()</script>"))
        seen = self.browser(probe, "--dump-dom")
        self.assertEqual(len(re.findall(r"CONSOLE.*Content Security Policy", seen.stderr)), 2, seen.stderr)

    def test_tables_are_sorted_and_a_phone_needs_not_scroll_sideways(self):
        text = self.page.read_text()
        # Without the policy a script can click and measure: inside of a frame as wide as a phone.
        bare = self.folder / "bare.html"
        bare.write_text(re.sub(r"<meta http-equiv=[^>]*>", "", text).replace(
            "</body>", """<script>
            document.querySelector("#flows th:nth-child(2) button").click();
            document.querySelector("#talks .choice button:last-child").click();
            Object.assign(parent.document.body.dataset, {
              wide: document.documentElement.scrollWidth,
              first: document.querySelector("#flows tbody td:nth-child(2)").textContent,
              rows: document.querySelectorAll("#users tbody tr").length,
              matrix: document.querySelector("#talks title").textContent});
            </script></body>"""))
        frame = self.folder / "frame.html"
        frame.write_text("<!DOCTYPE html><body><iframe src='bare.html' style='width:390px;height:3000px;border:0'></iframe>")
        seen = self.browser(frame, "--allow-file-access-from-files", "--dump-dom")
        for told in ('data-wide="390"', 'data-first="10.1.0.1:1000"', 'data-rows="14"', 'data-matrix="10.1.0.'):
            self.assertIn(told, seen.stdout, seen.stderr)

    def test_it_is_light_or_dark_as_its_reader_wants_it(self):
        for dark, size in ((False, "1280,5200"), (True, "1280,5200"), (False, "500,6000"), (True, "500,6000")):
            picture = self.kept(f"{'dark' if dark else 'light'}-{size.split(',', maxsplit=1)[0]}.png")
            self.browser(self.page, f"--screenshot={picture}", size=size, dark=dark)
            brightness = sum(first_pixel(picture)) / 3
            self.assertTrue(brightness < 60 if dark else brightness > 240, (dark, size, brightness))

    def test_it_can_be_put_on_paper(self):
        paper = self.kept("paper.pdf")
        self.browser(self.page, f"--print-to-pdf={paper}", "--no-pdf-header-footer", dark=True)
        self.assertTrue(paper.read_bytes().startswith(b"%PDF"))

    def test_connections_that_stacks_play_are_in_charts_and_tables(self):
        made = self.folder / "tcp.pcap"
        subprocess.run([VMLAN, "synth", made, "--tcp", "100%", "--users", "6", "--packets", "2000", "--broadcast", "0",
                        "--multicast", "0"], check=True, capture_output=True, timeout=LIMIT)
        page = self.folder / "closed.html"
        told = replay(made, page, "--closed", "--link", "rate=20M,delay=5ms,loss=1%")
        self.assertEqual(told.returncode, 0, told.stdout + told.stderr)
        seen = self.browser(page, "--dump-dom")
        shown = seen.stdout.partition('<script type="application/json"')[0]
        self.assertEqual(re.findall(r".*CONSOLE.*", seen.stderr), [])
        for words in ("Connections played by stacks", "ended as in the trace", "sent again", "link: lost", "in the trace, median"):
            self.assertIn(words, shown)
        for chart in ("Who talks to whom", "Packets a second over time", "Latency over time", "Drops by name"):
            self.assertIn(f'aria-label="{chart}"', shown)
        self.assertIsNone(re.search(r"NaN|undefined|\[object|Every packet arrived", shown))
        if KEEP:
            self.browser(page, f"--screenshot={KEEP / 'closed.png'}", size="1280,5200")

    def test_where_nothing_took_time_and_nothing_was_dropped_it_says_so(self):
        trace(self.folder / "two.pcap", 2, 5)
        page = self.folder / "two.html"
        replay(self.folder / "two.pcap", page, "--filter", "host 10.1.0.1 and host 10.1.0.2")
        seen = self.browser(page, "--dump-dom")
        shown = seen.stdout.partition('<script type="application/json"')[0]
        self.assertIn("Every packet arrived at the time it left", shown, seen.stderr)
        self.assertEqual(re.findall(r".*CONSOLE.*", seen.stderr), [])
        if KEEP:
            self.browser(page, f"--screenshot={KEEP / 'two.png'}")


def skip_reason():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        trace(path / "one.pcap", 2, 1)
        told = replay(path / "one.pcap", path / "one.html")
        if told.returncode == 2:
            # Refused before anything is replayed, with what to do.
            if "npm" not in told.stderr or told.stdout or (path / "one.html").exists():
                sys.exit(f"--html is not refused as it should be: {told.stdout}{told.stderr}")
            return "this vmlan was built without the page of reports"
    return None if BROWSER else "chromium is missing (scripts/setup page)"


if __name__ == "__main__":
    reason = skip_reason()
    if reason:
        print(f"SKIPPED: {reason}")
        sys.exit(77)
    unittest.main()
