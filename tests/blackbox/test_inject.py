"""qmail-inject and sendmail with unusable input, and at their limits."""

import re
import shutil

import pytest

ME = {"USER": "alice"}


def inject(box, args, message=b"Subject: x\n\nhi\n", env=None, **options):
    """Runs it as alice with a queue program that keeps its input."""
    if "QMAILQUEUE" not in (env or {}):
        box.capture_queue()
    return box.run(["qmail-inject", *args], message, ME | (env or {}), "alice", **options)


def refused(box, result, code, text):
    assert (result.code, result.out) == (code, b"")
    assert result.err == b"qmail-inject: fatal: " + text
    assert box.captured() == []


# Headers


@pytest.mark.parametrize("field", [
    b'To: "open\n', b"To: (open\n", b"Cc: [open\n", b"Bcc: )\n", b"Apparently-To: x)\n )\n", b"From: ]\n",
    b"Sender: a:b\n", b"Reply-To: a>b>\n", b"Errors-To: g: h: a;;\n", b"Return-Receipt-To: a; b;\n",
    b"Return-Path: bob>\n", b"Resent-To: [x] a@b.c>\n", b"Resent-From: undisclosed:\n", b"RESENT-SENDER : (\n",
    b"Resent-Reply-To: \"a\\\"\n", b"Resent-Bcc: a,\n\t)b\n"])
def test_unreadable_address_field(box, field):
    """For every field with addresses and each kind of damage the whole field is shown, it exits 100, and nothing is queued."""
    result = inject(box, ["r@a.example"], b"Subject: x\n" + field + b"To: b@c.example\n\nbody\n")
    refused(box, result, 100, b"unable to parse this line:\n" + field)


@pytest.mark.parametrize("field", [
    b'To: "a\n b"@c.example\n', b'Cc: "a\\\n b"@c.example\n', b"Bcc: a\0b@c.example\n", b"From: a@[1\n 2]\n",
    b'Return-Path: <"\0"@c.example>\n', b"Resent-To: \"a\n\tb\"\n"])
def test_no_line_end_and_no_nul_in_addresses(box, field):
    result = inject(box, ["r@a.example"], field + b"\n")
    refused(box, result, 100, b"unable to parse this line:\n" + field)


@pytest.mark.parametrize("field", [b"From: Joe\\\n <joe@a.example>\n", b"To: Joe\\\n\t: joe@a.example;\n"])
def test_no_line_end_that_a_backslash_takes_into_a_name(box, field):
    """If it were printed again, it would end the header in the middle of the field."""
    refused(box, inject(box, ["r@a.example"], field + b"\n"), 100, b"unable to parse this line:\n" + field)


def test_line_ends_and_nul_elsewhere_are_kept(box):
    result = inject(box, [], b'To: "B\n b" <b@c.example> (x\n y)\nSubject: \0\x01\xff\n\n\0\n')
    assert (result.code, result.err) == (0, b"")
    ((message, _, recipients),) = box.captured()
    assert b'To: "B\\\n b" <b@c.example>(x\\\n y)\nSubject: \0\x01\xff\n\n\0\n' in message
    assert recipients == [b"b@c.example"]


def test_fields_that_hold_no_addresses_of_ours(box):
    """qmail-inject does not check other fields for such damage."""
    fields = b"".join(name + b": (\"[ :;)\n" for name in (
        b"Notice-Requested-Upon-Delivery-To", b"Disposition-Notification-To", b"Mail-Reply-To", b"Mail-Followup-To",
        b"Delivered-To", b"X-To", b"Subject", b"Received"))
    result = inject(box, ["r@a.example"], fields + b"\n")
    assert result.code == 0
    assert fields in box.captured()[0][0]


def test_full_name_stays_on_its_line(box):
    """A line feed in NAME does not start a field."""
    assert inject(box, ["r@a.example"], b"\n", {"NAME": "A\nBcc: x@b.example"}).code == 0
    message = box.captured()[0][0]
    assert b'From: "A Bcc: x@b.example" <alice@host.example.org>\n' in message
    assert b"\nBcc" not in message


def test_backslash_before_a_special(box):
    assert inject(box, [], b"To: a\\,b@c.example\n\n").code == 0
    ((message, _, recipients),) = box.captured()
    assert b"To: a,b@c.example\n" in message and recipients == [b"a,b@c.example"]


