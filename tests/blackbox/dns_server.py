"""A name server that answers a question with the bytes that a test makes from it."""

import socket
import struct
import threading

A, CNAME, PTR, MX, TXT, AAAA, OPT, TLSA = 1, 5, 12, 15, 16, 28, 41, 52


def name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".") if label) + b"\0"


def record(owner, kind, data):
    return name(owner) + struct.pack("!HHIH", kind, 1, 60, len(data)) + data


def a(owner, address):
    return record(owner, A, socket.inet_aton(address))


def aaaa(owner, address):
    return record(owner, AAAA, socket.inet_pton(socket.AF_INET6, address))


def mx(owner, preference, host):
    return record(owner, MX, struct.pack("!H", preference) + name(host))


def cname(owner, target):
    return record(owner, CNAME, name(target))


class Question:
    """A parsed query; answer() makes a valid response to it."""

    def __init__(self, packet, tcp):
        self.packet, self.tcp = packet, tcp
        self.id = packet[:2]
        labels, at = [], 12
        while length := packet[at]:
            labels.append(packet[at + 1:at + 1 + length].decode("latin-1"))
            at += 1 + length
        self.name = ".".join(labels)
        self.type = struct.unpack_from("!H", packet, at + 1)[0]
        self.question = packet[12:at + 5]
        self.edns = packet[at + 5:]
        self.udp_size = struct.unpack_from("!H", self.edns, 3)[0] if self.edns else 512

    def answer(self, *records, code=0, flags=0x8580, count=None):
        header = struct.pack("!HHHHH", flags | code, 1, len(records) if count is None else count, 0, 0)
        return self.id + header + self.question + b"".join(records)

    def whole_or_truncated(self, *records, flags=0x8580):
        """Truncates an answer that does not fit, as a server does; TCP has no limit."""
        full = self.answer(*records, flags=flags)
        if self.tcp or len(full) <= self.udp_size:
            return full
        return self.answer(flags=flags | 0x0200)


class DnsServer:
    """respond(question) returns bytes, or None for silence; questions are kept as "MX h.example"."""

    TYPES = {A: "A", CNAME: "CNAME", PTR: "PTR", MX: "MX", TXT: "TXT", AAAA: "AAAA"}

    def __init__(self, respond, tcp=True):
        self._respond = respond
        self.asked = []
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", 53))
        threading.Thread(target=self._serve_udp, daemon=True).start()
        if tcp:
            self._tcp = socket.create_server(("127.0.0.1", 53))
            threading.Thread(target=self._serve_tcp, daemon=True).start()

    def _reply(self, packet, tcp):
        question = Question(packet, tcp)
        self.asked.append(f"{self.TYPES.get(question.type, question.type)} {question.name}")
        return self._respond(question)

    def _serve_udp(self):
        while True:
            packet, client = self._udp.recvfrom(4096)
            if (reply := self._reply(packet, tcp=False)) is not None:
                self._udp.sendto(reply, client)

    def _serve_tcp(self):
        while True:
            stream, _ = self._tcp.accept()
            with stream, stream.makefile("rb") as reader:
                while len(length := reader.read(2)) == 2:
                    reply = self._reply(reader.read(int.from_bytes(length, "big")), tcp=True)
                    if reply is None:
                        break
                    stream.sendall(len(reply).to_bytes(2, "big") + reply)
