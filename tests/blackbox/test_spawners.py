"""qmail-lspawn and qmail-rspawn in situations without a conformance case: hooks, broken helpers, missing accounts."""

import os
import re
from pathlib import Path

import pytest

MESSAGE = b"Subject: x\n\nbody\n"
NAME = b"0/230"
VERSION = (Path(__file__).parents[2] / "VERSION").read_text(encoding="ascii").strip()
SHOW = "#!/bin/sh\nprintf '%s|' \"$@\"\n"


def order(slot, recipient, sender=b"s@a.example", name=NAME):
    return bytes([slot]) + b"\0".join([name, sender, recipient, b""])


def reports(out):
    """Returns {slot: [report, ...]} of a spawner's output after its first byte."""
    assert out[:1] == b"\x78"
    found, rest = {}, out[1:]
    while rest:
        text, _, left = rest[1:].partition(b"\0")
        found.setdefault(rest[0], []).append(text)
        rest = left
    return found


def queued(box):
    box.plant_message(MESSAGE, "s@a.example", number=230, local=["alice@host.example.org"])


def lspawn(box, *recipients, default="./Mailbox", **more):
    """Returns the reports for one delivery per recipient, in slots 0, 1, ..."""
    queued(box)
    orders = b"".join(order(slot, one) for slot, one in enumerate(recipients))
    result = box.run(["qmail-lspawn", default], orders, **more)
    assert result.code == 0
    found = reports(result.out)
    assert sorted(found) == list(range(len(recipients)))
    assert all(len(texts) == 1 for texts in found.values())
    return [found[slot][0] for slot in range(len(recipients))]


def rspawn(box, recipient=b"bob@b.example", env=None, **more):
    queued(box)
    result = box.run(["qmail-rspawn"], order(5, recipient), as_user="qmailr", env=env or {}, **more)
    assert result.code == 0
    (texts,) = reports(result.out).values()
    (text,) = texts
    return text


def known_remote(box):
    """The variable by which qmail-start tells qmail-rspawn which file is the qmail-remote of this release."""
    found = os.stat(box.program("qmail-remote"))
    return {"QMAILREMOTEFILE": f"{found.st_dev} {found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {VERSION}"}


def replace(box, name, script, mode=0o755):
    source = box.file(f"/mnt/replaced-{name}", script, mode=mode)
    assert box.run(["/usr/bin/mount", "--bind", str(source), str(box.path(f"bin/{name}"))]).code == 0


def without_account(*names):
    passwd = Path("/etc/passwd")
    lines = passwd.read_text().splitlines()
    passwd.write_text("\n".join(line for line in lines if line.split(":")[0] not in names) + "\n")


# Hooks

@pytest.mark.parametrize("value", ["/mnt/hook", "../../mnt/hook"])
def test_qmaillocal(box, value):
    box.file("/mnt/hook", SHOW, mode=0o755)
    (text,) = lspawn(box, b"alice-X@Host", env={"QMAILLOCAL": value})
    assert text == b"K--|alice|/home/alice|alice-X|-|X|Host|s@a.example|./Mailbox|"


def test_qmaillocal_empty_is_unset(box):
    assert lspawn(box, b"alice@host", env={"QMAILLOCAL": ""}) == [b"Kdid 1+0+0\n"]


def test_qmaillocal_missing(box):
    assert lspawn(box, b"alice@host", env={"QMAILLOCAL": "/no/such"}) == [b"ZUnable to run qmail-local.\n"]


# (the damage to the program, the report)
CANNOT_RUN = [(0o644, "#!/bin/sh\n"), (0o755, ""), (0o755, "no program\n"), (0o755, "#!/no/such/shell\n"),
              (0o755, "#!/bin/sh\nexit 127\n")]


@pytest.mark.parametrize("mode, script", CANNOT_RUN)
def test_hooks_that_cannot_run_for_now(box, mode, script):
    box.file("/mnt/hook", script, mode=mode)
    assert lspawn(box, b"alice@host", env={"QMAILLOCAL": "/mnt/hook"}) == [b"ZUnable to run qmail-local.\n"]
    assert rspawn(box, env={"QMAILREMOTE": "/mnt/hook"}) == b"ZUnable to run qmail-remote.\n"


