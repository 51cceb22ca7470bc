"""Users for qmail-checkpassword: hashes by the host's crypt(3), /etc/shadow, users/passwd."""

from __future__ import annotations

import ctypes
import hashlib
import hmac
import time

_crypt = ctypes.CDLL("libcrypt.so.1").crypt
_crypt.restype = ctypes.c_char_p

PASSWORD = "s3cret-Pw"
QUICK = "$5$rounds=1000$saltsalt$"  # a cheap hash


def today(days: int = 0) -> int:
    """Returns the number of the day in UTC. Call it when it is needed, since tests may run past midnight."""
    return int(time.time()) // 86400 + days


def crypt(password: str, setting: str = QUICK) -> str:
    made = _crypt(password.encode(), setting.encode())
    assert made and not made.startswith(b"*"), setting
    return made.decode()


def shadow(box, text: str = "", **fields: str) -> None:
    """Writes /etc/shadow with these accounts: the fields from the hash on; plain text is hashed as a password."""
    lines = [text]
    for name, rest in fields.items():
        hashed = rest if ":" in rest or rest[:1] in ("", "$", "!", "*") else crypt(rest)
        lines.append(f"{name}:{hashed}" + (f":{today(-10)}:0:99999:7:::\n" if ":" not in rest else "\n"))
    box.path("/etc/shadow").write_text("".join(lines))


def virtual(box, *lines: str) -> None:
    """Writes users/passwd with these lines, and its database."""
    box.file("users/passwd", "".join(line + "\n" for line in lines) + ".\n", mode=0o600)
    result = box.run(["qmail-newpasswd"])
    assert (result.code, result.out) == (0, b""), result.err


def secrets(box, *lines: str) -> None:
    box.file("users/secrets", "".join(line + "\n" for line in lines).encode(), mode=0o600)
    result = box.run(["qmail-newpasswd", "-s"])
    assert (result.code, result.out) == (0, b""), result.err


def user(login: str, password: str = PASSWORD, uid: int = 7002, home: str = "/home/bob", shell: str = "") -> str:
    """Returns a line of users/passwd."""
    hashed = password if password[:1] in ("", "$", "!", "*") else crypt(password)
    return f"{login}:{hashed}:{uid}:{uid}:A Name:{home}:{shell}"


def cram(secret: str, challenge: str) -> str:
    return hmac.new(secret.encode(), challenge.encode(), "md5").hexdigest()


def apop(secret: str, challenge: str) -> str:
    return hashlib.md5((challenge + secret).encode()).hexdigest()


def fields(login: str, password: str, challenge: str | None = None) -> bytes:
    parts = [login, password] + ([] if challenge is None else [challenge])
    return "".join(part + "\0" for part in parts).encode("latin-1")


def check(box, login: str = "alice", password: str = PASSWORD, challenge: str | None = None, program: list | None = None,
          data: bytes | str | None = "", **options):
    """Runs qmail-checkpassword as qmail-smtpd does; `data` replaces the login."""
    given = fields(login, password, challenge) if data == "" else data
    argv = ["qmail-checkpassword", *(["/bin/echo", "in"] if program is None else program)]
    return box.run(argv, extra_fds={3: given}, **{"as_user": "qmaild"} | options)


def accepted(result) -> bool:
    """Returns whether `check` accepted the login, and checks that a refusal prints nothing."""
    assert (result.code, result.out, result.err) in ((0, b"in\n", b""), (1, b"", b"")), result
    return result.code == 0
