#!/usr/bin/env python3
"""Holds the arrows of docs/ARCHITECTURE.md against every #include "..." and against CMakeLists.txt, and that only
host/ speaks to the operating system.

A quoted include names a file from the root of the repository ("qdio/queues/blocks.h"); its folder is its layer.
Exit code 1 and one line for each violation. --self-test shows that violations are caught.
"""
import pathlib
import re
import sys
import tempfile

import cpp_text

# What each layer may include besides itself: a floor (a folder of the root), or a room of one, which is a layer of
# its own. The closure is written out: a layer sees below itself. A floor's name stands for all its rooms.
FLOORS = {"qdio": {"qdio/queues", "qdio/adapter", "qdio/device"},
          "cms": {"cms/driver", "cms/stack", "cms/shell"}}
BELOW_DEVICES = {"wire", "arch"}
MACHINE = {"qdio"} | BELOW_DEVICES
SYSTEM = {"cp", "cms", "host", "host/uplink", "guestlan"} | MACHINE
ARROWS = {
    "arch": set(),
    "wire": {"arch"},
    "host": {"arch"},
    "qdio/queues": BELOW_DEVICES,
    "qdio/adapter": {"qdio/queues"} | BELOW_DEVICES,
    "qdio/device": {"qdio/adapter", "qdio/queues"} | BELOW_DEVICES,
    "guestlan": MACHINE,
    "cp": {"guestlan"} | MACHINE,
    "link": {"host"} | MACHINE,
    "hercules": {"link", "host"} | MACHINE,
    "cms/driver": MACHINE,
    "cms/stack": {"cms/driver"} | MACHINE,
    "cms/shell": {"cms/stack", "cms/driver"} | MACHINE,
    "host/trace": {"host", "wire", "arch"},
    "host/uplink": {"host", "guestlan"} | MACHINE,
    "apps/system": {"host/trace"} | SYSTEM,
    "apps/script": {"apps/system"} | SYSTEM,
    "apps/transcripts": {"apps/script", "apps/system"} | SYSTEM,
    "apps/serve": {"apps/script", "apps/system", "host/trace", "link"} | SYSTEM,
    "apps/replay": {"apps/script", "apps/system", "host/trace"} | SYSTEM,
    "apps/synth": {"apps/system", "host/trace", "host"} | BELOW_DEVICES,
    "apps/hercules": {"apps/serve", "apps/script", "apps/system"} | SYSTEM,
    "apps/cli": {"apps/hercules", "apps/replay", "apps/serve", "apps/synth", "apps/transcripts", "apps/script",
                 "apps/system"} | SYSTEM,
    "apps": {"apps/cli"},
}
# Outside the program: may look at all of it. A layer's own tests may use what of the kit includes no more than
# the layer itself may, or other rooms of its floor.
KIT = "tests/kit"
OUTSIDE = {"tests", "bench", KIT}
for outside in OUTSIDE:
    ARROWS[outside] = set(ARROWS) | set(FLOORS) | OUTSIDE

# Only host/ speaks to the operating system: whoever else needs it goes through that door. Headers that are nothing
# but layouts and numbers, or name-to-text conversions, are no calls.
SYSTEM_HEADERS = re.compile(
    r"(?:sys/(?!types\.h|cdefs\.h)\S+|net/\S+|netinet/\S+|linux/\S+|arpa/\S+|asm/\S+"
    r"|(?:unistd|fcntl|poll|signal|spawn|dlfcn|link|termios|pty|pthread|dirent|netdb|pwd|grp|sched|syslog|semaphore|mqueue"
    r"|aio|ucontext|ifaddrs|sys|glob|fnmatch|ftw|wait|utmp|sysexits)\.h|csignal|fstream|cstdio_ext\.h)$")
SYSTEM_CALLS = re.compile(r"(?<![\w>:.)])::[a-z_][a-z0-9_]*\s*\(|\bstd::system\s*\("
    r"|(?<![\w>:.])(?:popen|fork|vfork|exec[lv]p?e?|syscall)\s*\(")