@pytest.mark.parametrize("script", [script for mode, script in CANNOT_RUN if mode == 0o755])
def test_own_programs_that_cannot_run_for_now(box, script):
    """The program is incomplete, has another loader, or runs out of memory."""
    for name in ("qmail-local", "qmail-remote"):
        replace(box, name, script)
    assert lspawn(box, b"alice@host") == [b"ZUnable to run qmail-local.\n"]
    assert rspawn(box) == b"ZUnable to run qmail-remote.\n"
    replace(box, "qmail-getpw", script)
    assert lspawn(box, b"alice@host") == [b"ZUnable to run qmail-getpw.\n"]


def test_own_programs_that_are_missing(box):
    """The programs are missing for a moment while they are replaced."""
    assert box.run(["/bin/cp", "-a", str(box.path("bin")), "/mnt/bin"]).code == 0
    assert box.run(["/usr/bin/mount", "--bind", "/mnt/bin", str(box.path("bin"))]).code == 0
    for name in ("qmail-local", "qmail-remote"):
        box.path(f"bin/{name}").unlink()
    assert lspawn(box, b"alice@host") == [b"ZUnable to run qmail-local.\n"]
    assert rspawn(box) == b"ZUnable to run qmail-remote.\n"
    box.path("bin/qmail-getpw").unlink()
    assert lspawn(box, b"alice@host") == [b"ZUnable to run qmail-getpw.\n"]


def test_path_that_does_not_lead_to_qmail_remote(box):
    """The program is in its place, so the error is permanent."""
    assert rspawn(box, env={"PATH": "/nowhere"}) == b"DUnable to run qmail-remote.\n"


@pytest.mark.parametrize("output, report", [
    (r"xab\0xline\0", b"Dab"), (r"Kone\0Dtwo\0", b"Konetwo"), (r"hno\0Kok", b"Dnook"), (r"sno\0Kok", b"Znook"),
    (r"r\0x\0Kok\0", b"K"), (r"Done\0Ktwo\0", b"Donetwo"),
])
def test_odd_output_of_qmail_remote(box, output, report):
    box.file("/mnt/hook", f"#!/bin/sh\nprintf '{output}'\n", mode=0o755)
    assert rspawn(box, env={"QMAILREMOTE": "/mnt/hook"}) == report


def test_qmaillocal_busy_is_temporary(box):
    """Mail must not bounce while a program is being replaced."""
    hook = box.file("/mnt/hook", SHOW, mode=0o755)
    with open(hook, "r+b"):
        (text,) = lspawn(box, b"alice@host", env={"QMAILLOCAL": "/mnt/hook"})
    assert text == b"ZUnable to run qmail-local.\n"


@pytest.mark.parametrize("value", ["/mnt/hook", "../../mnt/hook"])
def test_qmailremote(box, value):
    box.file("/mnt/hook", "#!/bin/sh\nprintf 'K%s|%s|%s\\n\\0' \"$@\"\n", mode=0o755)
    assert rspawn(box, b"x@y@Host", {"QMAILREMOTE": value}) == b"KHost|s@a.example|x@y@Host\n"


def test_qmailremote_missing(box):
    assert rspawn(box, env={"QMAILREMOTE": "/no/such"}) == b"ZUnable to run qmail-remote.\n"


def test_qmailremote_busy_is_temporary(box):
    hook = box.file("/mnt/hook", "#!/bin/sh\n", mode=0o755)
    with open(hook, "r+b"):
        assert rspawn(box, env={"QMAILREMOTE": "/mnt/hook"}) == b"ZUnable to run qmail-remote.\n"


def test_without_path_the_home_is_searched(box):
    replace(box, "qmail-remote", "#!/bin/sh\nprintf 'Kfrom home\\n\\0'\n")
    queued(box)
    box.file("/mnt/orders", order(5, b"bob@b.example"))
    line = "unset PATH; exec /var/qmail/bin/qmail-rspawn </mnt/orders"
    result = box.run(["/bin/sh", "-c", line], as_user="qmailr")
    assert reports(result.out) == {5: [b"Kfrom home\n"]}


# Answers of qmail-getpw

