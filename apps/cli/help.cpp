#include "apps/cli/help.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "apps/cli/command_line.h"

namespace vmlan::apps {

namespace {

struct CommandHelp {
  std::string_view command;
  std::string_view text;
};

constexpr std::string_view general =
    R"(vmlan: z/VM-style guest LANs outside the mainframe. Users (virtual machines) with virtual network adapters
are logged on, coupled to a LAN, and talk TCP/IP, all in this one process: no root, no TAP device.

  vmlan run SCRIPT [ARGUMENT...]   do what a script types at the consoles; print all they show
                                     vmlan run examples/two-users.vm
  vmlan test FILE...               run transcripts and compare the answers with the recorded ones
                                     vmlan test tests/scripts --junit report.xml
  vmlan console [USERID]           sit at the consoles yourself
                                     vmlan console ALICE
  vmlan serve [SCRIPT]             run a system that Hercules guests join
                                     vmlan serve --directory users.direct
  vmlan cp COMMAND                 give that system a CP command
                                     vmlan cp QUERY LAN ALL DETAILS
  vmlan capture LAN [FILTER]       the frames of one of its LANs, live, for Wireshark and its kin
                                     vmlan capture LAN1 | tshark -r -
  vmlan hercules check             whether Hercules takes the module, and what to write into its configuration
                                     vmlan hercules check --hercules /opt/hyperion/bin/hercules
  vmlan replay TRACE               send a captured trace through a LAN of its users; count every packet
                                     vmlan replay capture.pcap
  vmlan synth [FILE]               make up a workload, as such a trace
                                     vmlan synth day.pcap --users 1000 --packets 1000000

