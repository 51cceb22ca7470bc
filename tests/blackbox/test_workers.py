"""Workers of users with much mail: each delivery must end as one of its own process would."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from test_local_children import MESSAGE, Spawner, memory_of, seen_of, wait_for
from test_spawners import order, replace

DONE = b"Kdid 1+0+0\n"


def workers():
    """The processes named qmail-local of alice that outlive their deliveries."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "comm").read_text() == "qmail-local\n" and os.readlink(entry / "fd/0").startswith("socket:"):
                found.append(int(entry.name))
        except OSError:
            pass
    return found


def maildir(box, user="alice", name="Maildir"):
    assert box.run(["maildirmake", f"/home/{user}/{name}"], as_user=user).code == 0
    return Path(f"/home/{user}/{name}")


def new(directory):
    return sorted((directory / "new").iterdir())


def many(spawner, count, begin=1, local=b"alice"):
    """Gives so many orders at once and waits for all reports; not in slot 0, whose number would count as the end of a report."""
    before = spawner.received.count(b"\0")
    spawner.send(*[order(number, local + b"@host") for number in range(begin, begin + count)])
    found = spawner.reports(before + count)
    return [found[number] for number in range(begin, begin + count)]


def with_worker(box, **more):
    place = maildir(box)
    spawner = Spawner(box, default="./Maildir/", **more)
    assert many(spawner, 8) == [DONE] * 8
    (worker,) = wait_for(workers)
    return spawner, place, worker


def test_one_process_delivers_much_mail(box):
    spawner, place, worker = with_worker(box)
    for begin in range(20, 100, 20):
        assert many(spawner, 20, begin) == [DONE] * 20
    assert workers() == [worker]
    files = new(place)
    assert len(files) == 88 and not list((place / "tmp").iterdir())
    for file in files:
        assert file.read_bytes() == b"Return-Path: <s@a.example>\nDelivered-To: alice@host\n" + MESSAGE
        status = file.stat()
        assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (7001, 7001, 0o600)
    assert sum(f".{worker}" in file.name for file in files) > 70
    spawner.end()
    wait_for(lambda: not workers())


def test_a_worker_is_what_a_delivery_is(box):
    spawner, _, worker = with_worker(box)
    seen = seen_of(worker)
    assert "Uid:\t7001\t7001\t7001\t7001" in seen["status"] and "Groups:\t7001 " in seen["status"]
    assert "CapEff:\t0000000000000000" in seen["status"] and "Umask:\t0077" in seen["status"]
    # Beside the three of a delivery there is only the pipe on which its threads for syncs report.
    own = {number: place for number, place in seen["files"].items() if number not in "012"}
    assert {"0", "1", "2"} <= set(seen["files"]) and len(own) == 2 and len(set(own.values())) == 1, seen["files"]
    assert seen["owner"] == 0
    spawner.end()


def test_a_worker_has_nothing_of_others(box):
    box.dotqmail("bob", "", "|sleep 60\n")
    maildir(box)
    spawner = Spawner(box, default="./Maildir/")
    spawner.send(order(99, b"bob@host-of-bob-alone.example", b"sender-of-bobs-message@a.example"))
    assert many(spawner, 8) == [DONE] * 8
    (worker,) = wait_for(workers)
    memory = b"".join(memory_of(worker))
    assert b"/home/alice" in memory
    for secret in (b"sender-of-bobs-message", b"host-of-bob-alone"):
        assert secret not in memory
    spawner.process.kill()
    spawner.process.wait()
    wait_for(lambda: not workers())


def test_behind_another_program_that_looks_accounts_up(box):
    """It is executed for each delivery, and the worker delivers all the same."""
    replace(box, "qmail-getpw", "#!/bin/sh\nexec printf 'alice\\0007001\\0007001\\000/home/alice\\000\\000\\000'\n")
    spawner, place, worker = with_worker(box)
    assert many(spawner, 8, 20) == [DONE] * 8
    assert workers() == [worker] and len(new(place)) == 16
    spawner.end()