@pytest.mark.parametrize("script, report", [
    ("exit 0", b"ZInternal qmail-lspawn bug.\n"),
    ("printf 'u\\0007001\\0007001\\000/home/alice\\000\\000'", b"ZInternal qmail-lspawn bug.\n"),
    ("printf 'u\\0007001\\0007001\\000/home/alice\\000\\000ext'", b"ZInternal qmail-lspawn bug.\n"),
    ("printf 'u\\0007001\\000\\000/home/alice\\000\\000\\000'", b"ZInternal qmail-lspawn bug.\n"),
    ("printf 'u\\000x\\0007001\\000/\\000\\000\\000'", b"ZNot allowed to perform deliveries as root.\n"),
    ("printf 'u\\0004294967296\\0007001\\000/\\000\\000\\000'", b"ZNot allowed to perform deliveries as root.\n"),
    ("yes | head -c 200000", b"ZInternal qmail-lspawn bug.\n"),
    ("kill -9 $$", b"ZTemporary failure in qmail-lspawn.\n"),
    ("echo why >&2; exit 111", b"Zwhy\n"),
    ("echo why >&2; exit 100", b"Dwhy\n"),
    ("exit 115", b"ZNFS failure in qmail-local.\n"),
    ("exit 119", b"ZOut of memory in qmail-lspawn.\n"),
])
def test_answers_of_getpw(box, script, report):
    replace(box, "qmail-getpw", f"#!/bin/sh\n{script}\n")
    assert lspawn(box, b"alice@host") == [report]


def test_getpw_does_not_get_the_message(box):
    replace(box, "qmail-getpw", "#!/bin/sh\ncat >&2\nprintf 'u\\0007001\\0007001\\000/home/alice\\000\\000\\000'\n")
    assert lspawn(box, b"alice@host") == [b"Kdid 1+0+0\n"]
    assert MESSAGE in box.mailbox("alice")


def test_getpw_cannot_be_run(box):
    replace(box, "qmail-getpw", "#!/bin/sh\n", mode=0o644)
    assert lspawn(box, b"alice@host", b"@host") == [b"ZUnable to run qmail-getpw.\n", b"K"]


@pytest.mark.limit(90)
def test_a_slow_getpw_holds_up_nobody(box):
    """Look-ups run simultaneously, and a delivery without a look-up does not wait for them; here they wait for it."""
    replace(box, "qmail-getpw", "#!/bin/sh\nuntil test -e /tmp/delivered; do sleep 0.2; done\nexit 116\n")
    box.dotqmail("alice", "", "|touch /tmp/delivered\n")
    box.users_assign("=fast:alice:7001:7001:/home/alice:::\n.\n")
    queued(box)
    orders = b"".join(order(slot, b"slow@host") for slot in range(40)) + order(99, b"fast@host")
    result = box.run(["qmail-lspawn", "./Mailbox"], orders, timeout=60)
    found = reports(result.out)
    assert found[99] == [b"Kdid 0+0+1\n"]
    assert [found[slot] for slot in range(40)] == [[b"ZUnable to find alias user!\n"]] * 40


# users/cdb

def test_users_cdb_is_a_directory(box):
    box.mkdir("users/cdb")
    assert lspawn(box, b"alice@host", b"@host") == [b"ZTrouble reading users/cdb in qmail-lspawn.\n", b"K"]


def test_users_cdb_of_noise(box):
    box.file("users/cdb", bytes(range(256)) * 40)
    assert lspawn(box, b"alice@host") == [b"ZTrouble reading users/cdb in qmail-lspawn.\n"]


@pytest.mark.parametrize("line, report", [
    ("=a:alice:7001:x:/home/alice:::", b"ZInternal qmail-lspawn bug.\n"),
    ("=a:alice::7001:/home/alice:::", b"ZNot allowed to perform deliveries as root.\n"),
    ("=a:-n:7001:7001:/home/alice:::", b"Kdid 1+0+0\n"),
])
def test_odd_assignments(box, line, report):
    box.users_assign(line + "\n.\n")
    assert lspawn(box, b"a@host") == [report]


