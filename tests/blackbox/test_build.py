"""tools/build-rules finds the sources in the tree at each start of make, with both makes."""

import json
import os
import re
import shutil
import subprocess
import time

import pytest

from conftest import ROOT

MAKERS = [pytest.param(maker, marks=pytest.mark.skipif(shutil.which(maker) is None, reason=f"no {maker}")) for maker in ("make", "bmake")]
CONFIG = """
CXX = c++
CPPFLAGS = -iquote .
CXXFLAGS = -std=c++20
TEST_CXX = g++
TEST_CXXFLAGS = -std=c++20 -DTEST
TEST_WARNINGS = -Wall
PRELUDE_FLAGS =
MAKE_LIBRARY = rm -f $@; ar rcs
LINK = $(CXX)
LINK_STATIC = $(CXX)
LINK_TEST = $(TEST_CXX)
SYSTEM_LOGIN = shadow
IDNA = none
IDN_LIBS =
"""
SMALL = {
    "tools/layers.txt": "compat:\nbase:\nmail: base # and nothing else\nauth: base\ncmd: *\n",
    "compat/edge.cc": "int edge() { return 0; }\n",
    "base/number.h": "#pragma once\nint number();\n",
    "base/number.cc": '#include "base/number.h"\nint number() { return 1; }\n',
    "mail/letter.h": '#pragma once\n#include "base/number.h"\nint letter();\n',
    "mail/letter.cc": '#include "mail/letter.h"\nint letter() { return number() + 1; }\n',
    "auth/system_login_pam.cc": "#error not chosen\n",
    "auth/system_login_shadow.cc": "int login() { return 0; }\n",
    "cmd/plain.cc": '#include "base/number.h"\nint main() { return number(); }\n',
    "cmd/show.cc": '#include "mail/letter.h"\nint main() { return letter(); }\n',
    "tools/standard.h": "",
    "tests/unit/standard.h": '#include "tools/standard.h"\n',
    "tests/unit/prelude.h": "inline int nothing() { return 0; }\n",
    "tests/unit/support/fake.cc": "int fake() { return 2; }\n",
    "tests/unit/mail/letter_test.cc": '#include "mail/letter.h"\nint fake();\nint main() { return letter() - fake() + nothing(); }\n',
}


