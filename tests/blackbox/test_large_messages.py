"""A message of 50 MB whose signature is verified while a milter reads it: what it costs in memory."""

import re
import subprocess
from pathlib import Path

import pytest

from dns_zone import serve
from test_mailauth_resident import PLACE as JUDGE, resident
from test_sign import new_key
from test_smtpd_filters import ENVELOPE, PLACE, Milter

HEADER = b"From: ann@client.example\nSubject: minutes\nMIME-Version: 1.0\n\n"
LINE = b"x" * 998 + b"\n"
MORE_AT_MOST = 8192  # KiB
STATUS = Path("/tmp/status")
# The queue program starts when the message is judged: its parent and the judge have been as large as they get.
LOOK = f'for p in $PPID $(grep -l "^Name:.qmail-mailauth" /proc/[0-9]*/status | cut -d/ -f3); do cat /proc/$p/status; done >{STATUS}'


def signed(message):
    fields = subprocess.run(["/var/qmail/bin/qmail-sign", "ann@client.example", "bob@host.example.org"], input=message, stdout=subprocess.PIPE,
                            check=True).stdout
    assert fields.startswith(b"DKIM-Signature:")
    return fields + message


def peaks(box, lines):
    """The largest sizes so far, in KiB, of qmail-smtpd and of each qmail-mailauth."""
    box.capture_queue(before=LOOK)
    message = signed(HEADER + LINE * lines)
    said = box.smtpd_dialogue([*ENVELOPE, "DATA", message.replace(b"\n", b"\r\n") + b".\r\n", "QUIT"], {"TCPREMOTEIP": "192.0.2.99"}, timeout=300)
    assert b"\r\n250 ok 1" in said.out, said
    queued = box.captured()[-1][0]
    assert len(queued) > len(message)
    results = queued[:4096].replace(b"\n ", b" ")
    assert b"; dkim=pass header.d=client.example" in results and b"; dmarc=pass header.from=client.example" in results, results[:1500]
    return [(name, int(size)) for name, size in re.findall(r"Name:\t(\S+)\n.*?VmHWM:\s+(\d+)", STATUS.read_text(), re.S)]


@pytest.mark.limit(480)
@pytest.mark.parametrize("judges", [1, 3], ids=["executed", "resident"])
def test_memory_does_not_grow_with_the_message(box, judges):
    """Each process needs at most 8 MiB more than for 1 KB, whether the judge is executed, or forked by the dispatcher of the resident one."""
    serve(new_key(box, domain="client.example") | {"_dmarc.client.example": {"TXT": ["v=DMARC1; p=reject"]}})
    milter = Milter(steps=0x80000)
    box.control("smtpdmilters", f"unix:{PLACE}\n")
    box.control("dkimverify", "1\n")
    box.control("dmarc", "reject\n")
    if judges == 3:
        box.control("mailauthsocket", f"{JUDGE}\n")
        resident(box)
    small, large = peaks(box, 1), peaks(box, 50_000)
    assert [name for name, _ in small] == ["qmail-smtpd"] + ["qmail-mailauth"] * judges == [name for name, _ in large]
    assert all(most - least <= MORE_AT_MOST for (_, least), (_, most) in zip(small, large)), (small, large)
    told = sum(len(data) for letter, data in milter.log if letter == "B")
    assert told > 50_000_000
