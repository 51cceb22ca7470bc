"""A name server for tests that have its records in a dictionary."""

import socket

import dns_server
from dns_server import AAAA, CNAME, MX, PTR, TLSA, TXT, A

KINDS = {"A": A, "AAAA": AAAA, "MX": MX, "TXT": TXT, "PTR": PTR, "TLSA": TLSA}
VERIFIED = 0x20  # AD


def text_data(strings):
    return b"".join(bytes([len(part)]) + part for part in strings)


def in_strings(value):
    """The strings of a TXT record: a text of any length, or the parts as they are given."""
    for part in value if isinstance(value, list) else [value]:
        data = part.encode("latin-1")
        for at in range(0, max(1, len(data)), 255):
            yield data[at:at + 255]


def record(kind, owner, value):
    if kind == "A":
        return dns_server.a(owner, value)
    if kind == "AAAA":
        return dns_server.record(owner, AAAA, socket.inet_pton(socket.AF_INET6, value))
    if kind == "MX":
        return dns_server.mx(owner, value[0], value[1])
    if kind == "TLSA":
        return dns_server.record(owner, TLSA, bytes(value[:3]) + value[3])
    if kind == "PTR":
        return dns_server.record(owner, PTR, dns_server.name(value))
    return dns_server.record(owner, TXT, text_data(in_strings(value)))


def serve(zone, verified=lambda question: False):
    """A name server for {name: {type: [value]}}; "FAIL" instead of values, "SERVFAIL" instead of types is trouble.
    The zone may be changed later. Answers to questions for which `verified` is true have AD, if the client asks for it."""
    kinds = {number: kind for kind, number in KINDS.items()}

    def respond(question):
        names = {name.lower().rstrip("."): records for name, records in zone.items()}
        records = names.get(question.name.lower())
        flags = 0x8580 | (VERIFIED if question.packet[3] & VERIFIED and verified(question) else 0)
        if records is None:
            return question.answer(code=3, flags=flags)
        if records == "SERVFAIL":
            return question.answer(code=2)
        if "CNAME" in records:
            return question.answer(dns_server.record(question.name, CNAME, dns_server.name(records["CNAME"])), flags=flags)
        values = records.get(kinds[question.type], [])
        if values == "FAIL":
            return question.answer(code=2)
        return question.whole_or_truncated(*(record(kinds[question.type], question.name, value) for value in values), flags=flags)

    return dns_server.DnsServer(respond)