@pytest.mark.parametrize("field, printed, recipients", [
    (b"To: [Company] Support <s@a.example>", b"To: [Company]@host.example.org Support <s@a.example>",
     [b"s@a.example", b"[Company]@host.example.org"]),
    (b"To: Joe <joe@a.example>>", b"To: Joe <joe@a.example>>", [b"joe@a.example>"]),
    (b"To: Joe <<joe@a.example>>", b"To: Joe <@host.example.org <joe@a.example>>",
     [b"joe@a.example>", b"Joe<@host.example.org"]),
    (b"To: [x]: a@b.c;", b"To: [x]: a@b.c;", [b"a@b.c"]),
    (b"To: DOM\\joe", b"To: DOMjoe@host.example.org", [b"DOMjoe@host.example.org"]),
    (b"To: a\\ b@c.d, \\(@e.f, \\)@g.h", b"To: a b@c.d, \\(@e.f, \"\\)\"@g.h", [b")@g.h", b"(@e.f", b"a b@c.d"]),
    (b"To: x@a+, x@\xe4+", b"To: x@a.host.example.org, x@\"\xe4+\".host.example.org",
     [b"x@\xe4+.host.example.org", b"x@a.host.example.org"]),
    (b"To: x: <a@b.c>; y: <c@d.e>;", b"To: x: <a@b.c>;y: <c@d.e>;", [b"c@d.e"]),
    (b"To: x: <a@b.c>;, y: <c@d.e>;", b"To: x: <a@b.c>;, y: <c@d.e>;", [b"c@d.e", b"a@b.c"]),
    (b"To: <joe (Joe)@a.example>", b"To: <joe (Joe)@a.example>", [b"joe@a.example"]),
    (b"To: <@a.example>, <@a.example:>, <.>, <@>", b"To: <>, <>, <>, <>", [b""] * 4),
    (b"To: x@a.example, @a.example", b"To: x@a.example,", [b"", b"x@a.example"]),
])
def test_odd_lists(box, field, printed, recipients):
    """Lists as scripts write them: checks the field that is sent and the recipients."""
    assert inject(box, [], field + b"\n\n").code == 0
    ((message, _, found),) = box.captured()
    assert printed + b"\n" in message
    assert found == recipients


def test_mbox_line_with_a_colon(box):
    """"From : x" is never a From field."""
    assert inject(box, ["r@a.example"], b"From : <b@x.example>\nSubject: s\nFrom  : c\n d\n\n").code == 0
    message = box.captured()[0][0]
    assert (b"\nFrom: alice@host.example.org\nCc: recipient list not shown: ;\n"
            b"MBOX-Line: From : <b@x.example>\nSubject: s\nMBOX-Line: From  : c\n d\n") in message


def test_default_host_that_ends_in_a_dot(box):
    box.control("defaulthost", "h.\n")
    box.control("defaultdomain", "d.example\n")
    assert inject(box, ["r"], b"\n").code == 0
    ((message, sender, recipients),) = box.captured()
    assert (sender, recipients) == (b"alice@h.", [b"r@h."]) and b"From: alice@h.\n" in message


@pytest.mark.parametrize("host, address, sender", [
    ("a b", "alice@a.host.example.org, b@host.example.org", "b@host.example.org"),
    ("a.b,c.d", "alice@a.b, c.d@host.example.org", "c.d@host.example.org"),
    ("a.b, ", "alice@a.b,", "alice@a.b"), (".", "alice@host.example.org", "alice@host.example.org"),
    ("a(b.c", "alice@a\\(b.c", "alice@a(b.c"), ('a"b.c', 'alice@a\\"b.c', 'alice@a"b.c'),
    ("[192.0.2.1]", "alice@[192.0.2.1]", "alice@[192.0.2.1]"), ("h.", "alice@h.host.example.org", "alice@h.host.example.org"),
    ("m+", "alice@m.host.example.org", "alice@m.host.example.org"), ("[]", "alice@[]", "alice@[]"),
])
def test_hosts_from_the_environment(box, host, address, sender):
    """They are completed like text after an '@' that a user typed, even a list: its last address is the sender."""
    assert inject(box, ["r@a.example"], env={"QMAILHOST": host}).code == 0
    ((message, found, _),) = box.captured()
    assert f"\nFrom: {address}\n".encode() in message and found == sender.encode()