def test_users_do_not_share_one(box):
    spawner, place, _ = with_worker(box)
    others = maildir(box, "bob")
    assert many(spawner, 8, 20, b"bob") == [DONE] * 8
    assert len(workers()) == 2 and len(new(place)) == len(new(others)) == 8
    assert {line for one in workers() for line in Path(f"/proc/{one}/status").read_text().splitlines() if line.startswith("Uid:")} \
        == {"Uid:\t7001\t7001\t7001\t7001", "Uid:\t7002\t7002\t7002\t7002"}


@pytest.mark.parametrize("text, report", [
    ("./Mailbox\n", DONE), ("|exit 0\n", b"Kdid 0+0+1\n"), ("|echo no; exit 100\n", b"Dno\n"), ("./Maildir/\n./Mailbox\n", b"Kdid 2+0+0\n"),
    ("# nothing\n", b"Kdid 0+0+0\n"),
])
def test_other_deliveries_get_processes_of_their_own(box, text, report):
    spawner, place, _ = with_worker(box)
    box.dotqmail("alice", "", text)
    assert many(spawner, 8, 20) == [report] * 8
    wait_for(lambda: not workers())
    assert len(new(place)) == 8 + (8 if "Maildir" in text else 0)
    assert not list((place / "tmp").iterdir())


def test_errors_are_those_of_a_delivery_of_its_own(box):
    spawner, place, _ = with_worker(box)
    os.chmod("/home/alice", 0o1755)
    assert set(many(spawner, 8, 20)) == {b"ZHome directory is sticky: user is editing his .qmail file. (#4.2.1)\n"}
    os.chmod("/home/alice", 0o755)
    assert many(spawner, 8, 30) == [DONE] * 8
    assert set(many(spawner, 8, 40, b"alice-none")) == {b"DSorry, no mailbox here by that name. (#5.1.1)\n"}
    os.rename(place, "/home/alice/away")
    assert set(many(spawner, 8, 50)) == {b"ZUnable to chdir to maildir. (#4.2.1)\n"}
    os.rename("/home/alice/away", place)
    assert many(spawner, 8, 60) == [DONE] * 8
    assert len(new(place)) == 24


def test_a_full_disk(box):
    """Each message that does not fit is deferred, and nothing of it stays; the others are whole."""
    place = maildir(box)
    assert box.run(["/bin/mount", "-t", "tmpfs", "-o", "size=160k,mode=700,uid=7001,gid=7001", "tmpfs", str(place)]).code == 0
    for name in ("tmp", "new", "cur"):
        (place / name).mkdir()
        os.chown(place / name, 7001, 7001)
    spawner = Spawner(box, default="./Maildir/")
    path = Path("/var/qmail/queue/mess/0/230")
    owner = path.stat()
    path.write_bytes(b"Subject: x\n\n" + b"x" * 20000 + b"\n")
    os.chown(path, owner.st_uid, owner.st_gid)
    found = many(spawner, 20)
    assert set(found) == {DONE, b"ZTemporary error on maildir delivery. (#4.3.0)\n"}
    assert len(new(place)) == found.count(DONE) and not list((place / "tmp").iterdir())
    assert {file.stat().st_size for file in new(place)} == {len(path.read_bytes()) + 52}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_a_killed_worker(box, number):
    spawner, place, worker = with_worker(box)
    os.kill(worker, signal.SIGSTOP)
    spawner.send(*[order(slot, b"alice@host") for slot in range(20, 25)])
    wait_for(lambda: Path(f"/proc/{spawner.process.pid}/wchan") and not pending_input(spawner))
    os.kill(worker, number)
    os.kill(worker, signal.SIGCONT) if number != signal.SIGKILL else None
    found = spawner.reports(13)
    said = [found[slot] for slot in range(20, 25)]
    # An order that the worker had not got yet is delivered without it.
    delivered = said.count(DONE)
    assert said.count(b"Zqmail-local crashed.\n") == 5 - delivered, said
    assert many(spawner, 8, 30) == [DONE] * 8
    assert len(new(place)) == 16 + delivered


def pending_input(spawner):
    import array
    import fcntl
    import termios
    left = array.array("i", [0])
    fcntl.ioctl(spawner.process.stdin, termios.FIONREAD, left)
    return left[0]


