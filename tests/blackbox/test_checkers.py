"""Every checker finds the errors that it checks for: each test puts a bait into a copy of the checkout."""

import importlib.machinery
import importlib.util
import os
import re
import shutil
import subprocess

import pytest

from conftest import CONFORMANCE, ROOT, once

FOLDERS = subprocess.run([ROOT / "tools/folders"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
CXX = ["g++", "-std=c++20", "-fno-exceptions", "-fno-rtti", "-O2", "-fPIE", "-iquote", "."]


def run(command, cwd):
    done = subprocess.run([str(word) for word in command], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    return done.returncode, done.stdout


def copy_sources(place):
    """Copies the sources, the programs and their objects; what is built for the unit tests is large and stays."""
    built = shutil.ignore_patterns("*.sano*", "*.sana", "*.testo*", "*.testa", "*.gch*", "*_tests", "together*")
    for name in [*FOLDERS, "tools", "setup", "man", "control-doc", "tests/unit"]:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place / name, symlinks=True, ignore=built)
    for name in ("Makefile", "programs.mk", "rules.mk", "configure", "VERSION", "config.mk", "config.h"):
        shutil.copy2(ROOT / name, place / name)
    return place


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    return once(tmp_path_factory, "original", copy_sources)


@pytest.fixture
def copy(original, tmp_path):
    """Makes a copy that a test may change. Its files are links to the originals: replace them, never write into them."""
    place = tmp_path / "copy"
    shutil.copytree(original, place, symlinks=True, copy_function=os.link)
    return place


def change(path, pattern, replacement):
    """Replaces a regular expression in a file, once; it must match."""
    text = path.read_text()
    changed, count = re.subn(pattern, replacement, text, count=1, flags=re.S | re.M)
    assert count == 1, f"{path.name}: {pattern} not found"
    path.unlink()
    path.write_text(changed)


def add(path, text):
    old = path.read_text()
    path.unlink()
    path.write_text(old + text)


def only_folder(copy, folder):
    """The other folders' files are there, but not looked at."""
    table = copy / "tools/layers.txt"
    table.unlink()
    table.write_text(f"{folder}:\n")


def finds_all(tool, place, baits):
    """Runs a checker over all the baits (FILE, _, WORDS): a line of its own begins with the file and has the words. Returns the number of
    lines."""
    code, text = run([place / "tools" / tool, place], place)
    assert code == 1, text
    said = text.splitlines()
    for file, bait, words in baits:
        assert any(problem.startswith(file) and words in problem for problem in said), f"{file}: {bait}\n{text}"
    return len(said)


def finds(tool, place, *words):
    code, text = run([place / "tools" / tool, place], place)
    assert code == 1, text
    for word in words:
        assert word in text, text


@pytest.mark.parametrize("tool", ["check-layers", "check-promises", "check-objects", "check-programs", "check-docs"])
def test_checkout_itself_is_right(tool):
    code, text = run([ROOT / "tools" / tool, ROOT], ROOT)
    assert code == 0, text


# --- check-layers ---

BROKEN_LAYERS = [
    ("base/text.cc", '#include "sys/fd.h"', "base may not include sys"),
    ("mail/address.cc", '#include "queue/files.h"', "mail may not include queue"),
    ("smtpd/smtp_session.cc", '#include "queue/files.h"', "smtpd may not include queue"),
    ("smtpd/files.cc", '#include "cmd/x.h"', "no such file cmd/x.h"),
    ("net/socket_address.cc", "#include <openssl/ssl.h>", "<openssl/ssl.h> is for"),
    ("queue/writer.cc", "#include <iostream>", "<iostream> is for nobody"),
    ("mail/address.cc", "#ifdef __linux__\n#endif", "#ifdef is for compat/ alone"),
    ("base/text.cc", '#include "config.h"', "base may not know config.h"),
    ("compat/quiet_open.cc", '#include "config.h"', "compat may not know config.h"),
    ("cmd/qmail-clean.cc", '#include "compat/quiet_open.h"', "cmd may not include compat"),
    ("base/text.cc", "// more\n" * 500, "more than 500"),
]


def test_layers(copy):
    for file, line, _ in BROKEN_LAYERS:
        add(copy / file, f"\n{line}\n")
    finds_all("check-layers", copy, BROKEN_LAYERS)


def test_header_without_pragma_once(copy):
    change(copy / "base/text.h", "#pragma once\n", "")
    finds("check-layers", copy, "base/text.h: no #pragma once")


def test_unknown_folder(copy):
    (copy / "util").mkdir()
    (copy / "util/x.cc").write_text("int x;\n")
    finds("check-layers", copy, "no line for util")


def test_tests_of_no_folder(copy):
    (copy / "tests/unit/util").mkdir(parents=True)
    finds("check-layers", copy, "tests/unit/util: tests of no folder")


def test_table_with_a_lower_folder_that_includes_a_higher_one(copy):
    change(copy / "tools/layers.txt", "^mail:.*?$", "mail: base net")
    finds("check-layers", copy, "mail names net, which has no line above it")


# --- check-promises ---

BROKEN_PROMISES = [
    ("remote/attempt.cc", "char c = 'Z';", "'Z': a verdict's letter"),
    ("smtpd/log.cc", 'auto x = base::concat({"D", text});', "\"D\": a verdict's letter"),
    ("spawn/engine.cc", 'auto x = "ZSorry, no. (#4.3.0)\\n";', "a verdict's letter"),
    ("cmd/qmail-clean.cc", "void f() { sys::finish(111); }", "111: a verdict's exit code"),
    ("cmd/qmail-local.cc", "void f() { sys::finish(100); }", "finish(100: a verdict's exit code"),
    ("local/deliver.cc", "int f() { return 99; }", "return 99: a verdict's exit code"),
    ("remote/attempt.cc", "bool f(int code) { return code >= 500; }", "a reply code is judged"),
    ("smtpd/log.cc", "int f(Failure f) { return f.permanence == Permanence::permanent ? 1 : 2; }", "a permanence is encoded"),
    ("cmd/qmail-clean.cc", "void f() { (void)::umask(077); }", "::umask(: the first lines of a main"),
    ("cmd/qmail-clean.cc", "auto x = sys::change_directory(std::string(config::kHome));", "the first lines of a main"),
    ("local/deliver.cc", "void f() { (void)::fork(); }", "::fork(: a child is a sys::Child"),
    ("local/deliver.cc", "void f() { ::close(3); }", "::close(: a descriptor is opened and closed by sys"),
    ("queue/cleaner.cc", 'auto x = "mess/7";', '"mess/: a name of a queue file'),
    ("queue/cleaner.cc", 'auto x = base::concat({"remote/", id});', '"remote/": a name of a queue file'),
    ("listen/tls_files.cc", 'auto x = sys::environment_value("TLSCIPHERS");', "environment_value(: the environment of a connection"),
    ("remote/session.cc", 'auto x = files.list("tlsclientciphers");', '"tlsclientciphers": control files of a connection'),
    ("queue/writer.cc", 'auto x = files.sync_directory("todo");', 'sync_directory("todo": a name of a queue file'),
]


def test_promises(copy):
    for file, line, _ in BROKEN_PROMISES:
        add(copy / file, f"\n{line}\n")
    assert finds_all("check-promises", copy, BROKEN_PROMISES) == len(BROKEN_PROMISES)


def test_promises_are_not_broken_by_comments(copy):
    add(copy / "local/deliver.cc", "\n// Exits with 111 where \"K\" would be a lie.\n")
    code, text = run([copy / "tools/check-promises", copy], copy)
    assert code == 0, text


def test_header_without_a_unit_test(copy):
    (copy / "mail/untested.h").write_text("#pragma once\n")
    finds("check-promises", copy, "mail/untested.h: no unit test includes it")
    # A line that is no include does not count.
    (copy / "tests/unit/mail/untested_test.cc").write_text('// #include "mail/untested.h"\n')
    finds("check-promises", copy, "mail/untested.h: no unit test includes it")
    (copy / "tests/unit/mail/untested_test.cc").write_text('#include "mail/untested.h"\n')
    code, text = run([copy / "tools/check-promises", copy], copy)
    assert code == 0, text


def test_exception_that_nothing_needs(copy):
    change(copy / "tools/promises.txt", "but base/exit_code.h", "but base/text.cc base/exit_code.h")
    finds("check-promises", copy, "base/text.cc is no exception any more")


# --- check-objects ---

BAD_OBJECTS = [
    ("mail", "#include <cstdlib>\nconst char* f() { return std::getenv(\"HOME\"); }", "mail/ is pure, but this uses getenv"),
    ("scheduler", "#include <ctime>\nlong f() { return std::time(nullptr); }", "scheduler/ is pure, but this uses time"),
    ("base", "#include <unistd.h>\nint f(const char* x) { return ::unlink(x); }", "base/ is pure, but this uses unlink"),
    ("proto", "#include <unistd.h>\nlong f(int fd, char* b, unsigned long n) { return ::read(fd, b, n); }", "proto/ is pure"),
    ("queue", "#include <cstdlib>\nvoid f() { std::exit(1); }", "exit: a program ends through sys::finish alone"),
    ("smtpd", "#include <unistd.h>\nvoid f() { ::_exit(1); }", "_exit: a program ends"),
    ("net", "void f() { throw 1; }", "nothing is thrown"),
    ("local", "void g();\nvoid f() { try { g(); } catch (...) {} }", "__cxa_begin_catch"),
    ("spawn", "#include <iostream>\nvoid f() { std::cout << 1; }", "no iostream"),
]


def bait_object(copy, folder, code):
    (copy / folder / "bait.cc").write_text(code + "\n")
    flags = [flag for flag in CXX if flag != "-fno-exceptions"]
    compiled, text = run([*flags, "-c", f"{folder}/bait.cc", "-o", f"{folder}/bait.o"], copy)
    assert compiled == 0, text


def test_objects(copy):
    for folder, code, _ in BAD_OBJECTS:
        bait_object(copy, folder, code)
    finds_all("check-objects", copy, BAD_OBJECTS)


def test_objects_of_a_new_folder(copy):
    add(copy / "tools/layers.txt", "talk: base\n")
    (copy / "talk").mkdir()
    bait_object(copy, "talk", "#include <cstdlib>\nconst char* f() { return std::getenv(\"HOME\"); }")
    finds("check-objects", copy, "talk/ is pure, but this uses getenv")


# --- check-programs ---

def link_bait(copy, program, *options):
    (copy / "bait.cc").write_text("int main() { return 0; }\n")
    (copy / program).unlink()
    flags = [word for word in (copy / "config.mk").read_text().split("CXXFLAGS = ")[1].split("\n")[0].split() if word[:2] != "-W"]
    compiled, text = run(["g++", *flags, "bait.cc", "-pie", "-Wl,-z,relro,-z,now", "-o", program, *options], copy)
    assert compiled == 0, text


def test_libssl_in_qmail_queue(copy):
    # A library of that name is enough: the program only has to request it.
    run(["g++", "-shared", "-fPIC", "-Wl,-soname,libssl.so.3", "-x", "c++", "/dev/null", "-o", "libssl.so"], copy)
    link_bait(copy, "cmd/qmail-queue", "-Wl,--no-as-needed", "-L.", "-lssl")
    finds("check-programs", copy, "cmd/qmail-queue: links libssl")


def test_shared_runtime_in_a_program(copy):
    link_bait(copy, "cmd/qmail-send", "-Wl,--no-as-needed", "-lstdc++")
    finds("check-programs", copy, "cmd/qmail-send: links libstdc++")


def test_large_program(copy):
    link_bait(copy, "cmd/qmail-clean")
    change(copy / "bait.cc", "int main", "extern const char big[4000000] = {1};\nint main")
    link = ["g++", "-O2", "-fPIE", "-pie", "bait.cc", "-o", "cmd/qmail-clean"]
    assert run(link, copy)[0] == 0
    finds("check-programs", copy, "KiB, more than")


def test_program_without_hardening(copy):
    link_bait(copy, "cmd/qmail-clean")
    link = ["g++", "-O2", "-no-pie", "-fno-stack-protector", "-Wl,-z,lazy,-z,norelro,-z,execstack", "bait.cc", "-o",
            "cmd/qmail-clean"]
    assert run(link, copy)[0] == 0
    finds("check-programs", copy, "not position independent", "no full RELRO", "executable stack",
          "not compiled with -fstack-protector-strong")


def test_program_that_is_not_built(copy):
    (copy / "cmd/qmail-clean").unlink()
    finds("check-programs", copy, "cmd/qmail-clean: is not built")


@pytest.mark.parametrize("baits", [
    [("cmd/qmail-clean.cc", "^// Trusts:.*?$", "//", 'cmd/qmail-clean: header lacks the line "Trusts:"'),
     ("cmd/qmail-queue.cc", r"\(setuid\)", "", "setuid qmailq in the table"),
     ("cmd/qmail-clean.cc", "^// Exits:.*?$", "// Exits: 0 1", "exit code 1 is for"),
     ("config.mk", "-D_FORTIFY_SOURCE=3", "", "config.mk: no -D_FORTIFY_SOURCE=3")],
    [("setup/install.txt", "^bin/qmail-queue(.*?) 4711 ", r"bin/qmail-queue\1 0711 ", "header says setuid")],
    # A program that is not built is an end.
    [("setup/install.txt", "^bin/qmail-clean .*?\n", "", "cmd/qmail-clean: not in setup/install.txt"),
     ("setup/install.txt", "^bin/qmail-pw2u (.*?) cmd/qmail-pw2u ", r"bin/qmail-pw2u \1 cmd/qmail-gone ", "cmd/qmail-gone: in setup/install.txt, not in cmd/")],
], ids=["headers and flags", "mode", "rows"])
def test_table_and_headers(copy, baits):
    for file, pattern, replacement, _ in baits:
        change(copy / file, pattern, replacement)
    finds("check-programs", copy, *(words for _, _, _, words in baits))


# --- check-docs ---

def test_control_file_without_a_page(copy):
    (copy / "control-doc/locals").unlink()
    finds("check-docs", copy, "control-doc/locals is missing")


def test_page_without_a_control_file(copy):
    shutil.copy(copy / "control-doc/locals", copy / "control-doc/nonsense")
    finds("check-docs", copy, "control-doc/nonsense: control/known.h has no such file")


@pytest.mark.parametrize("file", ["smtpd/files.cc", "upgrade/plan.cc"])
def test_control_file_that_the_table_does_not_know(copy, file):
    add(copy / file, 'const char* const kBait = "control/bait";\n')
    finds("check-docs", copy, "control/bait is not in control/known.h")


def test_control_file_written_out(copy):
    files = ("smtpd/files.cc", "remote/attempt.h", "cmd/qmail-send.cc")
    for file in files:
        add(copy / file, 'const char* const kBait[] = {"control/databytes", "control/tlshosts/exhaustivelist"};\n')
    finds("check-docs", copy, *(f'{file}: "{name}" is written out' for file in files for name in ("control/databytes", "control/tlshosts")))


def test_control_file_written_out_in_a_text(copy):
    """A sentence about a control file is no path of one; nor is what looks at an older qmail meant."""
    add(copy / "cert/place.cc", 'const char* const kText = "control/me is missing";\n')
    add(copy / "legacy/marks.h", 'inline constexpr const char* kBait = "control/databytes";\n')
    code, text = run([copy / "tools/check-docs", copy], copy)
    assert code == 0, text


def test_control_file_missing_in_the_overview(copy):
    change(copy / "control/known.h", r'\{\s*"locals"', '{"baitfile"')
    finds("check-docs", copy, "control-doc/baitfile is missing", "man/qmail-control.5 does not name baitfile")


def test_variable_that_no_page_explains(copy):
    add(copy / "smtpd/environment.cc", 'static auto bait() { return sys::environment_value("BAIT_VARIABLE"); }\n')
    finds("check-docs", copy, "no manual page explains BAIT_VARIABLE")


def test_program_without_a_page(copy):
    (copy / "man/qmail-clean.8").unlink()
    finds("check-docs", copy, "man/qmail-clean.8 is missing")


def test_exit_code_that_is_not_explained(copy):
    change(copy / "cmd/qmail-clean.cc", "^// Exits:.*?$", "// Exits: 0 77 111")
    finds("check-docs", copy, "exit code 77 of cmd/qmail-clean.cc is not explained")


def test_page_without_a_section(copy):
    change(copy / "man/qmail-clean.8", r'^\.SH "?EXIT CODES"?', ".SH OTHER")
    finds("check-docs", copy, "man/qmail-clean.8: no section EXIT CODES")


def test_page_that_points_nowhere(copy):
    add(copy / "man/qmail-clean.8", ".BR qmail-nonsense (8)\n")
    finds("check-docs", copy, "points to qmail-nonsense(8), which does not exist")


# --- blackbox ---

@pytest.mark.parametrize("fails, code", [("not path.exists()", 0), ("True", 1), ("PATIENCE == 1", 0)],
                         ids=["once", "twice", "without more time"])
def test_what_fails_is_run_once_more(tmp_path, fails, code):
    """A test that fails only the first time does not count, one that fails twice does. The second time it has more time."""
    for folder in ("tools", "tests/blackbox"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy2(ROOT / "tools/blackbox", tmp_path / "tools")
    (tmp_path / "tests/blackbox/test_it.py").write_text(
        f"import sys\nfrom pathlib import Path\n\nsys.path.insert(0, {str(CONFORMANCE)!r})\n"
        "from conformlib.process import PATIENCE\n\n\ndef test_it():\n    path = Path(__file__).with_name('seen')\n"
        f"    failed = {fails}\n    path.touch()\n    assert not failed\n\n\ndef test_other():\n    pass\n")
    result, text = run(["tools/blackbox", "-n1"], tmp_path)
    assert result == code and text.count("== what failed, once more") == 1, text
    assert not (tmp_path / ".pytest_cache").exists()


# --- check-headers, lint ---

@pytest.mark.parametrize("header, source, lacks", [
    ("scheduler/timers.h", None, "#include <map>\n"),  # no file of its own
    ("base/text.h", "base/text.cc", "#include <string_view>\n"),  # a file of its own that includes something before it
])
def test_header_that_does_not_compile_alone(copy, header, source, lacks):
    if source:
        change(copy / source, f'#include "{header}"\n', f'#include <string>\n#include "{header}"\n')
        change(copy / header, "#include <string>\n", "")
    change(copy / header, lacks, "")
    only_folder(copy, header.split("/")[0])
    code, text = run(["tools/check-headers", *CXX], copy)
    assert code == 1 and f"{header} does not compile alone" in text, text


def test_source_that_lacks_a_standard_header(copy):
    """The precompiled header would hide it from the builds."""
    add(copy / "base/text.cc", "std::map<int, int> table;\n")
    only_folder(copy, "base")
    code, text = run(["tools/check-headers", "--sources", *CXX], copy)
    assert code == 1 and "base/text.cc" in text and "map" in text, text


def test_format(copy):
    add(copy / "base/text.cc", "int   x   ;\n")
    only_folder(copy, "base")
    shutil.copy2(ROOT / ".clang-format", copy)
    code, text = run(["tools/lint", "format"], copy)
    if code == 77:
        pytest.skip(text.strip())
    assert code == 1 and "base/text.cc" in text, text


def test_shell_scripts(copy):
    add(copy / "setup/instcheck.sh", "echo $undefined_and_unquoted\n")
    code, text = run(["tools/lint", "shell"], copy)
    assert code == 1 and "setup/instcheck.sh" in text, text


def test_manual_pages(copy):
    add(copy / "man/qmail-clean.8", ".NONSENSE x\n")
    code, text = run(["tools/lint", "man"], copy)
    assert code == 1 and "qmail-clean.8" in text, text


def test_clang_tidy(copy):
    (copy / "upgrade/bait.h").write_text("#pragma once\nnamespace reqmail::upgrade {\ninline int InAHeader() { return 0; }\n}\n")
    (copy / "base/bait.cc").write_text('#include "upgrade/bait.h"\nnamespace reqmail::base {\nint GlobalAndBadlyNamed = 0;\n}\n')
    for path in [path for folder in FOLDERS for path in (copy / folder).glob("**/*.cc")]:
        if path.name != "bait.cc":
            path.unlink()
    (copy / "compile_commands.json").write_text(
        f'[{{"directory": "{copy}", "file": "base/bait.cc", "command": "g++ -iquote . -std=c++20 -c base/bait.cc -o base/bait.o"}}]')
    shutil.copy2(ROOT / ".clang-tidy", copy)
    code, text = run(["tools/lint", "tidy"], copy)
    assert code == 1 and "GlobalAndBadlyNamed" in text and "InAHeader" in text, text


# --- check-warnings, and how unit tests and slow checks are run ---

OF_CLANG = "int main() {\n  int value = 0;\n  auto unused = [value] { return 1; };\n  return unused();\n}\n"
OF_GCC = "#include <cstring>\n#include <string>\nvoid wipe(std::string& text) { std::memset(&text, 0, sizeof text); }\n"


@pytest.mark.parametrize("of_cmd, of_test, wrong", [
    ("int main() { return 0; }\n", "int test() { return 0; }\n", None),
    (OF_CLANG, "int test() { return 0; }\n", "cmd/x.cc"),
    ("int main() { return 0; }\n", OF_GCC, "tests/unit/base/x_test.cc"),
    (OF_GCC, OF_CLANG, None),  # what the builds themselves show
], ids=["right", "clang++ warns of cmd", "g++ warns of a test", "other ways round"])
def test_warnings(tmp_path, of_cmd, of_test, wrong):
    for name, text in (("cmd/x.cc", of_cmd), ("tests/unit/base/x_test.cc", of_test), ("tests/unit/prelude.h", "")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "tools").mkdir()
    shutil.copy2(ROOT / "tools/check-warnings", tmp_path / "tools")
    for what, place in (("programs", "cmd/"), ("tests", "tests/unit/")):
        bad = wrong is not None and wrong.startswith(place)
        code, text = run(["tools/check-warnings", what, "g++ -std=c++20 -Wall -Wextra", "clang++ -std=c++20 -Wall -Wextra",
                          "tests/unit/prelude.h"], tmp_path)
        assert code == (1 if bad else 0) and (wrong if bad else "all right") in text, text
        code, text = run(["tools/check-warnings", what, "g++ -std=c++20 -O2", "g++ -std=c++20 -O0", "tests/unit/prelude.h"], tmp_path)
        assert code == 0 and text == "check-warnings: g++ is the only compiler here\n", text
    assert run(["tools/check-warnings", "g++", "clang++", "tests/unit/prelude.h"], tmp_path)[0] == 2


@pytest.mark.parametrize("codes", [(0, 0), (0, 3), (1, 0), (3, 139)])
def test_unit_programs_are_all_run(tmp_path, codes):
    for name, code in zip(("first", "other"), codes):
        (tmp_path / name).write_text(f"#!/bin/sh\necho this is $0 $*\nexit {code}\n")
        (tmp_path / name).chmod(0o755)
    first, other = tmp_path / "first", tmp_path / "other"
    code, text = run([ROOT / "tools/unit", first, other], tmp_path)
    said = [f"== {path} ended with {ended}" if ended else "" for path, ended in zip((first, other), codes)]
    assert text.split() == f"""== {first} this is {first} --gtest_brief=1 {said[0]}
        == {other} this is {other} --gtest_brief=1 {said[1]}""".split()
    assert code == (1 if any(codes) else 0)


def test_slow_checks_are_counted(tmp_path):
    (tmp_path / "tools").mkdir()
    shutil.copy2(ROOT / "tools/check-slow", tmp_path / "tools")
    (tmp_path / "tools/check-reproducible").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "tools/blackbox").write_text("#!/bin/sh\necho blackbox $*\n")
    for name in ("check-reproducible", "blackbox"):
        (tmp_path / "tools" / name).chmod(0o755)
    (tmp_path / "bin").mkdir()
    for name in ("sh", "id", "date", "dirname", "printf"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    done = subprocess.run(["tools/check-slow", "sweeps", "testssl", "reproducible", "fuzz", "bench", "nonsense"], cwd=tmp_path, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={"PATH": f"{tmp_path}/bin"})
    text = done.stdout
    assert "== sweeps: skipped, since there is no unshare\n" in text and "== testssl: skipped, since there is no testssl\n" in text
    assert "== bench: skipped, since there is no unshare\n" in text
    assert "== FAILED: reproducible\n" in text and "check-slow: nonsense: no such part\n" in text and "== FAILED: nonsense\n" in text
    assert text.endswith("0 parts passed, 2 failed, 4 skipped\n") and done.returncode == 1, text
    done = subprocess.run(["tools/check-slow", "sweeps"], cwd=tmp_path, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0 and "blackbox -m slow\n" in done.stdout and done.stdout.endswith("1 parts passed, 0 failed, 0 skipped\n")


def test_table_of_what_is_covered():
    loader = importlib.machinery.SourceFileLoader("coverage_tool", str(ROOT / "tools/coverage"))
    tool = importlib.util.module_from_spec(importlib.util.spec_from_loader("coverage_tool", loader))
    loader.exec_module(tool)
    files = [{"filename": name, "line_covered": run, "line_total": total} for name, run, total in
             (("base/a.cc", 3, 4), ("base/b.h", 5, 6), ("cmd/c.cc", 0, 10), ("/usr/include/x.h", 7, 7))]
    assert tool.table({"files": files}, ["base", "mail", "cmd"]).splitlines() == [
        "base            8 of     10 lines   80.0 %",
        "cmd             0 of     10 lines    0.0 %",
        "all             8 of     20 lines   40.0 %",
    ]


# --- the crash tests ---

@pytest.mark.parametrize("pattern, replacement", [
    (r"Syncs syncs\{\{mess_\.get\(\)\}", "Syncs syncs{{}"),
    (r"end_commit\(files_\.sync_directory\(todo_directory_\)\.has_value\(\)\)", "end_commit(true)"),
], ids=["contents of mess", "directory todo"])
def test_queue_writer_without_one_fsync(copy, pattern, replacement):
    # With what is built of this folder and of those below it.
    links = dict(line.split(": ") for line in run(["tools/folders", "--links"], ROOT)[1].splitlines())
    for folder in [*links["queue"].split(), "tests/unit", "tests/unit/support", "tests/unit/queue"]:
        for built in (path for pattern in ("together*", "*.sana", "*.testa", "*.gch*") for path in (ROOT / folder).glob(pattern)):
            shutil.copy2(built, copy / folder)
    change(copy / "queue/writer.cc", pattern, replacement)
    code, text = run(["make", "-s", "-j2", "tests/unit/queue_tests"], copy)
    assert code == 0, text
    code, text = run(["tests/unit/queue_tests", "--gtest_filter=*Crash*-CrashBait*", "--gtest_brief=1", "--gtest_fail_fast"], copy)
    assert code == 1 and "FAILED" in text, text
