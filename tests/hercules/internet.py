#!/usr/bin/env python3
"""Runs a command where the Internet is this program: in a network namespace of its own, with a neighbour in another one
that resolves names and serves a page as http://example.com/ does. Nothing leaves the machine.

  internet.py [--limit SECONDS] COMMAND...

Exit code: the command's; 78: namespaces can't be had here; 124: it took longer.
"""
import argparse
import http.server
import os
import pathlib
import socket
import socketserver
import struct
import subprocess
import sys
import tempfile
import threading
import time

NO_NAMESPACES = 78
INTERNET, HOST = "198.18.0.1", "198.18.0.2"  # RFC 2544: nobody's on the Internet
PAGE = b"<html><title>Example Domain</title><h1>Example Domain</h1></html>\n"
SECONDS = 10


def run(*command):
    subprocess.run(command, check=True, timeout=SECONDS)


def answer_to(query):
    """A DNS answer: example.com and www.example.com are here, nobody else is known."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]])
        at += 1 + query[at]
    question = query[12:at + 5]
    kind = struct.unpack_from(">H", query, at + 1)[0]
    known = b".".join(labels).lower() in (b"example.com", b"www.example.com")
    records = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton(INTERNET) if known and kind == 1 else b""
    return query[:2] + struct.pack(">HHHHH", 0x8180 | (0 if known else 3), 1, 1 if records else 0, 0, 0) + question + records


class Names(socketserver.BaseRequestHandler):
    def handle(self):
        query, reply = self.request
        try:
            reply.sendto(answer_to(query), self.client_address)
        except (IndexError, struct.error):
            pass  # not a question


class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_):
        pass


def be_the_internet():
    end = time.monotonic() + SECONDS
    while not pathlib.Path("/proc/self/net/dev").read_text().count("net0:"):
        if time.monotonic() > end:
            sys.exit("internet.py: no interface comes")
        time.sleep(0.02)
    run("ip", "addr", "add", f"{INTERNET}/24", "dev", "net0")
    run("ip", "link", "set", "net0", "up")
    names = socketserver.UDPServer((INTERNET, 53), Names)
    threading.Thread(target=names.serve_forever, daemon=True).start()
    pages = http.server.ThreadingHTTPServer((INTERNET, 80), Pages)
    print("ready", flush=True)
    pages.serve_forever()


def inside(command):
    internet = subprocess.Popen(["unshare", "-n", sys.executable, __file__, "--internet"], stdout=subprocess.PIPE)
    run("ip", "link", "set", "lo", "up")
    # unshare(1) becomes the program: its process is in the namespace as soon as it shows another one.
    ours = os.readlink("/proc/self/ns/net")
    end = time.monotonic() + SECONDS
    while os.readlink(f"/proc/{internet.pid}/ns/net") == ours and time.monotonic() < end:
        time.sleep(0.01)
    run("ip", "link", "add", "host0", "type", "veth", "peer", "name", "net0", "netns", str(internet.pid))
    run("ip", "addr", "add", f"{HOST}/24", "dev", "host0")
    run("ip", "link", "set", "host0", "up")
    run("ip", "route", "add", "default", "via", INTERNET)
    with tempfile.NamedTemporaryFile("w") as names:
        names.write(f"nameserver {INTERNET}\n")
        names.flush()
        run("mount", "--bind", names.name, os.path.realpath("/etc/resolv.conf"))
        if internet.stdout.readline() != b"ready\n":
            sys.exit("internet.py: it does not come up")
        return subprocess.call(command)


def can_be_had(words):
    tried = subprocess.run([*words, "sh", "-c", "ip link add probe0 type veth peer name probe1"], capture_output=True, check=False)
    return tried.returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, default=3600)
    parser.add_argument("--internet", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if options.internet:
        return be_the_internet()
    if options.inside:
        return inside(options.command)
    apart = ["unshare", *(["-Ur"] if os.geteuid() else []), "-n", "-m", "--fork", "--pid", "--mount-proc", "--kill-child"]
    if not can_be_had(apart):
        print("SKIPPED internet: network namespaces can't be had here", file=sys.stderr)
        return NO_NAMESPACES
    return subprocess.call(["timeout", "-k", "2", str(options.limit), *apart, sys.executable, __file__, "--inside",
                            *options.command])


if __name__ == "__main__":
    sys.exit(main())