def test_new_cdb_while_running(box):
    """The same qmail-lspawn uses a new users/cdb that is made between two deliveries."""
    queued(box)
    box.users_assign("=who:alice:7001:7001:/home/alice:::\n.\n")

    def complete(sent, got):
        return got.endswith(b"\0") if sent else bool(got)

    talk = box.dialogue(["qmail-lspawn", "|echo $USER"], [order(1, b"who@host")], complete=complete)
    assert reports(talk.out) == {1: [b"Kalice\ndid 0+0+1\n"]}
    box.users_assign("=who:bob:7002:7002:/home/bob:::\n.\n")
    talk = box.dialogue(["qmail-lspawn", "|echo $USER"], [order(1, b"who@host")], complete=complete)
    assert reports(talk.out) == {1: [b"Kbob\ndid 0+0+1\n"]}


# Children

def test_sigpipe_is_at_its_default_in_children(box):
    box.file("/mnt/hook", "#!/bin/sh\nkill -PIPE $$\necho alive\n", mode=0o755)
    assert lspawn(box, b"alice@host", env={"QMAILLOCAL": "/mnt/hook"}) == [b"Zqmail-local crashed.\n"]


def test_sigchld_ignored_by_the_parent(box):
    queued(box)
    box.file("/mnt/orders", order(5, b"alice@host"))
    line = "trap '' CHLD; exec qmail-lspawn ./Mailbox </mnt/orders"
    result = box.run(["/bin/bash", "-c", line])
    assert reports(result.out) == {5: [b"Kdid 1+0+0\n"]}


def test_no_further_descriptors_and_groups(box):
    box.file("/mnt/hook", "#!/bin/sh\nfor n in 0 1 2 3 4 5 6 7 8 9 10 11 12; do"
                          " test -e /proc/$$/fd/$n && printf '%s ' $n; done; id -G; pwd\n", mode=0o755)
    box.file("/mnt/orders", order(5, b"alice@host"))
    queued(box)
    line = "exec qmail-lspawn ./Mailbox </mnt/orders 7</etc/passwd 8>/mnt/out"
    result = box.run(["/bin/sh", "-c", line], env={"QMAILLOCAL": "/mnt/hook"})
    lines = reports(result.out)[5][0].splitlines()
    # /bin/sh itself holds its script on 10.
    assert lines[0].replace(b"10 ", b"") == b"K0 1 2 7001"
    assert lines[1] == b"/var/qmail"


def test_output_with_nul(box):
    """A NUL must not forge a second report."""
    box.dotqmail("alice", "", "|printf 'one\\000\\005Kforged'; exit 100\n")
    assert lspawn(box, b"alice@host") == [b"Done"]


def test_address_longer_than_any_queue_holds(box):
    queued(box)
    orders = order(1, b"x" * 100000 + b"@host") + order(2, b"alice@host")
    found = reports(box.run(["qmail-lspawn", "./Mailbox"], orders).out)
    assert found == {1: [b"Zqmail-spawn out of memory. (#4.3.0)\n"], 2: [b"Kdid 1+0+0\n"]}


@pytest.mark.parametrize("script, report", [
    ("exit 0", b"Zqmail-remote produced no output.\n"),
    ("exit 111", b"ZUnable to run qmail-remote.\n"),
    ("head -c 5000000 /dev/zero | tr '\\0' x", b"ZError report too long, sorry.\n"),
])
def test_output_of_qmail_remote(box, script, report):
    box.file("/tmp/fake/qmail-remote", f"#!/bin/sh\n{script}\n", mode=0o755)
    assert rspawn(box, env={"PATH": "/tmp/fake:/usr/bin:/bin"}) == report


def test_rspawn_without_table_of_timeouts(box):
    box.path("queue/lock/tcpto").unlink()
    box.file("/mnt/hook", "#!/bin/sh\nprintf 'Kok\\n\\0'\n", mode=0o755)
    assert rspawn(box, env={"QMAILREMOTE": "/mnt/hook"}) == b"Kok\n"
    assert not os.path.exists("/var/qmail/queue/lock/tcpto")


# Starting

@pytest.mark.parametrize("program, arguments, user, account", [
    ("qmail-lspawn", ["./Mailbox"], "root", "qmailq"),
    ("qmail-lspawn", ["./Mailbox"], "root", "qmailp"),
    ("qmail-rspawn", [], "qmailr", "qmailq"),
])
def test_missing_account(box, program, arguments, user, account):
    without_account(account)
    result = box.run([program, *arguments], b"", as_user=user)
    expected = f"{program}: fatal: unable to find account {account}\n".encode()
    assert (result.code, result.out, result.err) == (111, b"", expected)


