"""Names that two sources of one room give to different things in their unnamed namespaces.

The presets release and asan compile several sources of a room as one, in groups that change with every new file:
such twins break the build only when they meet.
"""
import collections
import pathlib
import re

import cpp_text

TYPE = re.compile(r"(?:class|struct|union|enum(?: class)?) (\w+)")
VARIABLE = re.compile(r"(?:\w[\w:]*(?:<.*>)?[ *&]+)+(\w+)(?:\[\w*\])*(?: =.*)?$")


def declared(text):
    """What stands directly in an unnamed namespace: a type's or variable's name, a function's whole head."""
    code = cpp_text.PREPROCESSOR.sub(lambda match: cpp_text.blank(match.group(0)), cpp_text.code_only(text))
    opened, head, found = [], "", set()
    for character in code:
        if character not in "{};":
            head += character
            continue
        head = " ".join(head.split())
        if character != "}" and head and opened and opened[-1] == "unnamed":
            found |= {name_of(head)}
        if character == "{":
            opened.append("unnamed" if head.endswith("namespace") else head)
        elif character == "}" and opened:
            opened.pop()
        head = ""
    return found - {None}


def name_of(head):
    if not head[0].isalpha():  # the rest of an INSTANTIATE_TEST_SUITE_P
        return None
    if match := TYPE.match(head):
        return match.group(1)
    if "(" in head.split("=")[0]:
        return None if re.match(r"[A-Z_]+\(|static_assert\b", head) else head
    match = None if head.startswith("using ") else VARIABLE.match(head)
    return match.group(1) if match else None


def violations(sources, rooms):
    """`sources`: name -> text; `rooms`: the folders whose sources may be compiled together."""
    places = collections.defaultdict(list)
    for name, text in sorted(sources.items()):
        folder = pathlib.PurePosixPath(name).parent.as_posix()
        if name.endswith(".cpp") and folder in rooms:
            for twin in declared(text):
                places[folder, name.endswith("_test.cpp"), twin].append(name)
    for (_, _, twin), names in places.items():
        if len(names) > 1:
            yield f"{names[1]}: '{twin}' also stands in {names[0]}, which may be compiled with it: one name or one place"
