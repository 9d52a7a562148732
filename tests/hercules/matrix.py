#!/usr/bin/env python3
"""Guests with Debian's own kernel in Debian's own emulator, on guest LANs: every kind of card, IPv4 and IPv6.

  tests/hercules/matrix.py [--only REGEX] [--long] [--list] [--verbose] [--keep FOLDER] [--hercules PROGRAM] --vmlan PATH --module PATH

Cases are named KIND/ipv4|ipv6/CASE. They share one boot of two guests with other/* and lifecycle/*, which come last; not so
stock, which starts the kernel file and the modules as Debian's package has them. --long: 100 times offline and online
instead of 5. --keep keeps the logs. --hercules: another emulator, SDL Hyperion for example; the module has to be built for it.

Exit code 0: all cases passed; 1: one failed; 77: the emulator or a package can't be had, nothing was tested.
"""
import argparse
import pathlib
import re
import sys
import time
import traceback

import cases
import lifecycle
import other_guests
from network import KINDS, Network
from rig import BUILD, SKIPPED, Failed, Rig, Skip


class Report:
    """One line for each case."""

    def __init__(self, only):
        self._only = re.compile(only)
        self.passed, self.failed = [], []

    def wants(self, name):
        return bool(self._only.search(name))

    def run(self, name, test, *arguments):
        """Whether the case passed; not wanted counts as passed."""
        if not self.wants(name):
            return True
        started = time.monotonic()
        try:
            test(*arguments)
        except Failed as reason:
            self.fail(name, reason)
            return False
        except (KeyError, ValueError, OSError) as reason:  # an answer without what was asked for
            self.fail(name, "".join(traceback.format_exception(reason, limit=-3)))
            return False
        self.passed.append(name)
        print(f"ok      {name}  {time.monotonic() - started:.1f} s", flush=True)
        return True

    def fail(self, name, reason):
        self.failed.append(name)
        print(f"FAILED  {name}: {str(reason).replace(chr(10), chr(10) + '        ')}", flush=True)


def room(part):
    return "other" if part is other_guests else "lifecycle"


def names():
    for kind in KINDS:
        yield f"{kind.name}/bring-up"
        for case in cases.CASES:
            for family in case.families if case.suits(kind) else ():
                yield f"{kind.name}/ipv{family}/{case.name}"
    for part in (other_guests, lifecycle):
        yield from (f"{room(part)}/{case.__name__}" for case in part.CASES)
    yield from ("shutdown", "stock")


def dropped(link):
    """What the LAN says it has dropped: the first question after a loss."""
    lines = link.network.base.cp(f"QUERY LAN {link.kind.lan} OWNERID SYSTEM DETAILS", rc=None)[1]
    return "\n".join(line.strip() for line in lines if re.match(r"\s+(Adapter Owner|Dropped)", line))


def run_case(case, link):
    try:
        case.run(link)
    except Failed as reason:
        raise Failed(f"{reason}\n{dropped(link)}") from None
    for guest in link.guests:
        alarms = guest.alarms()
        if alarms:
            raise Failed(f"{guest.name}'s kernel says:\n" + "\n".join(alarms))


def run_kind(report, network, kind, long):
    wanted = [(f"{kind.name}/ipv{family}/{case.name}", case, family) for case in cases.CASES if case.suits(kind)
              for family in case.families]
    wanted = [entry for entry in wanted if report.wants(entry[0])]
    if not wanted and not report.wants(f"{kind.name}/bring-up"):
        return
    try:
        links = cases.bring_up(network, kind, long)
    except Failed as reason:
        report.fail(f"{kind.name}/bring-up", reason)
        for name, _, _ in wanted:
            report.fail(name, "the cards did not come up")
        return
    report.passed.append(f"{kind.name}/bring-up")
    print(f"ok      {kind.name}/bring-up", flush=True)
    for name, case, family in wanted:
        report.run(name, run_case, case, links[family])


def main_boot(report, options):
    chosen = [name for name in names() if report.wants(name) and name not in ("shutdown", "stock")]
    if not chosen:
        return
    with Rig(options.verbose, options.keep, options.hercules) as rig:
        network = Network(rig, options.vmlan, options.module)
        network.start()
        seconds = ", ".join(f"{guest.boot_seconds['ready']:.1f} s" for guest in network.guests)
        print(f"        two guests up after {seconds}", flush=True)
        for kind in KINDS:
            run_kind(report, network, kind, options.long)
        for part in (other_guests, lifecycle):
            for case in part.CASES:
                report.run(f"{room(part)}/{case.__name__}", case, network)
        report.run("shutdown", network.stop)


def stock_boot(report, options):
    if report.wants("stock"):
        with Rig(options.verbose, options.keep and options.keep / "stock", options.hercules) as rig:
            report.run("stock", cases.stock, lambda **how: Network(rig, options.vmlan, options.module, **how), KINDS[0])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vmlan", type=pathlib.Path, default=BUILD / "release/vmlan")
    parser.add_argument("--module", type=pathlib.Path, default=BUILD / "release/hercules/hdtvnic.so")
    parser.add_argument("--hercules", default="hercules")
    parser.add_argument("--only", default="")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--keep", type=pathlib.Path)
    return parser.parse_args()


def main():
    options = arguments()
    if options.list:
        print("\n".join(names()))
        return 0
    report = Report(options.only)
    started = time.monotonic()
    try:
        for program in (options.vmlan, options.module):
            if not program.exists():
                raise Skip(f"{program} is not built")
        main_boot(report, options)
        stock_boot(report, options)
    except Skip as reason:
        print(f"SKIPPED hercules matrix: {reason}")
        return SKIPPED
    except Failed as reason:
        report.fail("the rig", reason)
    print(f"{len(report.passed)} cases passed, {len(report.failed)} failed, {time.monotonic() - started:.0f} s")
    for name in report.failed:
        print(f"  failed: {name}")
    return 1 if report.failed or not report.passed else 0


if __name__ == "__main__":
    sys.exit(main())