@pytest.mark.parametrize("variable", ["QMAILHOST", "QMAILSHOST"])
def test_unreadable_hosts_from_the_environment(box, variable):
    result = inject(box, ["r@a.example"], env={variable: "a>b"})
    refused(box, result, 100, b"unable to parse this line:\nReturn-Path: alice@a>b\n")


# Control files and the environment


CONTROLS = {"me": [], "defaultdomain": ["QMAILDEFAULTDOMAIN"], "defaulthost": ["QMAILDEFAULTHOST"],
            "idhost": ["QMAILIDHOST"], "plusdomain": ["QMAILPLUSDOMAIN"]}


@pytest.mark.parametrize("name", CONTROLS)
@pytest.mark.parametrize("how", ["directory", "mode"])
def test_unreadable_control_file(box, name, how):
    """It exits 111 and queues nothing, even if a variable overrides the file."""
    path = box.path(f"control/{name}")
    if how == "directory":
        path.unlink(missing_ok=True)
        path.mkdir()
    else:
        box.file(f"control/{name}", "x.example\n", mode=0o000)
    for variable in ["", *CONTROLS[name]]:
        env = {variable: "v.example"} if variable else {}
        refused(box, inject(box, ["r@a.example"], env=env), 111, b"read error\n")


@pytest.mark.parametrize("name, sign", [("defaulthost", b"@"), ("defaultdomain", b"."), ("plusdomain", b".")])
def test_control_file_that_is_no_host(box, name, sign):
    box.control(name, "x[\n")
    refused(box, inject(box, ["r@a.example"]), 100, b"unable to parse this line:\n" + sign + b"x[")


def test_empty_variables_count(box):
    for name in ("defaultdomain", "plusdomain", "idhost"):
        box.control(name, "c.example\n")
    env = {"QMAILDEFAULTDOMAIN": "", "QMAILPLUSDOMAIN": "", "QMAILIDHOST": "", "QMAILDEFAULTHOST": "h.example"}
    result = inject(box, ["-n"], b"To: a, b@m, c@m+\n\n", env)
    assert b"To: a@h.example, b@m., c@m.\n" in result.out
    assert b".qmail@>\n" in result.out and b"From: alice@h.example\n" in result.out


@pytest.mark.parametrize("name, mode", [("lists", 0o000), ("folder", 0o644)])
def test_unreadable_followup_file(box, name, mode):
    box.file("/home/alice/lists", "l@a.example\n", mode=mode)
    box.mkdir("/home/alice/folder")
    result = inject(box, [], b"To: l@a.example\n\n", {"QMAILMFTFILE": f"/home/alice/{name}"})
    refused(box, result, 111, b"read error\n")


def outside(box, name):
    """Returns a copy of a program that can be run when the home is not accessible."""
    copy = f"/tmp/{name}"
    shutil.copy(box.path(f"bin/{name}"), copy)
    box.path(".").chmod(0o700)
    return copy


def test_home_out_of_reach(box):
    """This is reported before the arguments are checked."""
    program = outside(box, "qmail-inject")
    for args in (["r@a.example"], ["-Z"], ["-f", "x@)"]):
        result = box.run([program, *args], b"\n", ME, "alice")
        assert (result.code, result.err) == (111, b"qmail-inject: fatal: internal bug\n")


def test_sendmail_home_out_of_reach(box):
    program = outside(box, "sendmail")
    for args in (["r@a.example"], ["-bp"], ["-Z"]):
        result = box.run([program, *args], b"\n", ME, "alice")
        assert (result.code, result.err) == (111, b"sendmail: fatal: unable to switch to qmail home directory\n")


# Arguments