# Who may all the same, with the reason.
SYSTEM_EXCEPTIONS = [
    (r"host/", "the floor of the operating system"),
    (r"arch/storage_pool\.cpp", "guest storage is mapped, not allocated: pages that a guest never touches cost nothing"),
    (r"arch/heap_ahead\.cpp", "advises the host how to back the heap, and asks nothing of it"),
    (r"wire/addresses\.cpp", "inet_pton and inet_ntop: text and numbers, no call of the system"),
    (r"cms/stack/lwip_(library|platform)\.cpp", "loads a copy of lwIP for each user, and finds its symbols"),
    (r"hercules/vnic_\w+\.c", "the emulator's own language and headers"),
    (r"apps/system/files\.cpp", "files that a person names, read and written whole"),
    (r"(\w+/)*(\w+_test\.cpp|test_\w+\.h)", "tests arrange what the system does"),
]

SYSTEM_INCLUDE = re.compile(r"^\s*#\s*include\s*<([^>]+)>")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
LAYER_CALL = re.compile(r"vmlan_layer\(([\w/]+)(?:\s+(?:HOT_PATH|TESTS_APART))*(?:\s+DEPENDS([\w\s/]*))?\)")


def layer_of(name):
    """The room a file lies in, or else its floor."""
    folders = name.split("/")
    room = "/".join(folders[:2])
    return room if len(folders) > 2 and room in ARROWS else folders[0]


def opened(layers):
    """The same with every floor's rooms."""
    return set(layers).union(*(FLOORS.get(layer, set()) for layer in layers))


def sources(root):
    for floor in sorted({layer.split("/")[0] for layer in ARROWS}):
        for suffix in ("*.h", "*.cpp", "*.c"):
            yield from sorted((root / floor).rglob(suffix))


def includes(path):
    """(line number, name) of every quoted include."""
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1)


def kit_reaches(root, name, seen):
    """The layers that a file of the kit includes, directly or through other files of the kit."""
    if name in seen or not (root / name).exists():
        return set()
    seen.add(name)
    reached = set()
    for _, included in includes(root / name):
        layer = layer_of(included)
        reached |= kit_reaches(root, included, seen) if layer == KIT else {layer}
    return reached


def include_violations(root):
    for path in sources(root):
        layer = layer_of(path.relative_to(root).as_posix())
        if layer not in ARROWS:
            yield f"{path.relative_to(root)}: {layer} is a floor of rooms: put the file into one of them"
            continue
        may_include = opened(ARROWS[layer])
        for number, included in includes(path):
            target = layer_of(included)
            if target == KIT and re.fullmatch(r".*_test\.cpp|test_.*\.h", path.name) and \
                    kit_reaches(root, included, set()) <= may_include | opened({layer, layer.split("/")[0]}):
                continue
            place = f"{path.relative_to(root)}:{number}"
            if "/" not in included or target not in ARROWS:
                yield f'{place}: "{included}" is not named from the root of the repository'
            elif target != layer and target not in may_include:
                allowed = ", ".join(sorted(may_include)) or "nothing"
                yield f'{place}: {layer} includes "{included}"; {layer} may include {allowed}'


def may_call_the_system(name):
    return any(re.fullmatch(pattern + (r".*" if pattern.endswith("/") else ""), name)
               for pattern, _ in SYSTEM_EXCEPTIONS)


