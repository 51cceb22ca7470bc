"""How qmail-header(5) has address lists read, completed and printed, written down a second time: tokens are (kind, text) with the
kinds A atom, Q quoted, L literal, C comment, and for the rest the character itself. Everything is bytes in latin-1."""

from __future__ import annotations

import re

WIDTH = 78
SPECIAL = ".,@<>:;"
ENDS_ATOM = set(" \t\r\n([\"" + SPECIAL)
WORDS = set("AQLC")


def tokens(text: str) -> list | None:
    found, at = [], 0
    while at < len(text):
        letter = text[at]
        at += 1
        if letter in " \t\r\n":
            continue
        if letter in SPECIAL:
            found.append((letter, ""))
        elif letter in ")]":
            return None
        elif letter in "\"[(":
            depth, inside = 1, ""
            while depth:
                if at >= len(text):
                    return None
                letter_inside = text[at]
                at += 1
                if letter == "(" and letter_inside == "(":
                    depth += 1
                elif letter_inside == {"\"": "\"", "[": "]", "(": ")"}[letter]:
                    depth -= 1
                elif letter_inside == "\\":
                    if at >= len(text):
                        return None
                    inside += text[at]
                    at += 1
                else:
                    inside += letter_inside
            found.append(({"\"": "Q", "[": "L", "(": "C"}[letter], inside))
        else:
            at -= 1
            inside = ""
            while at < len(text) and text[at] not in ENDS_ATOM:
                at += text[at] == "\\"
                inside += text[at:at + 1]
                at += 1
            found.append(("Q" if re.search(r"[^ -~]|[)\]\\]", inside) else "A", inside))
    return found


def complete(address: list, host: list, domain: list, plus: list) -> list:
    """Returns the lists that begin with @, with a dot and with a dot."""
    address = list(address)
    if not address or address[-2:] == [("@", ""), ("L", "")]:
        return address
    if address[0][0] == "@":
        kinds = [kind for kind, _ in address]
        address = address[kinds.index(":") + 1:] if ":" in kinds else []
    for end in ".@":
        if address and address[-1][0] == end:
            address.pop()
    if not address:
        return address
    if ("@", "") not in address:
        address += host
    if address[-1][0] == "A" and address[-1][1].endswith("+"):
        address[-1] = ("A", address[-1][1][:-1])
        address += plus
    behind = address[len(address) - address[::-1].index(("@", "")):]
    return address if any(kind in ".L" for kind, _ in behind) else address + domain


def walk(given: list, change) -> tuple[list, list] | None:
    """Reads from right to left. Returns the tokens as they are sent, and the addresses in the order in which they are found."""
    rest, out, address, addresses = list(given), [], [], []
    group = False

    def end(comma: bool = False, always: bool = False) -> None:
        if address or always:
            new = change(address[::-1])
            addresses.append(new)
            out.extend(new[::-1])
            address.clear()
            out.extend([(",", "")] * comma)

    while rest:
        kind = rest[-1][0]
        if kind == ";":
            end(comma=True)
            if group:
                return None
            group = True
            out.append(rest.pop())
        elif kind == ":":
            end()
            if not group:
                return None
            group = False
            while rest and rest[-1][0] != ",":
                out.append(rest.pop())
        elif kind == ">":
            end(comma=True)
            out.append(rest.pop())
            while rest and rest[-1][0] != "<":
                address.append(rest.pop())
            if not rest:
                return None
            end(always=True)
            out.append(rest.pop())
            while rest and rest[-1][0] in "CAQ@.":
                out.append(rest.pop())
        elif kind == ",":
            end()
            out.append(rest.pop())
        elif kind == "C":
            out.append(rest.pop())
        else:
            if kind in WORDS and address and address[-1][0] in WORDS:
                end(comma=True)
            address.append(rest.pop())
    end()
    return out[::-1], addresses


def shown(token: tuple) -> str:
    kind, text = token
    if kind not in WORDS:
        return kind
    around = {"A": ("", ""), "Q": ("\"", "\""), "L": ("[", "]"), "C": ("(", ")")}[kind]
    return around[0] + re.sub(r"([()\[\]\"\\\r\n])", r"\\\1", text) + around[1]


def printed(name: str, sent: list) -> str:
    """Returns the field. An element ends in a comma or at the end of the list."""
    elements, before = [""], ":"
    for token in sent:
        if before == ",":
            elements.append("")
        elif elements[-1] and (before == ":" or token[0] == "<" or (before in WORDS and token[0] in WORDS)):
            elements[-1] += " "
        elements[-1] += shown(token)
        before = token[0]
    lines = [f"{name}: {elements[0]}" if sent else f"{name}:"]
    for element in elements[1:]:
        if len(lines[-1]) + 1 + len(element) > WIDTH:
            lines.append(" ")
        lines[-1] += " " + element
    return "\n".join(lines) + "\n"


def plain(address: list) -> str:
    return "".join(f"[{text}]" if kind == "L" else text if kind in WORDS else kind for kind, text in address if kind != "C")
