"""tests/tls-auth.map: each numbered line of the contract of TLS and AUTH has a test, and each test that it names exists."""

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent


def problems(text: str) -> list[str]:
    wanted, found, wrong = set(), set(), []
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        if words[0] == "section":
            wanted |= {f"{words[1]}.{number}" for number in range(1, int(words[2]) + 1)}
            continue
        found.add(words[0])
        if len(words) < 2:
            wrong.append(f"{words[0]}: no test")
        wrong += [f"{words[0]}: no test {name}" for name in words[1:] if not exists(name)]
    wrong += [f"{number}: missing" for number in sorted(wanted - found)]
    return wrong + [f"{number}: the contract has no such line" for number in sorted(found - wanted)]


def exists(name: str) -> bool:
    if "::" in name:
        file, _, test = name.partition("::")
        path, pattern = TESTS / "blackbox" / f"{file}.py", rf"^def {test}\("
    else:
        file, _, test = name.partition(":")
        path, pattern = TESTS / "unit" / f"{file}.cc", r"\bTEST(_F|_P)?\({}, {}\)".format(*test.split("."))
    return path.is_file() and re.search(pattern, path.read_text(), re.M) is not None


def test_every_line_of_the_contract_has_its_tests():
    text = (TESTS / "tls-auth.map").read_text()
    assert problems(text) == []
    assert re.findall(r"^section (\d+)", text, re.M)[:3] == ["1", "2", "3"]


def test_the_check_can_fail():
    good = "section 1 1\n1.1 test_contract::test_the_check_can_fail\n"
    assert problems(good) == []
    assert problems("section 1 2\n" + good.split("\n", 1)[1]) == ["1.2: missing"]
    assert problems(good + "1.2 base/base64_test:Base64.VectorsOfRfc4648\n") == ["1.2: the contract has no such line"]
    for bad in ("test_contract::test_x", "test_x::test_y", "base/base64_test:Base64.Nonsense", "base/x:A.B"):
        assert problems(f"section 1 1\n1.1 {bad}\n") == [f"1.1: no test {bad}"]
    assert problems("section 1 1\n1.1\n") == ["1.1: no test"]