def system_violations(root):
    """System headers and calls outside the floor that is for them."""
    for path in sources(root):
        name = path.relative_to(root).as_posix()
        if name.split("/")[0] in OUTSIDE or may_call_the_system(name):
            continue
        text = path.read_text(errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            match = SYSTEM_INCLUDE.match(line)
            if match and SYSTEM_HEADERS.match(match.group(1)):
                yield f"{name}:{number}: <{match.group(1)}>: only host/ speaks to the operating system"
        for number, line in enumerate(cpp_text.code_only(text).splitlines(), 1):
            for match in SYSTEM_CALLS.finditer(line):
                yield f"{name}:{number}: {match.group(0)}: only host/ calls the operating system"


def build_violations(root):
    """The libraries that CMake links must follow the same arrows."""
    build = root / "CMakeLists.txt"
    if not build.exists():
        return
    for layer, depends in LAYER_CALL.findall(build.read_text()):
        for target in depends.split():
            if target not in ARROWS.get(layer, set()) and target not in opened(ARROWS.get(layer, set())):
                yield f"CMakeLists.txt: vmlan_layer({layer}) depends on {target}"


def violations(root):
    return [*include_violations(root), *system_violations(root), *build_violations(root)]


def self_test():
    cases = [
        ("arch/a.h", '#include "qdio/queues/blocks.h"', True),
        ("cms/a.cpp", '#include "cp/user.h"', True),
        ("cp/a.cpp", '  #  include "host/loop.h"', True),
        ("cp/a.cpp", '#include "tests/kit/linux_driver.h"', True),
        ("cp/a_test.cpp", '#include "tests/kit/too_much.h"', True),
        ("cp/test_a.h", '#include "tests/kit/too_much.h"', True),
        ("qdio/device/test_a.h", '#include "tests/kit/linux_driver.h"', False),
        ("qdio/queues/a.cpp", '#include "blocks.h"', True),
        ("qdio/queues/a.cpp", '#include "../wire/frame.h"', True),
        ("hercules/a.cpp", '#include "guestlan/nic.h"', True),
        ("CMakeLists.txt", "vmlan_layer(wire DEPENDS arch qdio)", True),
        ("CMakeLists.txt", "vmlan_layer(wire DEPENDS arch)", False),
        ("cp/a.cpp", '#include "guestlan/nic.h"', False),
        ("apps/script/a.cpp", '#include "cms/shell/cms.h"', False),
        ("tests/a.cpp", '#include "cms/shell/cms.h"', False),
        ("qdio/device/a_test.cpp", '#include "tests/kit/linux_driver.h"', False),
        ("tests/a_test.cpp", '#include "tests/kit/linux_driver.h"', False),
        ("host/trace/a_test.cpp", '#include "tests/kit/trace.h"', False),
        ("host/a_test.cpp", '#include "tests/kit/trace.h"', True),
        ("arch/a.cpp", "#include <vector>", False),
        ("apps/serve/a.cpp", "#include <sys/socket.h>", True),
        ("hercules/a.cpp", "#include <poll.h>", True),
        ("link/a.h", "  #  include <unistd.h>", True),
        ("cms/stack/lwip_heap.cpp", "#include <dlfcn.h>", True),
        ("cp/a.cpp", "#include <fstream>", True),
        ("hercules/a.cpp", "const int end = ::open(path, 0);", True),
        ("hercules/a.cpp", "if (::fork() == 0) return;", True),
        ("apps/cli/a.cpp", 'std::system("rm");', True),
        ("apps/cli/a.cpp", "return popen(name);", True),
        ("cms/stack/lwip_library.cpp", "#include <dlfcn.h>", False),
        ("hercules/vnic_device.c", "#include <fcntl.h>", False),
        ("host/a.cpp", "#include <sys/socket.h>\nint end = ::socket(1, 2, 3);", False),
        ("host/trace/a.cpp", "#include <fcntl.h>", False),
        ("link/a_test.cpp", "#include <unistd.h>", False),
        ("cp/a.cpp", "#include <sys/types.h>", False),
        ("cp/a.cpp", "// ::open() is not called here", False),
        ("cp/a.cpp", "system.find(name); auto& system(); std::size_t n = Lan::find(1); x = (::vmlan::cp::f(1));", False),
    ]
    for name, text, wrong in cases:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            kit = pathlib.Path(folder, KIT)
            kit.mkdir(parents=True)
            (kit / "guest.h").write_text('#include "qdio/queues/blocks.h"\n')
            (kit / "too_much.h").write_text('#include "tests/kit/world.h"\n')
            (kit / "trace.h").write_text('#include "host/trace/byte_source.h"\n')
            (kit / "world.h").write_text('#include "cms/driver/qdio_driver.h"\n')
            path.write_text(text + "\n")
            found = violations(pathlib.Path(folder))
            if bool(found) != wrong:
                sys.exit(f"check_layers self-test: {name}: {text}: found {found}")
    print(f"check_layers self-test: {len(cases)} cases hold")


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return 0
    root = pathlib.Path(__file__).resolve().parent.parent
    found = violations(root)
    for line in found:
        print(line)
    if not found:
        print(f"check_layers: {sum(1 for _ in sources(root))} files keep the arrows")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
