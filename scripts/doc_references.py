"""What documents name has to exist: files (`cp/turns.h`, [text](docs/TESTING.md)) and names (`guestlan::Drop`).
What they quote as a transcript has to stand there, in that order: a block marked "vm FILE" in that file, one marked
"vm" in the example; "..." stands for lines left out."""
import pathlib
import re

EXAMPLE = "examples/two-users.vm"
TRANSCRIPT = re.compile(r"^```vm(?: +(\S+))?\n(.*?)^```", re.MULTILINE | re.DOTALL)
LAYERS = ("arch", "wire", "qdio", "guestlan", "cp", "cms", "link", "host", "hercules", "apps")
FOLDERS = LAYERS + ("tests", "scripts", "docs", "examples", "bench", "cmake")
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
PATH = re.compile(rf"^(?:{'|'.join(FOLDERS)})/[\w./-]+\.\w+$")
PLACEHOLDER = re.compile(r"\b[A-Z]{4,}(?:\b|_)")  # tests/fuzz/TARGET_fuzz.cpp
LINUX = "arch/s390/"  # a file of the kernel
NAME = re.compile(rf"^({'|'.join(LAYERS)})::([A-Za-z_]\w*(?:::[A-Za-z_]\w*)*)")


def layer_words(root, layer, known):
    """Every identifier in the headers of a layer."""
    if layer not in known:
        text = "".join(path.read_text(errors="replace") for path in (root / layer).rglob("*.h"))
        known[layer] = set(re.findall(r"\w+", text))
    return known[layer]


def violations(root, name, text):
    known = {}
    folder = (root / name).parent
    for number, line in enumerate(text.splitlines(), 1):
        for target in LINK.findall(line):
            if not (folder / target).exists():
                yield f"{name}:{number}: link to {target}, which does not exist"
        for code in CODE.findall(line):
            ours = PATH.match(code) and not PLACEHOLDER.search(code) and not code.startswith(LINUX)
            if ours and not (root / code).exists():
                yield f"{name}:{number}: names {code}, which does not exist"
            match = NAME.match(code)
            if not match or not (root / match.group(1)).is_dir():
                continue
            missing = [word for word in match.group(2).split("::")
                       if word not in layer_words(root, match.group(1), known)]
            if missing:
                yield f"{name}:{number}: names {code}; no '{missing[0]}' in {match.group(1)}/*.h"


def astray(root, name, text):
    """Rows of a numbered table whose last column names files: what else the row names in code has to stand in one of
    them, so that a reader who follows "the one path" finds each step where the row says."""
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|") or not cells[0].isdigit():
            continue
        files = [root / code for code in CODE.findall(cells[-1])]
        words = set()
        for path in files:
            path = path if path.is_file() else files[0].parent / path.name  # a second file of the same folder
            if path.is_file():
                words |= set(re.findall(r"\w+", path.read_text(errors="replace")))
        for code in CODE.findall(" ".join(cells[1:-1])):
            missing = [word for word in re.findall(r"[A-Za-z_]\w*", code) if word not in words]
            if files and missing and code not in FOLDERS:
                yield f"{name}:{number}: names {code}; no '{missing[0]}' in {cells[-1]}"


def misquoted(root, name, text):
    """The first line of each quoted transcript that its file does not have (any more)."""
    for source, block in TRANSCRIPT.findall(text):
        path = root / (source or EXAMPLE)
        if not path.is_file():
            yield f"{name}: quotes {source}, which does not exist"
            continue
        shown = path.read_text().splitlines()
        position = 0
        for line in block.splitlines():
            if line == "...":
                continue
            if line not in shown[position:]:
                yield f"{name}: quotes '{line}', which {path.relative_to(root)} does not show here"
                break
            position = shown.index(line, position) + 1