  vmlan help COMMAND               the options of one of them, and how to begin
  vmlan --version                  the version of this program

The manual: docs/MANUAL.md, or: man vmlan. On a console, HELP lists the commands of CP and CMS.
Exit codes: 0 all went well, 1 something failed while running, 2 the command, script or directory is wrong,
130 Ctrl-C.
)";

constexpr std::array command_helps{
    CommandHelp{"run", R"(vmlan run SCRIPT [ARGUMENT...]

A script holds what is typed at the consoles of users, one line each, and may hold what they answered:

  * Define a LAN, log ALICE on, give her an adapter
  OPERATOR> DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO IP
  ALICE> LOGON ALICE
  ALICE> DEFINE NIC 0600 TYPE QDIO
  ALICE: NIC 0600 is created; devices 0600-0602 defined
  ALICE> COUPLE 0600 TO SYSTEM LAN1

Lines "NAME: text" are recorded answers and are not typed. Other lines: "* comment", and statements:
.DIRECTORY .FILE .PUT .GET .WAIT .SLEEP .EXPECT .STRICT .TIMEOUT .DEFAULT (docs/MANUAL.md, "Scripts"). The
arguments stand in the script as &1 to &9. What is printed is a script again: it can be kept, compared, run.

A script ends when the last command of every console has ended. It fails if one does not, if something it waits
for or expects does not come, and, with --strict, at each return code other than 0 that it does not expect.

  vmlan run examples/two-users.vm              ALICE sends BOB a file over TCP
  vmlan run examples/two-users.vm /etc/hosts   a file of your choice

)"},
    CommandHelp{"test", R"(vmlan test FILE...

A transcript is a script with the answers its consoles gave: what vmlan run prints. Each FILE (or each *.vm in a
folder) is run in a process and an empty folder of its own, and what it prints is compared with what is recorded:

  ALICE> PING 10.1.1.2
  ALICE: Ping Level 630: Pinging host ...     "..." in an answer: any text
  ...                                         "..." alone: any number of answers
  .IGNORE OPERATOR: GRAF ...                  answers like this do not count, in the whole file

Prints TAP; what differs is shown as a unified difference, with file and line. A run fails too if a command does
not end, an .EXPECT is not met, or it takes longer than --limit.

  vmlan run new.vm > tests/new.vm             record a transcript
  vmlan test tests                            compare; ok or not ok for each
  vmlan test -j 8 --junit report.xml tests    eight at once, with a report for a CI system
  vmlan test --update tests/new.vm            take the answers of now; lines with ... that still fit stay

Exit codes: 0 all as recorded, 1 at least one is not, 2 a file cannot be read; nothing was run.

)"},
    CommandHelp{"console", R"(vmlan console [USERID]

You type, the consoles answer, in real time. With USERID its LOGON is typed for you; without, you are OPERATOR.

  vmlan console
  OPERATOR> DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO IP
  OPERATOR> .CONSOLE ALICE
  ALICE> LOGON ALICE
  ALICE> DEFINE NIC 0600 TYPE QDIO
  ALICE> COUPLE 0600 TO SYSTEM LAN1
  ALICE> IPL CMS
  ALICE> HELP
  ALICE> .QUIT

"NAME> text" types one line at another console, ".CONSOLE NAME" goes there, .HELP lists more. Statements of
scripts (.PUT, .GET, ...) work too. Input may come from a pipe: then each line waits for the one before, and the
end for the last command of every console.

  vmlan console ALICE <commands.txt

Exit codes: 0 all went well, or a person ended it; 1 a command from the pipe ended with a return code other than 0
that no .EXPECT names, did not end within --timeout, or a line was wrong; 2 the directory is wrong; 130 Ctrl-C.
Ctrl-C ends the command that runs at the console; if none does, or it goes on, vmlan. Passwords do not appear.

)"},
    CommandHelp{"serve", R"(vmlan serve [SCRIPT]

Runs a system in real time that guests in Hercules join as users: device type VNIC of module hdtvnic. The lines
of SCRIPT are carried out first: LANs, users, whatever a script may hold. A guest that names a LAN which does not
exist defines it (SYSTEM-owned; QDIO LANs ETHERNET); one that names none is coupled to SYSTEM LAN1 or, a
HiperSockets NIC, to SYSTEM HIPER1. Ends at Ctrl-C.

A system that a first guest has started (--until-idle) carries out system.vm and has the directory user.direct in
$XDG_CONFIG_HOME/vmlan or ~/.config/vmlan, where there are such files.

1. Two Hercules guests on a LAN. The statement stands in each guest's Hercules configuration:

  vmlan serve
  0A00.3 VNIC user LINUX1
  0A00.3 VNIC user LINUX2

2. Guests with a way out, by NAT, with DHCP and names; this host itself stays closed to them:

  vmlan serve --nat
  0A00.3 VNIC user LINUX1

3. A switch with VLANs. LINUX1 and LINUX2 do not reach each other; LINUX3, which tags its frames, reaches both:

  vmlan serve switch.vm, with these lines in switch.vm:
  OPERATOR> DEFINE VSWITCH VSW1 ETHERNET VLAN AWARE
  OPERATOR> SET VSWITCH VSW1 GRANT LINUX1 VLAN 10
  OPERATOR> SET VSWITCH VSW1 GRANT LINUX2 VLAN 20
  OPERATOR> SET VSWITCH VSW1 GRANT LINUX3 PORTTYPE TRUNK VLAN 10 20
  0A00.3 VNIC user LINUX1 lan SYSTEM.VSW1
  0A00.3 VNIC user LINUX2 lan SYSTEM.VSW1
  0A00.3 VNIC user LINUX3 lan SYSTEM.VSW1

)"},
    CommandHelp{"cp", R"(vmlan cp COMMAND

Gives the running system a CP command, with the operator's authority, and prints the response. Exit code 0 if CP
ended it with return code 0.

  vmlan cp QUERY NAMES
  vmlan cp QUERY LAN LAN1 OWNERID SYSTEM DETAILS
  vmlan cp FORCE LINUX1

)"},
    CommandHelp{"capture", R"(vmlan capture LAN [FILTER]

Writes the frames of a LAN of the running system as pcapng, from now on until Ctrl-C. LAN is the name of a LAN of
owner SYSTEM, or OWNER.NAME. Each frame stands once, on the interface of its sender (USERID.vdev; what has come in
from outside: UPLINK.rdev, or UPLINK.GROUP.name of a port group); one that was dropped has the reason as its comment. FILTER
is tcpdump's. At the end standard error is told how many frames there were, and how many were lost since nobody read them
in time.

  vmlan capture LAN1 -w lan1.pcapng
  vmlan capture LAN1 | tshark -r -
  vmlan capture ALICE.NET1 --user BOB -w - tcp port 80 | wireshark -k -i -
  vmlan capture LAN1 --dropped -w dropped.pcapng
  vmlan capture LAN1 --control -w all.pcapng      also IDX, MPC and IPA; tshark -X lua_script:vmlan.lua reads it

)"},
    CommandHelp{"extcap", R"(vmlan extcap OPTIONS

For Wireshark, which lists the LANs of the running system among its interfaces if the program is in its folder:

  mkdir -p ~/.local/lib/wireshark/extcap
  ln -s $(command -v vmlan) ~/.local/lib/wireshark/extcap/vmlan

)"},
    CommandHelp{"hercules", R"(vmlan hercules check

Looks at the Hercules of this machine: its version, whether it loads the module hdtvnic.so (it is started for a
second, without a guest), whether guests will reach a system. One line for each finding; each problem with what
to do about it. Then the statements that two guests on one LAN need in their configurations.

  vmlan hercules check
  vmlan hercules check --module build/release/hercules/hdtvnic.so
  vmlan hercules check --hercules /opt/hyperion/bin/hercules

Exit codes: 0 it fits, 1 something does not.

)"},
    CommandHelp{"replay", R"(vmlan replay TRACE...

Reads pcap and pcapng files, compressed or not, '-' for standard input. Each address becomes a user with storage
and a NIC of its own on LAN SYSTEM REPLAY; each user sends its packets again, at their times in the trace. The
clock is virtual: a trace of a day takes seconds.

A packet whose destination is one of the users must arrive there with every byte as it was sent, and in order;
every other record ends under a name: what it is, or why a link or the LAN dropped it. All books are compared.

  vmlan replay capture.pcap
  zstdcat day.pcap.zst | vmlan replay --filter 'tcp port 80' -
  vmlan replay --link 'rate=10M delay=20ms queue=50' --tables capture.pcapng
  vmlan replay --no-rate capture.pcapng   the same bytes printed in every run
  vmlan replay --json a.json capture.pcap
  vmlan replay --json b.json --link 'loss=1%' capture.pcap
  vmlan replay compare a.json b.json      what has changed; exit code 0: nothing has

Exit codes: 0 every packet is accounted for and everything was read, 1 not so, 2 the file is no trace, 130 Ctrl-C.

)"},
    CommandHelp{"synth", R"(vmlan synth [FILE]

Writes a workload that is made up, as a pcap file, to FILE or to standard output: Ethernet frames with UDP datagrams,
TCP connections, multicast (with the reports of who joins the groups), broadcasts and VLAN tags, all checksums right.
The same options and the same seed give the same bytes everywhere. It is written as it is made: any number of
packets takes no more memory than a few.

  vmlan synth day.pcap --users 1000 --packets 1000000
  vmlan synth --talk server --tcp 80% --flows 200 --duration 60s | vmlan replay --frames -
  vmlan synth --sizes 64 --rate 1M --gaps constant small.pcap
  vmlan synth --sizes 64:7,594:4,1518:1 --ipv6 50% --seed 7 imix.pcap

)"},
};

}  // namespace

std::string general_help() { return std::string(general); }

std::string version_text() { return fmt::format("vmlan {}\n", VMLAN_VERSION); }

std::string command_help(const std::string& command) {
  for (const CommandHelp& help : command_helps) {
    if (help.command == command) return std::string(help.text) + options_text(command);
  }
  return {};
}

}  // namespace vmlan::apps
