"""qmail-dmarcreport: who gets the reports of a day, and that nobody gets one twice."""

import email
import gzip
import os
import shutil
from xml.etree import ElementTree

from dns_zone import serve

DAY = "20231114"
NS = {"d": "urn:ietf:params:xml:ns:dmarc-2.0"}
LINE = ("t=1700000000 ip=192.0.2.1 from={0} policy={0} p=reject disposition=none dkim=fail spf=fail envfrom={0} rua={1} "
        "auth=spf:{0}:fail\n")


def lines(box, *texts):
    directory = box.path("dmarc")
    directory.mkdir(exist_ok=True)
    shutil.chown(directory, "qmaild")
    (directory / DAY).write_text("".join(texts))
    return directory


def report(box, *arguments):
    return box.run(["qmail-dmarcreport", *arguments], as_user="qmaild", timeout=60)


def recipients(box):
    return sorted(recipient for _, _, found in box.captured() for recipient in found)


def test_a_report_is_mailed_and_not_twice(box):
    serve({})
    box.capture_queue()
    lines(box, LINE.format("d.example", "mailto:r@d.example"), LINE.format("d.example", "mailto:r@d.example"))
    for _ in range(2):
        done = report(box, DAY)
        assert (done.code, done.err) == (0, b"")
    ((text, sender, found),) = box.captured()
    assert (sender, found) == (b"postmaster@host.example.org", [b"r@d.example"])
    message = email.message_from_bytes(text)
    assert " ".join(message["Subject"].split()) == ("Report Domain: d.example Submitter: host.example.org "
                                                    "Report-ID: <1699920000.d.example@host.example.org>")
    assert message["Date"] and message["Message-ID"] and message["From"] == "<postmaster@host.example.org>"
    _, attached = message.get_payload()
    assert attached.get_content_type() == "application/gzip"
    assert attached.get_filename() == "host.example.org!d.example!1699920000!1700006399.xml.gz"
    root = ElementTree.fromstring(gzip.decompress(attached.get_payload(decode=True)))
    assert root.findtext("d:record/d:row/d:count", "", NS) == "2" and root.findtext("d:report_metadata/d:email", "", NS) == sender.decode()


def test_others_get_reports_only_if_they_agree(box):
    serve({"a.example._report._dmarc.yes.example": {"TXT": ["v=DMARC1"]}})
    box.control("dmarcreportfrom", "reports@host.example.org\n")
    box.capture_queue()
    lines(box, LINE.format("a.example", "mailto:r@yes.example,mailto:r@no.example,https://a.example/,mailto:r@in.a.example!1"),
          LINE.format("b.example", "mailto:victim@yes.example"), LINE.format("../x", "mailto:r@x"))
    assert report(box, DAY).code == 0
    assert recipients(box) == [b"r@yes.example"], "one has not agreed, one takes one byte, one domain is none"
    assert box.captured()[0][1] == b"reports@host.example.org"


def test_what_fails_is_sent_by_another_run(box):
    zone = {"b.example._report._dmarc.slow.example": "SERVFAIL"}
    serve(zone)
    lines(box, LINE.format("a.example", "mailto:r@a.example"), LINE.format("b.example", "mailto:r@slow.example,mailto:r@b.example"))
    failing = box.file("/tmp/full", "#!/bin/sh\nexit 53\n", mode=0o755)
    done = box.run(["qmail-dmarcreport", DAY], as_user="qmaild", timeout=60, env={"QMAILQUEUE": str(failing)})
    assert done.code == 111 and b"qmail-dmarcreport: a.example: r@a.example: qmail-inject fails\n" in done.err
    box.capture_queue()
    done = report(box, DAY)
    assert done.code == 111 and done.err == b"qmail-dmarcreport: b.example: a recipient of reports cannot be verified now\n"
    assert recipients(box) == [b"r@a.example", b"r@b.example"]
    zone["b.example._report._dmarc.slow.example"] = {"TXT": ["v=DMARC1"]}
    assert report(box, DAY).code == 0
    assert recipients(box) == [b"r@a.example", b"r@b.example", b"r@slow.example"]


def test_usage_and_days_without_lines(box):
    assert report(box).code == 0, "nothing of yesterday"
    for arguments in (["2023-11-14"], ["20231114", "x"], ["-n"], ["-x"], ["-n", "relative", DAY], ["20230230"]):
        assert report(box, *arguments).code == 100, arguments
    os.unlink(box.path("control/me"))
    done = report(box, DAY)
    assert done.code == 111 and b"unable to read control files" in done.err


def test_a_directory_gets_the_reports(box):
    lines(box, LINE.format("a.example", "mailto:r@a.example"), LINE.format("b.example", ""))
    out = box.path("/tmp/out")
    out.mkdir()
    out.chmod(0o777)
    assert report(box, "-n", str(out), DAY).code == 0
    assert sorted(path.name for path in out.iterdir()) == [f"host.example.org!{name}.example!1699920000!1700006399.xml.gz" for name in "ab"]
    assert report(box, "-n", "/tmp/none", DAY).code == 111
