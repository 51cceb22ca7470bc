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


# The sections of the contract, with the number of lines if they are numbered.
SECTIONS = {"1": 12, "2": 12, "3": 2, "4": None, "5": 9, "6": 5, "7": None, "8": 3}


def missing_sections(text: str) -> list[str]:
    found = dict(re.findall(r"^section (\S+) (\d+)", text, re.M))
    lacking = [name for name in SECTIONS if name not in found]
    wrong = [name for name, count in SECTIONS.items() if count and int(found.get(name, count)) != count]
    empty = [name for name in SECTIONS if found.get(name) == "0"]
    return lacking + wrong + empty


def test_every_line_of_the_contract_has_its_tests():
    text = (TESTS / "tls-auth.map").read_text()
    assert problems(text) == []
    assert missing_sections(text) == []


def test_the_check_can_fail():
    good = "section 1 1\n1.1 test_contract::test_the_check_can_fail\n"
    assert problems(good) == []
    assert problems("section 1 2\n" + good.split("\n", 1)[1]) == ["1.2: missing"]
    assert problems(good + "1.2 base/base64_test:Base64.VectorsOfRfc4648\n") == ["1.2: the contract has no such line"]
    for bad in ("test_contract::test_x", "test_x::test_y", "base/base64_test:Base64.Nonsense", "base/x:A.B"):
        assert problems(f"section 1 1\n1.1 {bad}\n") == [f"1.1: no test {bad}"]
    assert problems("section 1 1\n1.1\n") == ["1.1: no test"]
    whole = (TESTS / "tls-auth.map").read_text()
    for name in SECTIONS:
        assert missing_sections(re.sub(rf"^section {name} .*\n", "", whole, flags=re.M)) == [name]
        assert problems(re.sub(rf"^{name}\.2 .*\n", "", whole, flags=re.M)) == [f"{name}.2: missing"]
    assert missing_sections(whole.replace("section 1 12", "section 1 11")) == ["1"]
