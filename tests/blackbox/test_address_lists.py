"""Random address lists: compares the field and the recipients of qmail-inject with address_model.py."""

import random

import pytest
from address_model import complete, plain, printed, tokens, walk

HOST, DOMAIN, PLUS = tokens("@h.example"), tokens(".d.example"), tokens(".p.example")
PIECES = ["joe", "ann", "x+", "b.c", "@", "@", ".", ",", ",", "<", ">", "<", ">", ":", ";", "(c)", "(a (b))", "[x]", "[]", "\"q r\"",
          "\"\"", " ", " ", "\n ", "\t", "\\ ", "\\\"", "\\)", "d]", "\xe4", "<joe@a.example>", "<@r:s@t>", "g: a, b;", "@h.", "a@b",
          "Joe Doe", "x@y+", "@[]", "\\(", "~", "\\@", "<>", ";,", "{}", "'"]
FIELDS = ["To", "Cc", "Bcc", "Reply-To", "From", "Sender", "Apparently-To", "Errors-To", "Return-Receipt-To"]
RECIPIENTS = {"To", "Cc", "Bcc", "Apparently-To"}


def made(source: random.Random) -> str:
    return "".join(source.choice(PIECES) for _ in range(source.choice((1, 2, 3, 5, 8, 13, 40))))


def expected(name: str, text: str) -> tuple[str, list] | None:
    """Returns the field as it is sent and its addresses; None if it cannot be parsed."""
    found = tokens(text)
    result = walk(found, lambda address: complete(address, HOST, DOMAIN, PLUS)) if found is not None else None
    return None if result is None else (printed(name, result[0]), [plain(address) for address in result[1]])


def inject(box, header: str):
    return box.run(["qmail-inject"], (header + "\n").encode("latin-1"), {"USER": "alice"}, "alice")


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.limit(90)
def test_random_lists(box, seed):
    box.capture_queue()
    for name, value in (("defaulthost", "h.example"), ("defaultdomain", "d.example"), ("plusdomain", "p.example")):
        box.control(name, value + "\n")
    source = random.Random(seed)
    header, sent, people, refused = "", "", [], []
    for _ in range(400):
        name, text = source.choice(FIELDS), made(source)
        right = expected(name, text)
        if right is None:
            refused.append(f"{name}: {text}\n")
            continue
        header += f"{name}: {text}\n"
        sent += "" if name == "Bcc" else right[0]
        people += right[1] if name in RECIPIENTS else []
    assert inject(box, header).code == 0
    ((message, _, recipients),) = box.captured()
    lines = message.decode("latin-1").split("\n\n", 1)[0].split("\n", 2)[2] + "\n"
    assert lines.replace("From: alice@h.example\n", "") == sent.replace("From: alice@h.example\n", "")
    assert recipients == [address.encode("latin-1") for address in people]
    for field in refused[:12]:
        result = inject(box, field)
        assert (result.code, result.err) == (100, b"qmail-inject: fatal: unable to parse this line:\n" + field.encode("latin-1"))