def retire_by_passwd(box):
    with Path("/etc/passwd").open("a") as file:
        file.write("more:x:7009:7009::/:/bin/sh\n")


def retire_by_group(box):
    os.utime("/etc/group", (1, 1))


def retire_by_assignment(box):
    box.users_assign("=other:bob:7002:7002:/home/bob:::\n.\n")


def retire_by_program(box):
    replace(box, "qmail-local", Path("/var/qmail/bin/qmail-local").read_bytes().replace(b"reqmail program ", b"another program "))


@pytest.mark.parametrize("change", [retire_by_passwd, retire_by_group, retire_by_assignment, retire_by_program])
def test_a_change_of_accounts_ends_it(box, change):
    spawner, place, worker = with_worker(box)
    change(box)
    assert many(spawner, 8, 20) == [DONE] * 8
    wait_for(lambda: worker not in workers())
    assert len(new(place)) == 16


@pytest.mark.limit(120)
def test_it_ends_when_it_is_idle(box):
    spawner, place, worker = with_worker(box)
    wait_for(lambda: not workers(), 60)
    assert many(spawner, 8, 20) == [DONE] * 8
    assert len(new(place)) == 16 and worker not in workers()


def test_the_limit_of_a_user_holds(box):
    """A worker that does not come forward has as many orders as the user may have deliveries."""
    box.control("concurrencylocaluser", "3\n")
    box.control("concurrencylocal", "20\n")
    others = maildir(box, "bob")
    spawner, _, worker = with_worker(box)
    os.kill(worker, signal.SIGSTOP)
    spawner.send(*[order(slot, b"alice@host") for slot in range(20, 30)])
    assert many(spawner, 8, 40, b"bob") == [DONE] * 8
    assert len(new(others)) == 8
    os.kill(worker, signal.SIGCONT)
    found = spawner.reports(26)
    assert {found[slot] for slot in range(20, 30)} == {DONE}


def test_no_worker_where_deliveries_have_a_time_limit(box):
    box.control("timeoutlocal", "60\n")
    place = maildir(box)
    spawner = Spawner(box, default="./Maildir/")
    assert many(spawner, 30) == [DONE] * 30
    assert not workers() and len(new(place)) == 30


def calls_in(trace):
    """The calls of a trace of several threads, each where it ended."""
    begun = {}
    for line in trace.splitlines():
        thread, call = line.split(None, 1)
        if call.endswith(" <unfinished ...>"):
            begun[thread] = call.removesuffix(" <unfinished ...>")
        elif call.startswith("<... "):
            yield begun.pop(thread) + call.partition(" resumed>")[2]
        else:
            yield call


def test_every_report_follows_its_syncs(box):
    """In the trace of the worker no result precedes the sync of its file, its name, and the sync of new/ after that."""
    spawner, place, worker = with_worker(box)
    log = Path("/tmp/trace")
    tracer = subprocess.Popen(["strace", "-f", "-o", str(log), "-e", "trace=openat,fsync,renameat2,unlink,sendmmsg", "-p", str(worker)],
                              stderr=subprocess.PIPE)
    assert b"attached" in tracer.stderr.readline()
    assert many(spawner, 40, 20) == [DONE] * 40
    tracer.terminate()
    tracer.wait()
    files, linked, synced_names, reported, directories = {}, [], 0, 0, set()
    for call in calls_in(log.read_text()):
        if call.startswith("openat(") and "tmp/" in call:
            files[call.rpartition("= ")[2]] = False
        elif call.startswith("openat(") and "Maildir/new" in call:
            directories.add(call.rpartition("= ")[2])
        elif call.startswith("fsync("):
            number = call[6:].partition(")")[0]
            if number in directories:
                synced_names = len(linked)
            else:
                files[number] = True
        elif call.startswith("renameat2("):
            assert all(files.values())
            linked.append(call)
        elif call.startswith("sendmmsg("):
            reported += int(call.rpartition("= ")[2])
            assert reported <= synced_names
            if reported == synced_names:
                files, directories = {}, set()
    assert reported == len(linked) > 20 and len(new(place)) == 48
