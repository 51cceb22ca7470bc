"""spfquery: SPF of a sender, asked of a name server."""

import json
import re
from pathlib import Path

import pytest

from dns_zone import KINDS, serve

# Vectors that others made lie beside the checkout.
SUITE = Path(__file__).resolve().parents[3] / "shared/data/spf/rfc7208.json"


def ask(box, client, helo, sender, *more):
    result = box.run(["spfquery", client, helo, sender, *more], timeout=25)
    assert result.code == 0 and result.err == b""
    words, field = result.out.decode("latin-1").splitlines()
    assert field.startswith("Received-SPF: ")
    return words, field


@pytest.mark.parametrize("arguments", [[], ["192.0.2.1"], ["192.0.2.1", "h"], ["192.0.2.1", "h", "s", "r", "g", "x"]])
def test_usage(box, arguments):
    result = box.run(["spfquery", *arguments])
    assert (result.code, result.out) == (100, b"")
    assert result.err == b"spfquery: usage: spfquery ip helo sender [rules [guess]]\n"


def test_what_is_no_address(box):
    result = box.run(["spfquery", "mail.example", "h", "s"])
    assert (result.code, result.err) == (100, b"spfquery: fatal: mail.example is no IP address\n")


def test_without_a_name_server_the_result_is_temporary(box):
    assert ask(box, "192.0.2.1", "h.example", "a@d.example")[0] == "result=temperror"


def test_results(box):
    box.control("me", "mx.example.net\n")
    serve({"d.example": {"TXT": ["v=spf1 ip4:192.0.2.1 exp=why.d.example -all"]}, "why.d.example": {"TXT": ["%{c} is not ours"]}})
    assert ask(box, "192.0.2.1", "h.example", "a@d.example") == (
        "result=pass",
        "Received-SPF: pass (mx.example.net: domain of d.example designates 192.0.2.1 as permitted sender) "
        'client-ip=192.0.2.1; envelope-from="a@d.example"; helo=h.example;')
    assert ask(box, "192.0.2.2", "h.example", "a@d.example")[0] == "result=fail: 192.0.2.2 is not ours"
    assert ask(box, "2001:db8::1", "d.example", "")[0] == "result=fail: 2001:db8::1 is not ours"
    assert ask(box, "192.0.2.2", "h.example", "a@none.example")[0] == "result=none"


def test_rules_and_guess(box):
    serve({"d.example": {"TXT": ["v=spf1 -all"]}, "e.example": {"A": ["192.0.2.7"]}})
    words, field = ask(box, "192.0.2.7", "h", "a@d.example", "ip4:192.0.2.7")
    assert words == "result=pass" and "local policy" in field
    assert ask(box, "192.0.2.8", "h", "a@d.example", "ip4:192.0.2.7")[0].startswith("result=fail")
    words, field = ask(box, "192.0.2.8", "h", "a@e.example", "", "v=spf1 a/24 ?all")
    assert words == "result=pass" and "local policy" in field


def test_a_long_record_comes_by_tcp(box):
    networks = " ".join(f"ip4:198.51.100.{number}" for number in range(200))
    server = serve({"d.example": {"TXT": [f"v=spf1 {networks} ip4:192.0.2.1 -all"]}})
    assert ask(box, "192.0.2.1", "h", "a@d.example")[0] == "result=pass"
    assert server.asked == ["TXT d.example"] * 2


def test_exchangers_are_asked_for_together(box):
    """Nine hosts, each unknown for a while: one after the other would take nine times as long."""
    hosts = [f"m{number}.example" for number in range(9)]
    server = serve({"d.example": {"TXT": ["v=spf1 mx -all"], "MX": [(number, host) for number, host in enumerate(hosts)]},
                    hosts[8]: {"A": ["192.0.2.1"]}})
    assert ask(box, "192.0.2.1", "h", "a@d.example")[0] == "result=pass"
    assert sorted(server.asked[2:]) == sorted(f"A {host}" for host in hosts)


def zone_of(scenario):
    """The zone of a scenario: SPF stands for TXT, and TIMEOUT for trouble with what is not listed."""
    zone = {}
    for name, records in scenario["zonedata"].items():
        entry = {}
        for one in records:
            for kind, value in one.items() if isinstance(one, dict) else ():
                entry.setdefault(kind, []).append(value)
        spf = entry.pop("SPF", None)
        if spf is not None and "TXT" not in entry:
            entry["TXT"] = spf
        entry["TXT"] = [value for value in entry.get("TXT", []) if value != "NONE"] or None
        entry = {kind: values[0] if kind == "CNAME" else values for kind, values in entry.items() if values}
        if "TIMEOUT" in records:
            entry = {kind: "FAIL" for kind in KINDS} | entry
        zone[name] = entry
    return zone


def scenarios():
    read = json.loads(SUITE.read_text()) if SUITE.exists() else []
    return [pytest.param(one, id=re.sub(r"\W+", "_", one["description"]).lower()) for one in read]


@pytest.mark.parametrize("scenario", scenarios())
def test_suite_of_rfc_7208(box, scenario):
    serve(zone_of(scenario))
    wrong = []
    for name, test in scenario["tests"].items():
        words, _ = ask(box, test["host"], test["helo"], test["mailfrom"])
        word, _, explanation = words.removeprefix("result=").partition(": ")
        allowed = test["result"] if isinstance(test["result"], list) else [test["result"]]
        if word not in allowed:
            wrong.append((name, word, allowed))
        elif word == "fail" and test["explanation"] not in (None, "DEFAULT", explanation):
            wrong.append((name, explanation, test["explanation"]))
    assert not wrong
