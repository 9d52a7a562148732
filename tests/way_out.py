#!/usr/bin/env python3
"""Ways out of a LAN, as a person asks for them. Nothing leaves the process but what this asks for, and this asks the NAT
itself.

way_out.py --vmlan PROGRAM [unittest options]
"""
import os
import pathlib
import socket
import tempfile
import unittest

from vmlan_program import System, run


class WayOut(unittest.TestCase):
    SCRIPT = """\
.DIRECTORY
USER ALICE NOPASS 32M 64M G
 IPL CMS
 NICDEF 0600 TYPE QDIO LAN SYSTEM LAN1
.END
OPERATOR> DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO ETHERNET
OPERATOR> DEFINE UPLINK 0A00 NAT
OPERATOR> SET LAN LAN1 OWNERID SYSTEM UPLINK RDEV 0A00
ALICE> LOGON ALICE
ALICE> IFCONFIG 0600 DHCP
ALICE> PING 10.0.2.2
OPERATOR> QUERY UPLINK
"""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_a_user_gets_its_address_from_the_nat_and_reaches_it(self):
        script = self.folder / "out.vm"
        script.write_text(self.SCRIPT)
        result = run("run", str(script), "--clock", "real")
        if "built without NAT" in result.stdout:
            self.skipTest("vmlan was built without NAT")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("10.0.2.15", result.stdout)
        self.assertIn("PING: Ping #1 response took", result.stdout)
        self.assertIn("State: Ready      Traffic: Active   LAN: SYSTEM LAN1", result.stdout)

    def test_a_script_in_virtual_time_has_no_way_out(self):
        script = self.folder / "out.vm"
        script.write_text("OPERATOR> DEFINE UPLINK 0A00 NAT\n")
        self.assertIn("use --clock real", run("run", str(script)).stdout)

    def test_a_system_that_a_guest_starts_has_its_users_settings(self):
        settings = self.folder / "settings/vmlan"
        settings.mkdir(parents=True)
        (settings / "system.vm").write_text("OPERATOR> DEFINE UPLINK 0A00 NAT\nALICE> LOGON ALICE\n")
        (settings / "user.direct").write_text("USER ALICE NOPASS 32M 64M G\n")
        path, environment = self.folder / "s", dict(os.environ, XDG_CONFIG_HOME=str(settings.parent))
        with System(path, words=["--until-idle"], env=environment) as system:
            self.assertTrue(system.shows("QUERY UPLINK", "Uplink 0A00.P00 NAT"))
            self.assertTrue(system.shows("QUERY NAMES", "ALICE"))
        with System(path, env=environment) as system:
            self.assertTrue(system.shows("QUERY UPLINK", "No uplink is defined"))
        (settings / "system.vm").write_text(".NOSUCH\n")
        result = run("serve", "--until-idle", "--socket", str(path), env=environment)
        self.assertEqual(result.returncode, 2)
        self.assertIn("system.vm:1:", result.stderr)

    def test_a_port_is_forwarded_and_closed_while_it_works(self):
        path = self.folder / "s"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]

        def is_open():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        with System(path, words=["--nat"]) as system:
            self.assertTrue(system.shows("QUERY UPLINK", "NAT"))
            for words, expected in ((f"FORWARD TCP {port} 10.0.2.15:22", True), (f"NOFORWARD TCP {port}", False)):
                result = run("cp", "--socket", str(path), f"SET UPLINK 0A00 {words}")
                self.assertEqual(result.stdout, "Command complete\n")
                self.assertEqual(is_open(), expected, words)

    def test_serve_has_one_if_asked(self):
        path = self.folder / "s"
        for words, shown in ((["--nat"], "Uplink 0A00.P00 NAT 10.0.2.0/24"), ([], "No uplink is defined")):
            with System(path, words=words):
                self.assertIn(shown, run("cp", "--socket", str(path), "QUERY UPLINK").stdout)


if __name__ == "__main__":
    unittest.main()