def test_no_queue(box):
    os.rename("/var/qmail/queue", "/var/qmail/elsewhere")
    for program, arguments in (("qmail-lspawn", ["x"]), ("qmail-rspawn", [])):
        result = box.run([program, *arguments], b"")
        assert (result.code, result.out, result.err) == (111, b"", b"")


def test_closed_input(box):
    for program, arguments in (("qmail-lspawn", ["x"]), ("qmail-rspawn", [])):
        result = box.run([program, *arguments], None)
        assert (result.code, result.out) == (0, b"\x78")


def test_few_descriptors(box):
    """Deliveries for which there is no free descriptor are deferred; none is lost."""
    queued(box)
    box.dotqmail("alice", "", "|sleep 0.2\n")
    box.file("/mnt/orders", b"".join(order(slot, b"alice@host") for slot in range(60)))
    box.users_assign("=alice:alice:7001:7001:/home/alice:::\n.\n")
    result = box.run(["/bin/sh", "-c", "ulimit -n 40; exec qmail-lspawn ./Mailbox </mnt/orders"], timeout=20)
    found = reports(result.out)
    assert result.code == 0 and sorted(found) == list(range(60))
    texts = {text for texts in found.values() for text in texts}
    assert b"Kdid 0+0+1\n" in texts
    assert all(re.match(rb"Kdid|Z", text) for text in texts)
    assert len(texts) > 1


# One user and all others

BUSY = b"ZToo many deliveries for user %d are running; this one waits. (#4.3.2)\n"


def local_orders(box, control, *recipients, **more):
    """Returns {slot: report} of qmail-lspawn with these control files."""
    for name, text in control.items():
        box.control(name, text)
    queued(box)
    orders = b"".join(order(slot, one) for slot, one in enumerate(recipients))
    result = box.run(["qmail-lspawn", "./Mailbox"], orders, **more)
    assert result.code == 0
    return {slot: texts[0] for slot, texts in reports(result.out).items()}


def hanging(box):
    """Alice's deliveries end when bob's does, which is after the time during which orders are held. They wait for a writer of a
    FIFO: a loop of each that looks for a file would leave a busy machine no time for the others."""
    place = Path("/tmp/place")
    place.mkdir()
    place.chmod(0o777)
    os.mkfifo(place / "hold")
    (place / "hold").chmod(0o666)
    for extension in ("", "default"):
        box.dotqmail("alice", extension, "|{ cat </tmp/place/hold; } 2>/dev/null; exit 0\n")
    # Who comes later finds none. The name goes first, so who has opened it is waiting when it is opened for writing.
    box.dotqmail("bob", "", "|sleep 2; cd /tmp/place && mv hold go && exec 3<>go && sleep 0.2\n")


@pytest.mark.parametrize("control, orders, limit", [
    ({}, 9, 8), ({"concurrencylocal": "6\n"}, 5, 4), ({"concurrencylocal": "4\n"}, 3, 2),
    ({"concurrencylocal": "3\n"}, 3, 3), ({"concurrencylocaluser": "8\n"}, 12, 8),
    ({"concurrencylocaluser": "5\n"}, 12, 5), ({"concurrencylocaluser": "0\n"}, 12, 12),
    ({"concurrencylocaluser": "x\n"}, 9, 8), ({"concurrencylocal": "200\n"}, 119, 118),
])
def test_one_user_does_not_take_all_places(box, control, orders, limit):
    hanging(box)
    found = local_orders(box, control, *[b"alice@host"] * orders, b"bob@host")
    refused = sum(text == BUSY % 7001 for text in found.values())
    # The number that frees a slot (4 of 13 with 10 slots), plus those whose second ends at the same time.
    assert min(orders - limit, 4) <= refused <= orders - limit
    assert sum(text == b"Kdid 0+0+1\n" for text in found.values()) == orders + 1 - refused
    assert found[orders] == b"Kdid 0+0+1\n"


@pytest.mark.parametrize("control, orders", [
    # While a slot is free, no order is answered with this text.
    ({}, 8), ({"concurrencylocaluser": "2\n"}, 8),
    # A program with more pending orders than concurrencylocal does not use this file, so the derived limit does not apply.
    ({}, 10), ({"concurrencylocal": "4\n"}, 60),
])
def test_nobody_is_refused_without_need(box, control, orders):
    hanging(box)
    found = local_orders(box, control, *[b"alice@host"] * orders, b"bob@host")
    assert set(found.values()) == {b"Kdid 0+0+1\n"}