@pytest.mark.parametrize("args, text", [
    (["bob@a[b"], b"unable to parse address: bob@a[b\n"),
    (["bob\nx@a[b"], b"unable to parse address: bob\nx@a[b\n"), (["bob@a[\n"], b"unable to parse address: bob@a[\n\n"),
    (["-a", "ok@a.example", "bob@("], b"unable to parse address: bob@(\n"),
    (["-f", "a b@(x", "r@a.example"], b'unable to parse this line:\n"a b"@(x'),
    (["-f", "s@]", "r@a.example"], b"unable to parse this line:\ns@]"),
    (["-f", "s@]", "-Z", "-f", "s@a.example"], b"unable to parse this line:\ns@]"),
])
def test_unreadable_arguments(box, args, text):
    refused(box, inject(box, args), 100, text)


@pytest.mark.parametrize("args", [["-f"], ["-nq"], ["-F", "x"], ["-0"], ["-:"]])
def test_bad_options(box, args):
    result = inject(box, args)
    assert result.code == 100 and result.out == b"" and box.captured() == []
    assert result.err.startswith(b"qmail-inject: ") and result.err.count(b"\n") == 1


@pytest.mark.parametrize("args, sender, recipients", [
    (["-f", "", "r@a.example"], b"", [b"r@a.example"]),
    (["-f", "<>", "r@a.example"], b"<>@host.example.org", [b"r@a.example"]),
    (["", "r@a.example"], b"alice@host.example.org", [b"", b"r@a.example"]),
    (["-a", "--", "-f", "x"], b"alice@host.example.org", [b"-f@host.example.org", b"x@host.example.org"]),
    (["-a", "-", "-n"], b"alice@host.example.org", [b"-@host.example.org", b"-n@host.example.org"]),
    (["-nNa", "r@[192.0.2.1]"], b"alice@host.example.org", [b"r@[192.0.2.1]"]),
    (["r@a.example.", "s@a.example@"], b"alice@host.example.org", [b"r@a.example", b"s@a.example@host.example.org"]),
])
def test_odd_arguments(box, args, sender, recipients):
    assert inject(box, args).code == 0
    ((_, found_sender, found_recipients),) = box.captured()
    assert found_sender == sender
    assert [found_recipients, len(found_recipients)] == [recipients, len(recipients)]


# Input, output, the queue program


@pytest.mark.parametrize("number", [0, 1, 2])
def test_closed_descriptors(box, number):
    options = {"extra_fds": {number: None}} if number else {}
    result = inject(box, ["r@a.example"], None if number == 0 else b"\nx\n", **options)
    if number == 0:
        refused(box, result, 111, b"read error\n")
    else:
        assert result.code == 0
        assert box.captured()[0][0].endswith(b"\n\nx\n")


def test_n_with_an_output_that_takes_nothing(box):
    for command in ("qmail-inject -n >/dev/full", "qmail-inject -n | true; exit $?", "qmail-inject -n >&-"):
        script = f'set -o pipefail; {command}'
        result = box.run(["/bin/bash", "-c", script], b"To: a@b.example\n\n" + b"x" * 200000, ME, "alice")
        assert (result.code, result.err) == (111, b"qmail-inject: fatal: read error\n")


@pytest.mark.parametrize("descriptor", [4, 6])
@pytest.mark.parametrize("exit_code", [82, 88])
@pytest.mark.parametrize("letter, code", [("D", 100), ("Z", 111)])
def test_custom_rejection(box, descriptor, exit_code, letter, code):
    script = f"#!/bin/sh\ncat >/dev/null\nprintf '{letter}no mail today' >&{descriptor}\nexit {exit_code}\n"
    box.file("/tmp/q", script, mode=0o755)
    result = inject(box, ["r@a.example"], env={"QMAILQUEUE": "/tmp/q"})
    assert (result.code, result.err) == (code, b"qmail-inject: fatal: no mail today\n")


def test_queue_program_that_talks_first(box):
    """It writes more than a pipe holds before it reads anything."""
    box.file("/tmp/q", "#!/bin/sh\nprintf D >&4\nhead -c 300000 /dev/zero | tr '\\0' y >&4\ncat >/dev/null\nexit 82\n", mode=0o755)
    result = inject(box, ["r@a.example"], b"\n" + b"line\n" * 100_000, {"QMAILQUEUE": "/tmp/q"})
    assert (result.code, result.err) == (100, b"qmail-inject: fatal: " + b"y" * 255 + b"\n")


