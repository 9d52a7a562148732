// All commands. A new one is a row here and a function; HELP prints what stands here.
//
// Where one abbreviation begins another (LOG, LO), the longer one stands first.
#include <array>

#include "cp/commands.h"

namespace vmlan::cp {
namespace {

constexpr std::array query_virtual_commands{
    of_own_machine(Command{
        "NIC", "G", "QVD", query_virtual_nic, "Query Virtual NIC [ALL | vdev] [DETails]",
        "Shows your virtual NICs: type, port name, MAC address and the LAN each is coupled to. DETAILS adds "
        "counters, the sessions of the driver, the role of each device and the registered addresses."}),
    of_own_machine(Command{"ALL", "G", "QVD", query_virtual_all, "Query Virtual [ALL]",
                           "Shows your virtual machine: storage, console, network devices, disks."}),
    of_own_machine(Command{"OSA", "G", "QVD", query_virtual_osa, "Query Virtual OSA",
                           "Shows every network device with its NIC, subchannel and channel path."}),
    of_own_machine(Command{"STORage", "G", "QVD", query_virtual_storage, "Query Virtual STORage",
                           "Shows the size of your storage."}),
};

constexpr std::array query_commands{
    of_own_machine(Command{"Virtual", "G", "QVD", query_virtual_device,
                           "Query Virtual [ALL | OSA | NIC | STORage | vdev | vdev-vdev]",
                           "Shows your virtual machine or one of its devices.", query_virtual_commands}),
    Command{
        "NIC", "BG", "QVD", query_nic,
        "Query NIC [ALL | vdev] [DETails]\nQuery NIC USERid {userid [ALL | vdev] | ALL} [DETails]  class B",
        "Shows virtual NICs: your own, or (class B) those of another user or of all users."},
    Command{
        "LAN", "BG", "LAN", query_lan,
        "Query LAN [ALL | lanname] [OWNERid owner | ANYOWNER] [TYPE QDIO | TYPE HIPERsockets | ANYTYPE]\n"
        "          [DETails | ACTIVE | ACCesslist | PROMISCuous | BUFfers]",
        "Shows guest LANs. DETAILS adds the coupled adapters with counters and addresses (class G: your own "
        "adapters, and all on your own LANs), ACCESSLIST the users a RESTRICTED LAN lets in, PROMISCUOUS "
        "those who watch it; ACTIVE leaves out LANs without adapters. BUFFERS is an extension z/VM does "
        "not have: for each registered IP address the user, the device, and the input buffer in that "
        "user's storage the next packet will be copied to."},
    Command{"TRSOurce", "ACEG", "TRC", query_trsource,
            "Query TRSOurce [ALL | ID traceid | SET traceset | TYPE {LAN | NONE | DATA | GT | IO | PCI}]",
            "Shows traces: what they record, how many frames, and where to. Class G: your own."},
    Command{
        "UPLINK", "B", "UPL", query_uplink, "Query UPLINK [ALL | rdev] [DETails]",
        "Shows the system's uplinks: what each is connected to, its state, the LAN it serves. DETAILS adds "
        "counters and what the device itself tells. UPLINK is ours, not z/VM's."},
    Command{"PORT", "B", "QPT", query_port, "Query PORT GROup [ALL | groupname] [DETails]",
            "Shows port groups: which uplinks carry, and their partners with DETAILS."},
    Command{"VSWITCH", "BG", "SWU", query_vswitch,
            "Query VSWITCH [ALL | name] [DETails | ACCesslist | PORTNUMber | PROMISCuous | ACTIVE]",
            "Shows virtual switches: rules, VLANs, uplinks; DETAILS adds their counters and the coupled "
            "adapters, ACCESSLIST the users a switch lets in, with their VLANs; of a PORTBASED one it shows, "
            "like "
            "PORTNUMBER, the ports, whose they are and which NIC is on each. Class G: switches you may "
            "couple to, of the adapters your own."},
    Command{"CONTROLLer", "B", "QCT", query_controller, "Query CONTROLLer [ALL | * | userid]",
            "Shows the controllers that virtual switches name, and those switches. They are names: uplinks "
            "here need nobody who drives them."},
    Command{"VMLAN", "", "LAN", query_vmlan, "Query VMLAN", "Shows limits and defaults of all guest LANs."},
    Command{"Names", "ABCDEFG", "CQU", query_names, "Query Names",
            "Shows who is logged on and where; DSC means disconnected."},
    Command{"USERs", "ABCDEFG", "CQU", query_users, "Query USERs [userid]",
            "Counts the users, or shows where one is logged on."},
    Command{"USERID", "", "CQU", query_userid, "Query USERID", "Shows your user id and the system's name."},
    Command{"Time", "", "CQT", query_time, "Query Time", "Shows the time and how long you are logged on."},
    Command{"CPLEVEL", "", "CQL", query_cplevel, "Query CPLEVEL",
            "Shows the level of the control program and when it was started."},
};

constexpr std::array modify_commands{
    Command{"LAN", "B", "LAN", set_lan, "MODify LAN lanname [OWNERid owner] ...", "The same as SET LAN."},
    Command{"VSWITCH", "B", "SWS", set_vswitch, "MODify VSWITCH name ...", "The same as SET VSWITCH."},
};

constexpr char vmlan_help[] =
    "Changes limits and defaults of all guest LANs. MACPREFIX begins the MAC address of a NIC that gets its "
    "MACID from the SYSTEM range by itself, USERPREFIX that of one whose MACID the directory, DEFINE NIC or "
    "SET NIC names: one of the USER range, if there is such a range. NICs keep what they have. MACPROTECT "
    "holds for LANs and NICs that leave it UNSPECIFIED; ACCOUNTING is for LANs defined from now on. DNA: a "
    "NICDEF's LAN is one its user may couple to.";

constexpr std::array set_commands{
    Command{
        "PORT", "B", "SPT", set_port,
        "SET PORT GROup groupname {JOIN rdev ... | LEAVE rdev ... | DELete | LACP {ACTIVE | INACTIVE}}",
        "Makes up to eight uplinks one: a flow goes through one of them, and the others carry on when it "
        "fails. LACP ACTIVE, the default: those carry whose partner agrees; INACTIVE: all that are up. SET "
        "VSWITCH or SET LAN ... UPLINK GROUP connects it. The group ends with its last member."},
    Command{"UPLINK", "B", "UPL", set_uplink_forwards,
            "SET UPLINK rdev FORward {TCP | UDP} [address:]port address:port\n"
            "SET UPLINK rdev NOFORward {TCP | UDP} [address:]port",
            "Forwards one more port of the host to a guest of a NAT uplink, or one less; an IPv6 address is "
            "written [::1]. Connections through it go on."},
    Command{
        "VMLAN", "B", "LAN", set_vmlan,
        "SET VMLAN [LIMIT {PERSISTent | TRANSient} {n | INFinite}] [ACCOUNTing {SYSTEM | USER} {ON | OFF}]\n"
        "          [MACPREFIX 02xxxx] [USERPREFIX 02xxxx] [MACIDRANGE SYSTEM x-x [USER x-x]]\n"
        "          [MACProtect {ON | OFF}] [DNA {ENAble | DISAble}]",
        vmlan_help},
    Command{
        "VSWITCH", "B", "SWS", set_vswitch,
        "SET VSWITCH name GRAnt userid [PORTType {ACCESS | TRUNK}] [VLAN vid | vid-vid ...]\n"
        "            [PROmiscuous | NOPROmiscuous] [PQUPLINKTX {LOW | NORMAL | HIGH}]\n"
        "SET VSWITCH name PORTNUMber {n USERid userid | MODIFY n} [options as of GRANT]\n"
        "SET VSWITCH name PORTNUMber REMOVE n\n"
        "SET VSWITCH name VLANID vid {{ADD | REMOVE} {n | n-n} ... | DELETE}\n"
        "SET VSWITCH name {REVoke userid | UPLINK RDEV {rdev [rdev [rdev]] | NONE} | IPTimeout 1-240 |\n"
        "            UPLINK PRIQueuing {OFF | ON} | VLAN_counters {OFF | ON} | COUNTERS CLEAR [UPLINK | "
        "ALL]\n"
        "               [DATA | DISCARDed | ERRORs] |\n"
        "            ISOLation {ON | OFF} | VEPA {ON | OFF} | MACProtect {UNSPECified | OFF | ON} |\n"
        "            QUEuestorage 1-256 | CONTRoller {* | userid ...} | ACCOUNTing {ON | OFF} | MACID "
        "xxxxxx}",
        "Lets users couple, with the VLANs they may use, or no longer; changes the switch's uplinks and "
        "rules. "
        "ISOLATION: guests reach the uplink, not each other; VEPA: the switch beyond the uplink passes "
        "between "
        "them; MACPROTECT: guests send under their own address only. Who is coupled has new VLANs at "
        "once, and "
        "stays coupled after a REVOKE. PORTNUMBER gives, changes and takes away the ports of a PORTBASED "
        "switch, VLANID the VLANs of several ports: a NIC whose port is removed stays coupled and is "
        "heard no more. PRIQUEUING: what ports send to the uplink at about the same time leaves HIGH first "
        "(PQUPLINKTX), LOW last."},
    Command{"LAN", "BG", "LAN", set_lan,
            "SET LAN lanname [OWNERid owner] {GRAnt userid [PROmiscuous | NOPROmiscuous] | REVoke userid}\n"
            "SET LAN lanname [OWNERid owner] {ISOLation {ON | OFF} | MACProtect {UNSPECified | OFF | ON} |\n"
            "        IPTimeout 1-240 | ACCOUNTing {ON | OFF} | MAXCONN {INFinite | 1-1024} |\n"
            "        UNRESTricted | RESTricted}  class B\n"
            "SET LAN lanname [OWNERid owner] UPLINK {RDEV rdev [rdev [rdev]] | NONE}  class B",
            "Changes a LAN. Whoever is coupled stays coupled after a REVOKE, RESTRICTED or MAXCONN. UPLINK "
            "(ours) "
            "connects the LAN to uplinks, in the order in which they are preferred."},
    Command{"NIC", "BG", "NIC", set_nic,
            "SET NIC vdev {PROmiscuous | NOPROmiscuous}\n"
            "SET NIC [USERid userid] vdev {PROmiscuous | NOPROmiscuous | MACID {SYStem | USEr | xxxxxx} |\n"
            "        MACProtect {UNSPECified | OFF | ON}}  class B",
            "PROMISCUOUS: an active data device sees all packets of its LAN, which needs GRANT ... "
            "PROMISCUOUS. MACID "
            "gives a NIC that is not in use another MAC address: the system's next, a free one of the USER "
            "range, or "
            "this one. MACPROTECT ON: under that address only may it send; UNSPECIFIED: as its LAN has it, "
            "or VMLAN."},
    of_own_machine(Command{"RUN", "G", "SET", set_run, "SET RUN {ON | OFF}",
                           "ON: your program runs on while you type CP commands."}),
};

constexpr std::array define_commands{
    Command{"VSWITCH", "B", "SWU", define_vswitch,
            "DEFine VSWITCH name [TYPE QDIO [LOCal]] [UPLINK RDEV {NONE | rdev [rdev [rdev]]} | NOUPLINK]\n"
            "       [PRIQueuing {OFF | ON}]\n"
            "       [CONTRoller {* | userid}] [IP [NONrouter | PRIrouter] | ETHernet [GROup name]] "
            "[IPTimeout 1-240]\n"
            "       [VLAN {UNAWARE | AWARE | vid} [PORTType {ACCESS | TRUNK}] [NATive {1 | vid | NONE}]]\n"
            "       [USERBASED | PORTBASED] [QUEuestorage n] [NOGVRP]",
            "Creates a virtual switch, owned by SYSTEM and RESTRICTED: SET VSWITCH GRANT lets users in. It "
            "is a QDIO "
            "LAN with uplinks (DEFINE UPLINK) and, if VLAN AWARE, VLANs: a user's port has those of its "
            "grant, or vid. "
            "ACCESS ports send and get untagged frames, TRUNK ports tagged ones but for the NATIVE VLAN's. "
            "PORTBASED: rights go with numbered ports (SET VSWITCH PORTNUMBER), of which a user may have "
            "several."},
    Command{
        "UPLINK", "B", "UPL", define_uplink,
        "DEFine UPLINK rdev NAT [NETwork address/length] [MTU n] [NOIPV6] [OPENhost]\n"
        "       [FORward {TCP | UDP} [address:]port address:port] ...\n"
        "DEFine UPLINK rdev {TAP | INTERFace} name\n"
        "DEFine UPLINK rdev {VDE url | STREAM path [LISTEN]}",
        "Creates a way out of LANs, where z/VM has an OSA (ours). NAT: to what this host reaches, without "
        "rights; FORWARD brings connections of a host's port, its loopback's without an address, to a guest; "
        "OPENHOST lets guests reach what listens on this host itself, which they do not otherwise. TAP: a "
        "TAP "
        "device of this host; INTERFACE: one of its network interfaces; VDE: a VDE network; STREAM: QEMU's "
        "stream netdev or passt, at a UNIX socket. SET LAN ... UPLINK connects a LAN to it."},
    Command{
        "LAN", "BG", "LAN", define_lan,
        "DEFine LAN lanname [OWNERid {owner | *}] [MAXCONN {INFinite | 1-1024}]\n"
        "           [UNRESTricted | RESTricted] [ACCOUNTing {ON | OFF}]\n"
        "           [TYPE HIPERsockets [IP | ETHernet] [MFS {16K | 24K | 40K | 64K}] |\n"
        "            TYPE QDIO [IP | ETHernet]]",
        "Creates a guest LAN. Class G owns it itself; class B may name any owner. A LAN of owner SYSTEM is "
        "PERSISTENT, any other TRANSIENT: it ends when its owner is logged off and nothing is coupled. "
        "Without TYPE it is a HIPERSOCKETS LAN; HIPERSOCKETS with ETHERNET is ours, not z/VM's. ACCOUNTING "
        "needs class B."},
    of_own_machine(Command{
        "NIC", "G", "NIC", define_nic,
        "DEFine NIC vdev [TYPE] {HIPERsockets | QDIO} [DEVices n] [CHPID nn] [MACID xxxxxx]",
        "Creates a virtual NIC of 3 or more devices (QDIO up to 240, HIPERSOCKETS up to 3072) beginning at "
        "vdev. Without a type it is HIPERSOCKETS. MACID needs class B."}),
};

constexpr std::array detach_commands{
    Command{"VSWITCH", "B", "SWU", detach_vswitch, "DETach VSWITCH name",
            "Ends a virtual switch; what is coupled to it is uncoupled first."},
    Command{"UPLINK", "B", "UPL", detach_uplink, "DETach UPLINK rdev",
            "Ends an uplink; the LAN it serves goes on without it."},
    Command{"LAN", "BG", "LAN", detach_lan, "DETach LAN lanname [OWNERid {owner | *}]",
            "Ends a LAN; what is coupled to it is uncoupled first. Class G: your own LANs."},
    of_own_machine(Command{"NIC", "G", "DTV", detach_nic, "DETach NIC vdev",
                           "Removes a virtual NIC with all its devices; it is uncoupled first."}),
};

constexpr std::array commands{
    of_own_machine(
        Command{"Begin", "G", "BEG", begin, "Begin", "Lets your program go on after #CP or a reconnect."}),
    of_own_machine(Command{
        "COUPle", "G", "CPL", couple, "COUPle vdev [To] [{owner | *} lanname [PORTNUMber {AUTO | n}]]",
        "Connects a virtual NIC to a guest LAN; without a LAN, to the one your directory entry names. A QDIO "
        "NIC fits a QDIO LAN, a HIPERSOCKETS NIC a HIPERSOCKETS LAN. PORTNUMBER chooses among your ports of "
        "a "
        "PORTBASED virtual switch; AUTO, the default, takes the lowest that is free."}),
    Command{"CP", "", "CFC", call_cp, "CP [command]",
            "Has CP carry out the command; alone, it stops your program until BEGIN (CP READ). At a console "
            "#CP does so at once, whatever your program does."},
    Command{"DEFine", "BG", "DEF", nullptr, "DEFine {LAN | NIC | VSWITCH | UPLINK} ...",
            "Creates a LAN, a virtual NIC, a virtual switch or an uplink.", define_commands},
    Command{"DETach", "BG", "DTV", detach_device,
            "DETach {LAN | NIC | VSWITCH | UPLINK} ...\nDETach {vdev | vdev-vdev} ...",
            "Ends a LAN or removes virtual NICs: those whose devices, all of them, the numbers name.",
            detach_commands},
    of_own_machine(Command{"DISConnect", "", "DSC", disconnect_user, "DISConnect [HOld]",
                           "Leaves your virtual machine running without a console; LOGON brings you back."}),
    of_own_machine(Command{"EXTernal", "G", "EXT", external, "EXTernal",
                           "Interrupts your program: a command that runs in it ends."}),
    Command{"FORCE", "A", "FRC", force, "FORCE userid", "Logs a user off."},
    Command{"HELP", "", "HLP", help, "HELP [command [subcommand]]", "Lists your commands or explains one."},
    of_own_machine(Command{"Ipl", "G", "IPL", ipl, "Ipl system [PARM parameters]",
                           "Starts a system, for example CMS, in your virtual machine."}),
    of_own_machine(Command{"LOGoff", "", "LGF", logoff, "LOGoff [HOld]",
                           "Ends your session; your virtual machine is gone."}),
    of_own_machine(Command{"LOGout", "", "LGF", logoff, "LOGout [HOld]", "The same as LOGOFF."}),
    of_own_machine(Command{"Logon", "", "LGA", logon_again, "Logon userid [password] [HERE] [NOIPL]",
                           "Begins a session, at a console where nobody is logged on."}),
    Command{"MODify", "B", "SET", nullptr, "MODify {LAN | VSWITCH} ...",
            "Statements of z/VM's SYSTEM CONFIG: the same as SET.", modify_commands},
    Command{"MSGNOH", "B", "MFS", message_without_header, "MSGNOH {userid | * | OPerator} text",
            "Sends a line to a user without saying who sent it."},
    Command{"MSG", "", "MFS", cp::message, "MSG {userid | * | OPerator} text", "Sends a line to a user."},
    Command{"Message", "", "MFS", cp::message, "Message {userid | * | OPerator} text", "The same as MSG."},
    Command{"Query", "", "CQV", query_user, "Query ...", "Shows something of the system; see HELP QUERY.",
            query_commands},
    Command{"SEND", "C", "SND", send_input, "SEND [CP] userid text",
            "Types a line at a user's console: for the program that runs there or, with CP, for CP."},
    Command{"SET", "BG", "SET", nullptr, "SET {LAN | NIC | VSWITCH | VMLAN | RUN} ...",
            "Changes attributes; see HELP SET.", set_commands},
    of_own_machine(Command{"SYStem", "G", "SYS", system_function, "SYStem {RESET | CLEAR}",
                           "Resets your virtual machine and its devices; CLEAR clears its storage too."}),
    of_own_machine(
        Command{"TERMinal", "", "TRM", terminal, "TERMinal LINENd {ON | OFF | character}",
                "Sets the character that ends a line within what you type: # (ON), none or another. "
                "Behind a double quote it is a plain character."}),
    Command{
        "TRSOurce", "CG", "TRC", trsource,
        "TRSOurce ID traceid [SET traceset] [TYPE LAN OWNER {owner | *} LANNAME lanname\n"
        "         [VLAN {ALL | v1 ... v4}] [LENGTH {512 | FULL | 64-2048}]\n"
        "         [NIC userid vdev | TRUNK | DROPPED] [CONTROL]]\n"
        "TRSOurce {ENABle | DISable | DROP} {ID traceid | SET traceset | ALL}",
        "Defines a trace of a LAN, lets it record, stops it, or forgets it. Frames go to TRACEID.pcapng in "
        "the system's folder for traces, each on the interface of its sender; with NIC, what goes out of "
        "and comes into that NIC. TRUNK: what goes through uplinks. DROPPED: frames of which a copy went "
        "nowhere, with the reason as a comment. CONTROL: also what guests and their adapters say to each "
        "other. LENGTH is what is kept of a frame; FULL is 2048. Class G: your own LANs, and LANs where you "
        "have a promiscuous grant, of these what a NIC of yours could hear; CONTROL for your own NIC only."},
    of_own_machine(
        Command{"UNCOUPle", "G", "CPL", uncouple, "UNCOUPle vdev", "Takes a virtual NIC off its LAN."}),
    Command{"VMLAN", "B", "LAN", set_vmlan, "VMLAN ...",
            "The statement of z/VM's SYSTEM CONFIG: the same as SET VMLAN."},
    Command{"WNG", "AB", "MFS", warning, "WNG {userid | * | OPerator} text", "Sends a warning to a user."},
    Command{"Warning", "AB", "MFS", warning, "Warning {userid | * | OPerator} text", "The same as WNG."},
    Command{"XAUTOLog", "ABG", "LGA", xautolog, "XAUTOLog userid [Ipl system | NOIpl]",
            "Logs a user on without a console. Class G: if the user's directory entry names you."},
};

}  // namespace

std::span<const Command> command_table() noexcept { return commands; }

}  // namespace vmlan::cp