def run(place, *command):
    done = subprocess.run(command, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def write(place, files):
    for name, text in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def built(place, maker, *targets):
    """Runs make and returns the sources that were compiled, also those that were compiled together. Then it makes all files older, since
    some makes compare whole seconds."""
    code, text = run(place, maker, *targets)
    assert code == 0, text
    for path in place.rglob("*"):
        times = path.stat()
        os.utime(path, (times.st_atime, times.st_mtime - 10))
    made = set(re.findall(r" -c (\S+) -o", text))
    together = {name for name in made if name.endswith(".cxx")}
    return (made - together).union(*(joined(place, name) for name in together))


def joined(place, name):
    """Returns the sources that are compiled together in FOLDER/togetherN.cxx."""
    return (place / name).with_suffix(".list").read_text().split()


def lists(place, folder):
    return [joined(place, path) for path in sorted((place / folder).glob("together*.list"))]


def commands(place, maker, *targets):
    """Returns the commands that make would still run."""
    return [line for line in run(place, maker, "-n", *targets)[1].splitlines() if not re.match(r"make: Nothing|.*' is up to date", line)]


@pytest.fixture
def house(tmp_path):
    """Makes a tree of a few small folders with our own Makefile."""
    write(tmp_path, {"configure": "", "VERSION": "", "programs.mk": "", **SMALL})
    for tool in ("folders", "build-rules", "compile-commands"):
        shutil.copy2(ROOT / "tools" / tool, tmp_path / "tools")
    shutil.copy2(ROOT / "Makefile", tmp_path)
    write(tmp_path, {"config.mk": CONFIG})
    return tmp_path


@pytest.mark.parametrize("maker", MAKERS)
def test_everything_is_found(house, maker):
    write(house, {"mail/.letter.cc": "what an editor leaves\n"})
    made = built(house, maker, "cmd/show", "cmd/plain", "unit-programs", "compile_commands.json")
    assert made == {name for name in SMALL if name.endswith(".cc") and "pam" not in name}
    assert run(house, "cmd/show")[0] == 2 and run(house, "cmd/plain")[0] == 1 and run(house, "tests/unit/mail_tests")[0] == 0
    listed = {entry["file"] for entry in json.loads((house / "compile_commands.json").read_text())}
    assert listed == {name for name in made if not name.startswith("tests/")}
    assert not commands(house, maker, "cmd/show", "cmd/plain", "unit-programs", "compile_commands.json")


@pytest.mark.parametrize("maker", MAKERS)
def test_other_login(house, maker):
    write(house, {"auth/system_login_pam.cc": "int login() { return 1; }\n"})
    made = built(house, maker, "SYSTEM_LOGIN=pam", "auth/auth.a")
    assert made == {"auth/system_login_pam.cc"}


@pytest.mark.parametrize("maker", MAKERS)
def test_domain_names_with_a_library_and_without(house, maker):
    for kind in ("none", "libidn2"):
        write(house, {f"mail/idna_{kind}.cc": "int convert() { return 0; }\n"})
    assert "mail/idna_none.cc" in built(house, maker, "cmd/show")
    assert built(house, maker, "IDNA=libidn2", "mail/mail.a") == {"mail/idna_libidn2.cc"}


@pytest.mark.parametrize("maker", MAKERS)
def test_new_folder_costs_one_line(house, maker):
    built(house, maker, "cmd/show", "unit-programs")
    write(house, {
        "tools/layers.txt": SMALL["tools/layers.txt"].replace("auth:", "talk: mail\nauth:"),
        "talk/deep/word.h": "#pragma once\nint word();\n",
        "talk/deep/word.cc": '#include "talk/deep/word.h"\n#include "mail/letter.h"\nint word() { return letter() + 5; }\n',
        "cmd/speak.cc": '#include "talk/deep/word.h"\nint main() { return word(); }\n',
        "tests/unit/talk/word_test.cc": '#include "talk/deep/word.h"\nint main() { return word() - 7; }\n'})
    made = built(house, maker, "cmd/show", "cmd/speak", "unit-programs")
    assert made == {"talk/deep/word.cc", "cmd/speak.cc", "tests/unit/talk/word_test.cc"}
    assert run(house, "cmd/speak")[0] == 7 and run(house, "tests/unit/talk_tests")[0] == 0


@pytest.mark.parametrize("maker", MAKERS)
def test_source_that_is_gone_is_not_linked(house, maker):
    write(house, {"base/more.cc": "int more() { return 3; }\n", "cmd/show.cc": "int more();\nint main() { return more(); }\n"})
    built(house, maker, "cmd/show")
    assert run(house, "cmd/show")[0] == 3
    (house / "base/more.cc").unlink()
    code, text = run(house, maker, "cmd/show")
    assert code != 0 and "more" in text, text


@pytest.mark.parametrize("maker", MAKERS)
def test_sources_are_compiled_together_for_the_unit_tests(house, maker):
    """Up to eight of a folder at a time: a change of one compiles its list alone, and a list follows files that come and go."""
    names = [f"base/{letter}.cc" for letter in "abcdefgh"]
    write(house, {name: f"int {name[5]}() {{ return 0; }}\n" for name in names})
    assert {*names, "base/number.cc"} <= built(house, maker, "unit-programs")
    assert lists(house, "base") == [names, ["base/number.cc"]]
    assert lists(house, "tests/unit/mail") == [["tests/unit/mail/letter_test.cc"]]
    write(house, {"base/c.cc": "int number();\nint c() { return number(); }\n"})
    assert built(house, maker, "unit-programs") == set(names)
    (house / "base/c.cc").unlink()
    assert built(house, maker, "unit-programs") == {*names, "base/number.cc"} - {"base/c.cc"}
    assert len(lists(house, "base")[0]) == 8 and not commands(house, maker, "unit-programs")
    held = subprocess.run(["nm", "-A", house / "base/base.sana"], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert "_Z1bv" in held and "_Z6numberv" in held and "_Z1cv" not in held
    write(house, {"base/d.cc": "int d() { return 0; }\n\nint d() { return no; }\n"})
    assert "base/d.cc:3:" in run(house, maker, "unit-programs")[1]


@pytest.mark.parametrize("own", [
    "namespace {\nint limit() { return NUMBER; }\n}  // namespace\n",
    "namespace {\nconstexpr char kLimits[] = {NUMBER};\n}  // namespace\nint limit() { return kLimits[0]; }\n",
    "namespace {\n[[nodiscard]] int* ask(\n    int* value) { *value = NUMBER; return value; }\n}  // namespace\n"
    "int limit() { int value; return *ask(&value); }\n",
    "namespace {\nstruct [[nodiscard]] Limit final { int value = NUMBER; };\n}  // namespace\nint limit() { return Limit{}.value; }\n",
    "namespace {\nenum class Limit : int { kValue = NUMBER };\n}  // namespace\nint limit() { return int(Limit::kValue); }\n",
    "namespace {\nusing Limit = char[NUMBER];\n}  // namespace\nint limit() { return sizeof(Limit); }\n",
    "static int ask(int value) { return value + NUMBER; }\nint limit() { return ask(0); }\n",
    "#define LIMIT(value) (value + NUMBER)\nint limit() { return LIMIT(0); }\n",
], ids=["function", "array", "function in two lines", "struct", "enum", "alias", "static function", "macro"])
def test_sources_with_a_name_of_their_own_are_compiled_apart(house, own):
    own = own.replace("int limit()", "int FOLDER_limit()") if "namespace {\nint limit" not in own else own + "int FOLDER_limit() { return limit(); }\n"
    for name, number in ("few", 1), ("many", 5):
        write(house, {f"base/{name}.cc": own.replace("FOLDER", name).replace("NUMBER", str(number))})
    write(house, {"tests/unit/mail/letter_test.cc": "int few_limit();\nint many_limit();\nint main() { return 10 * few_limit() + many_limit(); }\n"})
    built(house, "make", "unit-programs")
    assert lists(house, "base") == [["base/few.cc", "base/number.cc"], ["base/many.cc"]]
    assert run(house, "tests/unit/mail_tests")[0] == 15


def test_source_that_would_hide_a_name_of_a_header_is_compiled_alone(house):
    """Its number() takes all that the other one takes, so nobody would notice."""
    write(house, {
        "base/few.cc": "namespace {\nint number() { return 7; }\n}  // namespace\nint few() { return number(); }\n",
        "base/many.cc": '#include "base/number.h"\nnamespace {\nint half() { return number(); }\n}  // namespace\nint many() { return half(); }\n',
        "tests/unit/mail/letter_test.cc": "int few();\nint many();\nint main() { return 10 * few() + many(); }\n"})
    built(house, "make", "unit-programs")
    assert lists(house, "base") == [["base/few.cc"], ["base/many.cc", "base/number.cc"]]
    assert run(house, "tests/unit/mail_tests")[0] == 71


@pytest.mark.parametrize("maker", MAKERS)
def test_touched_header(house, maker):
    built(house, maker, "cmd/show", "cmd/plain", "unit-programs")
    (house / "base/number.h").touch()
    assert built(house, maker, "cmd/show", "cmd/plain") == {"base/number.cc", "mail/letter.cc", "cmd/plain.cc", "cmd/show.cc"}
    assert built(house, maker, "unit-programs") == {"base/number.cc", "mail/letter.cc", "tests/unit/mail/letter_test.cc"}


@pytest.mark.parametrize("maker", MAKERS)
def test_touched_prelude(house, maker):
    """The precompiled header is made again with it, and all unit tests."""
    built(house, maker, "cmd/show", "unit-programs")
    (house / "tests/unit/prelude.h").write_text("inline int nothing() { return 1; }\n")
    assert built(house, maker, "cmd/show", "unit-programs") == {"tests/unit/mail/letter_test.cc", "tests/unit/support/fake.cc"}
    assert run(house, "tests/unit/mail_tests")[0] == 1


@pytest.mark.parametrize("maker", MAKERS)
def test_touched_standard_headers(house, maker):
    """The same for all that the tests do not hold."""
    built(house, maker, "cmd/plain", "unit-programs")
    (house / "tools/standard.h").write_text("inline int standard() { return 4; }\n")
    made = built(house, maker, "cmd/plain", "unit-programs")
    assert made == {"auth/system_login_shadow.cc", "base/number.cc", "cmd/plain.cc", "compat/edge.cc", "mail/letter.cc"}
    write(house, {"cmd/plain.cc": "int main() { return standard(); }\n"})
    assert built(house, maker, "cmd/plain") == {"cmd/plain.cc"} and run(house, "cmd/plain")[0] == 4


@pytest.mark.parametrize("maker", MAKERS)
def test_libraries_of_a_program(house, maker):
    write(house, {"programs.mk": "LINK_show = $(CXX) -DSHARED\nLIBS_show = -lm\n"})
    text = re.sub(" +", " ", run(house, maker, "-n", "cmd/show", "cmd/plain")[1])
    archives = "mail/mail.a base/base.a compat/compat.a"
    assert f"c++ -DSHARED cmd/show.o auth/auth.a {archives} -lm -o cmd/show\n" in text, text
    assert f"c++ cmd/plain.o auth/auth.a {archives} -o cmd/plain\n" in text, text


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("line, words", [
    ("mail: base talk", "mail names talk, which has no line above it"),
    ("mail: auth", "mail names auth, which has no line above it"),
    ("mail base", "a line is FOLDER: FOLDER..."),
    ("base:", "base has two lines"),
])
def test_wrong_table(house, maker, line, words):
    built(house, maker, "base/base.a")
    write(house, {"tools/layers.txt": SMALL["tools/layers.txt"].replace("mail: base # and nothing else", line)})
    code, text = run(house, maker, "base/base.a")
    assert code != 0 and f"tools/layers.txt:3: {words}" in text, text


def test_two_sources_of_one_name_in_a_folder(house):
    write(house, {"mail/deep/letter.cc": ""})
    code, text = run(house, "make", "mail/mail.a")
    assert code != 0 and "mail/letter.cc: mail has another letter.cc" in text, text


# --- our own tree: objects follow their headers ---

@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """Makes a copy of the checkout for make: built files keep their times, but they are empty except dependency files."""
    place = tmp_path_factory.mktemp("tree")
    folders = subprocess.run([ROOT / "tools/folders"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    for folder in [*folders, "tools", "setup", "tests/unit", "tests/fuzz"]:
        for path in sorted((ROOT / folder).rglob("*")):
            copy = place / path.relative_to(ROOT)
            if path.is_dir():
                continue
            copy.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix in (".cc", ".h", ".d") or folder in ("tools", "setup"):
                shutil.copy2(path, copy)
            else:
                copy.touch()
                shutil.copystat(path, copy)
    for name in ("Makefile", "programs.mk", "rules.mk", "configure", "VERSION", "config.mk", "config.h"):
        shutil.copy2(ROOT / name, place / name)
    return folders, place


def includers(place, folders):
    """Returns for each header the sources that include it, directly or not."""
    files = [path for folder in folders for path in (place / folder).rglob("*") if path.suffix in (".cc", ".h")]
    includes = {str(path.relative_to(place)): set(re.findall(r'^#include "([^"]+)"', path.read_text(), re.M)) for path in files}

    def reached(name, found):
        for other in includes.get(name, ()):
            if other not in found:
                found.add(other)
                reached(other, found)
        return found

    result = {}
    for name in includes:
        if name.endswith(".cc"):
            for header in reached(name, set()):
                result.setdefault(header, set()).add(name)
    return result


@pytest.mark.parametrize("maker", MAKERS)
def test_touched_header_of_each_folder(tree, maker):
    folders, place = tree
    settings = dict(re.findall(r"^(\w+) = ?(.*)$", (place / "config.mk").read_text(), re.M))
    chosen = {f"auth/system_login_{settings['SYSTEM_LOGIN']}.cc", f"mail/idna_{settings['IDNA']}.cc"}
    left_out = {"auth/system_login_pam.cc", "auth/system_login_shadow.cc", "mail/idna_libidn2.cc", "mail/idna_none.cc"} - chosen
    assert not commands(place, maker, "programs")
    users = includers(place, folders)
    seen = []
    for folder in folders:
        headers = [name for name in users if name.startswith(f"{folder}/")]
        if not headers:
            continue
        header = max(headers, key=lambda name: (len(users[name]), name))
        before = os.stat(place / header)
        os.utime(place / header, (time.time(), time.time()))
        made = re.findall(r" -c (\S+) -o", "\n".join(commands(place, maker, "programs")))
        assert set(made) == users[header] - left_out, header
        os.utime(place / header, ns=(before.st_atime_ns, before.st_mtime_ns))
        seen.append(folder)
    assert set(folders) - set(seen) <= {"cmd"}