def test_queue_program_that_reads_nothing(box):
    """Exit code 0 is not a success if the message was not read."""
    box.file("/tmp/q", "#!/bin/sh\nexit 0\n", mode=0o755)
    result = inject(box, ["r@a.example"], b"\n" + b"line\n" * 100000, {"QMAILQUEUE": "/tmp/q"})
    assert (result.code, result.err) == (111, b"qmail-inject: fatal: qq read error (#4.3.0)\n")


@pytest.mark.parametrize("program", ["", "/nowhere", "/tmp"])
def test_queue_program_that_is_none(box, program):
    result = inject(box, ["r@a.example"], env={"QMAILQUEUE": program})
    assert (result.code, result.err) == (111, b"qmail-inject: fatal: unable to exec qq (#4.3.0)\n")


def test_ignored_sigchld(box):
    """A parent that ignores SIGCHLD does not hide the exit code of the queue program."""
    box.capture_queue(code=53)
    result = box.run(["/bin/bash", "-c", "trap '' CHLD; exec qmail-inject r@a.example"], b"\n", ME, "alice")
    assert (result.code, result.err) == (111, b"qmail-inject: fatal: qq write error or disk full (#4.3.0)\n")


# Limits


def test_large_header_and_body(box):
    fields = b"".join(b"X-%d: %s\n" % (i, b"y" * 1000) for i in range(3000))
    body = b"0123456789abcde\n" * 300000 + b"\0\r\xff no end"
    assert inject(box, ["r@a.example"], fields + b"\n" + body).code == 0
    message = box.captured()[0][0]
    assert message.endswith(fields + b"\n" + body + b"\n")


def test_many_recipients(box):
    people = [b"p%d@a.example" % i for i in range(20000)]
    assert inject(box, [], b"To: " + b",\n ".join(people) + b"\n\n").code == 0
    ((message, _, recipients),) = box.captured()
    assert recipients == people[::-1]
    assert all(len(line) <= 78 for line in message.splitlines())