def test_short_deliveries_are_not_refused(box):
    """They end while the others are held, each of which takes the place of one of them."""
    box.dotqmail("alice", "", "|sleep 0.2\n")
    found = local_orders(box, {"concurrencylocaluser": "2\n"}, *[b"alice@host"] * 8)
    assert set(found.values()) == {b"Kdid 0+0+1\n"}


def test_the_limit_is_by_account_not_by_address(box):
    hanging(box)
    found = local_orders(box, {"concurrencylocal": "4\n"}, b"alice-x@host", b"alice-y@h", b"alice-z@host", b"bob@host")
    assert sorted(found.values()) == [b"Kdid 0+0+1\n"] * 3 + [BUSY % 7001]


def test_the_time_of_a_delivery_does_not_run_while_it_is_held(box):
    box.dotqmail("alice", "", "|sleep 1.2\n")
    found = local_orders(box, {"concurrencylocaluser": "1\n", "timeoutlocal": "2\n"}, *[b"alice@host"] * 3, timeout=20)
    assert set(found.values()) == {b"Kdid 0+0+1\n"}


def test_nobody_else_says_that_a_user_is_busy(box):
    box.dotqmail("alice", "", "|printf 'Too many deliveries for user 7001 are running; this one waits. (#4.3.2)\\n'; exit 111\n")
    (text,) = local_orders(box, {}, b"alice@host").values()
    assert text == BUSY[:-1] % 7001


TOO_LONG = b"ZThe delivery took too long and was ended. (#4.3.0)\n"


@pytest.mark.limit(90)
@pytest.mark.parametrize("program", ["sleep 600", "sleep 600 & wait", "trap '' TERM; while :; do sleep 1; done"])
def test_a_delivery_that_hangs_is_ended_with_all_its_processes(box, program):
    box.dotqmail("alice", "", f"|{program}\n")
    assert local_orders(box, {"timeoutlocal": "1\n"}, b"alice@host", timeout=60) == {0: TOO_LONG}
    # A zombie is a process that is not reaped in this namespace.
    left = [path.read_text().split()[1:3] for path in Path("/proc").glob("[0-9]*/stat")]
    assert not [name for name, state in left if name in ("(sleep)", "(qmail-local)", "(sh)") and state != "Z"]


@pytest.mark.limit(90)
def test_a_program_left_behind_does_not_hold_its_place(box):
    """It keeps descriptor 1 open; the delivery itself has succeeded."""
    box.dotqmail("alice", "", "|setsid sleep 600 & exit 0\n")
    found = local_orders(box, {"timeoutlocal": "1\n"}, b"alice@host", timeout=60)
    assert found == {0: b"Kdid 0+0+1\n"}


@pytest.mark.limit(90)
def test_a_look_up_that_hangs_is_ended(box):
    replace(box, "qmail-getpw", "#!/bin/sh\nexec sleep 600\n")
    found = local_orders(box, {"timeoutlocal": "1\n"}, b"alice@host", timeout=60)
    assert found == {0: b"ZTemporary failure in qmail-lspawn.\n"}


def test_ten_hanging_deliveries_leave_other_users_their_mail(box):
    box.dotqmail("alice", "", "|while ! test -e /tmp/go; do sleep 0.05; done\n")
    qmail = box.start_qmail("./Mailbox")
    for _ in range(12):
        box.inject(MESSAGE, "s@a.example", ["alice@host.example.org"])
    qmail.wait_log("deferral: Too_many_deliveries_for_user_7001")
    for _ in range(3):
        box.inject(MESSAGE, "s@a.example", ["bob@host.example.org"])
        qmail.wait_log("success: did_1")
    Path("/tmp/go").touch()
    for _ in range(12):
        qmail.wait_log("success: did_0", 30)
    qmail.stop()
    # Each delivery beyond the limit was refused at most once.
    assert sum("Too_many" in line for line in qmail.log()) <= 4
    assert len(box.mailbox("bob")) > 0 and not box.queue_tree()
