"""qmail-mailauth check: SPF, DKIM, ARC and DMARC of a message."""

import json
import re
from pathlib import Path

import pytest

from dns_zone import serve

# Vectors that others made lie beside the checkout.
DATA = Path(__file__).resolve().parents[3] / "shared/data"
USAGE = b"qmail-mailauth: usage: qmail-mailauth check [ip=A] [helo=H] [sender=S] [time=EPOCH] <message\n"
MESSAGE = b"From: Ann <ann@d.example>\nSubject: x\n\nhello\n"


def check(box, message, *arguments):
    result = box.run(["qmail-mailauth", "check", *arguments], message, timeout=30)
    assert (result.code, result.err) == (0, b"")
    lines = result.out.decode("latin-1").splitlines()
    found = {}
    for line in lines:
        method, _, rest = line.partition("=")
        found.setdefault(method, []).append(rest)
    return found


def word(text):
    return re.match(r"[a-z]*", text)[0]


@pytest.mark.parametrize("arguments", [[], ["check", "x"], ["check", "ip"], ["other"]])
def test_usage(box, arguments):
    result = box.run(["qmail-mailauth", *arguments])
    assert (result.code, result.out, result.err) == (100, b"", USAGE)


@pytest.mark.parametrize("argument, why", [("ip=x", b"ip=x is no IP address"), ("time=x", b"time=x is no number")])
def test_arguments_without_sense(box, argument, why):
    result = box.run(["qmail-mailauth", "check", argument], MESSAGE)
    assert (result.code, result.err) == (100, b"qmail-mailauth: fatal: " + why + b"\n")


def test_an_unreadable_message(box):
    result = box.run(["qmail-mailauth", "check"], extra_fds={0: None})
    assert result.code == 111


def test_a_message_without_signatures(box):
    serve({"d.example": {"TXT": ["v=spf1 ip4:192.0.2.1 -all"]}, "_dmarc.d.example": {"TXT": ["v=DMARC1; p=reject"]}})
    found = check(box, MESSAGE, "ip=192.0.2.1", "helo=h.example", "sender=ann@d.example")
    assert found == {
        "spf": ["pass smtp.mailfrom=ann@d.example smtp.helo=h.example"],
        "dkim": ["none"],
        "arc": ["none"],
        "dmarc": ["pass header.from=d.example policy.dmarc=reject"],
    }
    found = check(box, MESSAGE, "ip=192.0.2.2", "helo=h.example", "sender=ann@d.example")
    assert word(found["spf"][0]) == "fail"
    assert found["dmarc"] == ["fail header.from=d.example policy.dmarc=reject"]


def test_without_a_client_there_is_no_spf(box):
    serve({})
    assert list(check(box, MESSAGE)) == ["dkim", "arc", "dmarc"]


def test_without_name_servers_results_are_temporary(box):
    found = check(box, MESSAGE, "ip=192.0.2.1", "sender=ann@d.example")
    assert word(found["spf"][0]) == "temperror" and word(found["dmarc"][0]) == "temperror"


def load(name):
    path = DATA / name
    return json.loads(path.read_text()) if path.exists() else []


def zone(records):
    """{name: text, [texts of several records], {type: [values]} or SERVFAIL}"""
    served = {}
    for name, value in records.items():
        if value != "SERVFAIL" and not isinstance(value, dict):
            value = {"TXT": [value] if isinstance(value, str) else value}
        served[name] = value
    return served


def described(scenarios):
    return [pytest.param(one, id=re.sub(r"\W+", "_", one["description"]).lower()) for one in scenarios]


def groups(items, count=4):
    return [pytest.param(items[number::count], id=f"{number + 1}_of_{count}") for number in range(count) if items[number::count]]


@pytest.mark.parametrize("vectors", groups(load("dkim/verify.json")))
def test_vectors_of_dkim(box, vectors):
    wrong = []
    records = {}
    serve(records)
    for vector in vectors:
        records.clear()
        records.update(zone({name: {"TXT": [text]} if isinstance(text, list) else text for name, text in vector["dns"].items()}))
        found = [word(one) for one in check(box, vector["message"].encode("latin-1"), f"time={vector['time']}")["dkim"]]
        if len(found) != len(vector["expect"]) or any(one not in expected.split("|") for one, expected in zip(found, vector["expect"])):
            wrong.append((vector["name"], found, vector["expect"]))
    assert not wrong


@pytest.mark.parametrize("scenario", described(load("arc/validate.json")))
def test_chains_of_arc(box, scenario):
    serve(zone({name: re.sub(r"\s*\n\s*", "", text) for name, text in scenario["txt-records"].items()}))
    wrong = []
    for name, test in scenario["tests"].items():
        found = [word(one) for one in check(box, (test["message"] or "").encode(), "time=1500000000")["arc"]]
        if found != [(test["cv"] or "Fail").lower()]:
            wrong.append((name, found, test["cv"]))
    assert not wrong


# Cases that need no signature; one with a U-label waits for the conversion of names.
POLICIES = [case for case in load("dmarc/cases.json") if not case["signers"]]


@pytest.mark.parametrize("cases", groups(POLICIES, 2))
def test_policies_of_dmarc(box, cases):
    records, wrong = {}, []
    server = serve(records)
    for case in cases:
        records.clear()
        records.update(zone(case["dns"]))
        server.asked.clear()
        message = case["from"].encode() + b"To: bob@host.example.org\nSubject: x\n\nhi\n"
        result = check(box, message, f"ip={case['ip']}", f"helo={case['helo']}", f"sender={case['sender']}")["dmarc"][0]
        policy = re.search(r"policy\.dmarc=(\w+)", result)
        asked = {question.partition(" ")[2].lower() for question in server.asked}
        if word(result) not in case["expect"].split("|"):
            wrong.append((case["name"], result, case["expect"]))
        elif case["expect"] == "fail" and policy[1] != case["policy"]:
            wrong.append((case["name"], result, case["policy"]))
        elif {name.lower() for name in case["asked"]} - asked or {name.lower() for name in case["not_asked"]} & asked:
            wrong.append((case["name"], asked))
    assert not wrong
