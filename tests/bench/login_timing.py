#!/usr/bin/python3
"""How long qmail-checkpassword takes to refuse: login_timing.py [--tries N] [TREE]

Wrong passwords and logins that do not exist, as qmaild, interleaved, timed from the start of the process to its end. Prints the
median of each kind and how far it lies from the wrong password's; exit 1 where that is more than 2 percent. Beside it the same of
the processor time, which a busy machine disturbs less. TREE is an installed
home; without it the built checkout is installed in a private place. Needs root; the host's accounts are not touched.

This is a measurement, not a test: on a busy machine give it more tries.
"""

import argparse
import os
import pwd
import random
import statistics
import sys
import tempfile
import time

from arena import Box, apart, home_of, sandbox

ALLOWED = 0.02
YESCRYPT, SHA512, BCRYPT = "$y$j9T$saltsalt$", "$6$saltsalt$", "$2b$10$" + "s" * 22


def populations(logins):
    """Name: hashes of alice and bob in /etc/shadow, of joe@x.example and ann@x.example in users/passwd; carol has bob's."""
    plain = {"yescrypt everywhere": (YESCRYPT,) * 4, "sha512 everywhere": (SHA512,) * 4, "bcrypt everywhere": (BCRYPT,) * 4,
             "mixed": (YESCRYPT, SHA512, BCRYPT, YESCRYPT)}
    return {name: [logins.crypt("right", setting) for setting in settings] for name, settings in plain.items()}


KINDS = {  # what is measured, and what it is compared with
    "system, wrong password": ("alice", None),
    "system, unknown": ("nobody-here", "system, wrong password"),
    "system, another one, wrong password": ("bob", "system, wrong password"),
    "virtual without @, wrong password": ("carol", "system, unknown"),
    "virtual, wrong password": ("joe@x.example", None),
    "virtual, unknown": ("nobody@x.example", "virtual, wrong password"),
    "virtual, another one, wrong password": ("ann@x.example", "virtual, wrong password"),
}


def refuse(program, account, data):
    """One try: seconds, and those of the processor."""
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        try:
            os.dup2(reading, 3)
            os.set_inheritable(3, True)  # where it was 3 already
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
            os.execve(program, [program, "/bin/true"], {})
        finally:
            os._exit(99)
    _, status, used = os.wait4(child, 0)
    taken = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    os.close(reading)
    if code != 1:
        sys.exit(f"exit code {code}, not 1: {data!r}")
    return taken, used.ru_utime + used.ru_stime


def measure(program, tries):
    account = pwd.getpwnam("qmaild")
    taken = {kind: [] for kind in KINDS}
    for number in range(tries):
        order = list(KINDS)
        random.shuffle(order)
        for kind in order:
            data = f"{KINDS[kind][0]}\0wrong{number:06}\0\0".encode()
            taken[kind].append(refuse(program, account, data))
    return {kind: [statistics.median(column) * 1000 for column in zip(*values)] for kind, values in taken.items()}


def play(tree, tries):
    import logins
    sandbox.enter(tree)
    box = Box()
    good = True
    for name, hashes in populations(logins).items():
        logins.shadow(box, alice=hashes[0], bob=hashes[1])
        logins.virtual(box, logins.user("joe@x.example", hashes[2]), logins.user("ann@x.example", hashes[3]),
                       logins.user("carol", hashes[1]))
        medians = measure(box.program("qmail-checkpassword"), tries)
        print(f"{name}, {tries} tries of each:")
        for kind, pair in medians.items():
            base = medians[KINDS[kind][1] or kind]
            differences = [one / other - 1 for one, other in zip(pair, base)]
            good = good and abs(differences[0]) <= ALLOWED
            print(f"  {kind:40}" + "  ".join(f"{one:8.2f} ms {difference:+7.2%}" for one, difference in zip(pair, differences)), flush=True)
    return 0 if good else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--tries", type=int, default=200)
    parser.add_argument("tree", nargs="?")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        code = apart(play, home_of(options.tree, place), options.tries, limit=24 * 3600)
    return 1 if code is None else code


if __name__ == "__main__":
    sys.exit(main())