@pytest.mark.limit(120)
@pytest.mark.parametrize("piece", [b"(", b"<", b"@", b"a ", b"\\", b"\"\"", b",", b"a\n ", b"[]", b";"])
def test_hostile_lists_take_little_time(box, piece):
    """A megabyte of any special character is queued or refused within seconds of its own processor time."""
    value = piece * (1000000 // len(piece))
    box.capture_queue()
    limited = ["/bin/bash", "-c", "ulimit -t 8; exec qmail-inject r@a.example"]
    result = box.run(limited, b"To: " + value + b"\n\n", ME, "alice", timeout=100)
    assert result.code in (0, 100)


def test_little_memory(box):
    """The body is not kept in memory; a header that is too large for memory is a temporary failure."""
    limited = ["/bin/bash", "-c", 'ulimit -v 12000; exec qmail-inject r@a.example']
    box.capture_queue()
    body = b"x" * 30_000_000
    assert box.run(limited, b"To: a@b.example\n\n" + body, ME, "alice").code == 0
    assert len(box.captured()[0][0]) > len(body)
    result = box.run(limited, b"X: " + body + b"\n\n", ME, "alice")
    assert (result.code, result.err) == (111, b"qmail-inject: fatal: out of memory\n")
    assert len(box.captured()) == 1


def test_long_first_line_of_a_body_is_not_kept_either(box):
    box.capture_queue()
    limited = ["/bin/bash", "-c", 'ulimit -v 12000; exec qmail-inject r@a.example']
    assert box.run(limited, b"no field " + b"x" * 30_000_000, ME, "alice").code == 0
    assert b"\n\nno field xxx" in box.captured()[0][0]


# sendmail


def test_sendmail_bs_speaks_smtp_and_relays(box):
    box.capture_queue()
    script = b"EHLO c\r\nMAIL FROM:<s@a.example>\r\nRCPT TO:<r@elsewhere.example>\r\nDATA\r\n\r\nhi\r\n.\r\nQUIT\r\n"
    box.control("rcpthosts", "host.example.org\n")
    for args in (["-bs"], ["-t", "-bs", "-Z"]):
        result = box.run(["sendmail", *args], script, ME, "alice")
        assert b"\r\n250 ok " in result.out, result
    message, sender, recipients = box.captured()[0]
    assert (sender, recipients) == (b"s@a.example", [b"r@elsewhere.example"])
    assert b"(HELO c) (sendmail-bs@127.0.0.1)" in message
    # Variables that a listener has set are kept: no relaying.
    result = box.run(["sendmail", "-bs"], script, ME | {"PROTO": "TCP"}, "alice")
    assert b"553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)" in result.out


def test_sendmail_bp_is_qmail_qread(box):
    box.plant_message(b"x\n", "s@a.example", remote=["r@b.example"], age=3600)
    listing = box.run(["qmail-qread"]).out
    assert b"remote\tr@b.example" in listing
    for args in (["-bp"], ["-bpx", "-Z"], ["-v", "-b", "p"]):
        assert box.run(["sendmail", *args]).out == listing


@pytest.mark.parametrize("args", [["-E"], ["-Exyz"], ["-iExyz", "-v"], ["-xJfoo"], ["-oE", "-e", "x"]])
def test_sendmail_swallows(box, args):
    box.capture_queue()
    assert box.run(["sendmail", *args, "r@a.example"], b"\n", ME, "alice").code == 0
    assert box.captured()[0][2] == [b"r@a.example"]


@pytest.mark.parametrize("args", [
    ["-Nsuccess,delay,failure"], ["-N", "never"], ["-R", "hdrs"], ["-Rfull"], ["-V", "id"], ["-Vid"], ["-O", "Timeout=1"],
    ["-C", "/etc/mail/x.cf"], ["-Ac"], ["-A", "m"], ["-L", "tag"], ["-Ltag"], ["-G"], ["-U"], ["-X", "/tmp/log"], ["-X/tmp/log"],
    ["-h", "30"], ["-h5"], ["-n"], ["-I"], ["-GUnIi"], ["-iN", "never", "-v"], ["-ba"]])
def test_sendmail_takes_options_of_others(box, args):
    """Options of other sendmails have no effect: their values are not recipients, and no file appears."""
    box.capture_queue()
    result = box.run(["sendmail", *args, "r@a.example"], b"From: f@b.example\n\n", ME, "alice")
    assert (result.code, result.out, result.err) == (0, b"", b"")
    ((_, sender, recipients),) = box.captured()
    assert (sender, recipients) == (b"alice@host.example.org", [b"r@a.example"])
    assert not box.path("/tmp/log").exists()


@pytest.mark.parametrize("args, sender", [
    (["-r", "s@c.example"], b"s@c.example"), (["-rs@c.example"], b"s@c.example"), (["-f", "x@y", "-r", "s@c.example"], b"s@c.example"),
    (["-f", "<>"], b""), (["-f<>"], b""), (["-r", "<>"], b""), (["-f", "<s@c.example>"], b"s@c.example"),
    (["-r<s@c.example>"], b"s@c.example"), (["-f", "<s"], b"<s@host.example.org"), (["-f", ""], b"")])
def test_sendmail_sender(box, args, sender):
    box.capture_queue()
    result = box.run(["sendmail", *args, "r@a.example"], b"From: f@b.example\n\n", ME, "alice")
    assert (result.code, result.err) == (0, b"")
    assert box.captured()[0][1:] == (sender, [b"r@a.example"])


def test_sendmail_null_sender_without_a_from_field(box):
    box.capture_queue()
    for args in (["-f", ""], ["-f", "<>"]):
        assert box.run(["sendmail", *args, "r@a.example"], b"\n", ME, "alice").code == 0
    first, second = (re.search(rb"^From: .*$", message, re.M)[0] for message, _, _ in box.captured())
    assert first == second


CRLF = b"From: f@b.example\r\nTo: r@a.example\r\nSubject: x\r\n\ty\r\n\r\n"
LF = CRLF.replace(b"\r", b"")


@pytest.mark.parametrize("message, expected", [
    (CRLF + b"one\r\n\r\ntwo\r\n", LF + b"one\n\ntwo\n"),
    (CRLF + b"one\ntwo\r\n", LF + b"one\ntwo\n"),
    (CRLF + b"no end", LF + b"no end\n"),
    (CRLF + b"a\rb\r\r\n\r", LF + b"a\rb\r\n\r\n"),
    (CRLF + b"x" * 65000 + b"\r\n" * 70000 + b"end\n", LF + b"x" * 65000 + b"\n" * 70000 + b"end\n"),
    (LF + b"one\r\n", LF + b"one\r\n"),
])
def test_sendmail_reads_crlf(box, message, expected):
    """If the first line ends in CR LF, all lines do, for any size; otherwise CR is kept."""
    box.capture_queue()
    for env in ({}, {"QMAILINJECT": "c"}):
        assert box.run(["sendmail", "-t"], message, ME | env, "alice").code == 0
    for found, _, recipients in box.captured():
        assert found.endswith(expected) and recipients == [b"r@a.example"]


def test_line_ends_that_stay(box):
    """A message that ends in LF alone has both kinds of line end; qmail-inject itself checks neither."""
    box.capture_queue()
    assert box.run(["sendmail", "-t"], CRLF + b"one\n", ME, "alice").code == 0
    assert inject(box, [], CRLF + b"one\r\n").code == 0
    assert inject(box, [], CRLF + b"one\r\n", {"QMAILINJECT": "l"}).code == 0
    kept, bare, asked = (message for message, _, _ in box.captured())
    assert b"Subject: x\r\n\ty\r\n" in kept and kept.endswith(b"\r\none\n")
    assert b"Subject: x\r\n\ty\r\n" in bare and bare.endswith(b"\r\none\r\n")
    assert asked.endswith(LF + b"one\n")


ON_A_TERMINAL = """
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv("/var/qmail/bin/sendmail", sys.argv[1:])
text = b""
try:
    while piece := os.read(terminal, 4096):
        text += piece
except OSError:
    pass
sys.stdout.buffer.write(text)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


@pytest.mark.parametrize("option, instead", [
    ("-q", b"qmail-send"), ("-q5m", b"qmail-send"), ("-bd", b"qmail-smtpd"), ("-bD", b"qmail-smtpd"), ("-bi", b"fastforward"),
    ("-bt", b"qmail-local -n"), ("-bv", b"qmail-local -n"), ("-s", b"preline"), ("-d0.1", b"qmail-inject -n")])
def test_sendmail_says_what_to_use_instead(box, option, instead):
    """On a terminal there is one more line: the replacement of the option."""
    to_a_program = box.run(["sendmail", option])
    assert to_a_program.code == 100 and to_a_program.err.endswith(b"[ arg ... ]\n")
    to_a_person = box.run(["/usr/bin/python3", "-c", ON_A_TERMINAL, "sendmail", option])
    assert to_a_person.code == 100
    text = to_a_person.out.replace(b"\r\n", b"\n")
    assert text.startswith(to_a_program.err)
    line = text[len(to_a_program.err):]
    assert line.startswith(b"sendmail: -") and instead in line and line.count(b"\n") == 1


def test_sendmail_f_takes_names_away_wherever_it_stands(box):
    box.capture_queue()
    for args in (["-F", "Bob", "-f", "s@c.example"], ["-f", "s@c.example", "-F", "Bob"]):
        box.run(["sendmail", *args, "r@a.example"], b"\n", ME | {"NAME": "N"}, "alice")
    for message, sender, _ in box.captured():
        assert b"From: s@c.example\n" in message and sender == b"s@c.example"


def test_sendmail_complains_under_its_name(box):
    box.path("/tmp/rmail").symlink_to("/var/qmail/bin/sendmail")
    result = box.run(["/tmp/rmail", "-Z"])
    assert result.code == 100
    assert result.err == (b"rmail: illegal option -- Z\nsendmail: usage: sendmail [ -t ] [ -fsender ] [ -Fname ] "
                          b"[ -bp ] [ -bs ] [ arg ... ]\n")


@pytest.mark.parametrize("args, missing", [([], "qmail-inject"), (["-bs"], "qmail-smtpd"), (["-bp"], "qmail-qread")])
def test_sendmail_without_the_program_behind_it(box, args, missing):
    program = "/tmp/sendmail"
    shutil.copy(box.path("bin/sendmail"), program)
    script = 'unshare -m /bin/sh -c "mount -t tmpfs none /var/qmail/bin && exec \\"\\$@\\"" sh "$@"'
    result = box.run(["/bin/sh", "-c", script, "sh", program, *args], b"\n")
    assert result.code == 111
    assert result.err == f"sendmail: fatal: unable to run {missing}\n".encode()
