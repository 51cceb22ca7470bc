"""What ./configure chooses: with a compiler for another machine, whose programs it links and does not run; for the unit tests."""

import os
import shutil
import subprocess

import pytest

from conftest import ROOT

# The compiler of this machine; its programs get the number of a machine of the past (bytes 18 and 19 of an ELF header), so they do not run.
FOREIGN = r"""#!/bin/sh
case " $* " in
  *' -print-prog-name=ar '*) echo foreign-ar; exit ;;
  *" $REFUSED "*) echo "no $REFUSED for that machine" >&2; exit 1 ;;
esac
c++ "$@" || exit
for word; do
  [ "$last" != -o ] || made=$word
  last=$word
done
case $made in *.o) ;; *) printf '\1\0' | dd of="$made" bs=1 seek=18 conv=notrunc 2>/dev/null ;; esac
"""


@pytest.fixture
def checkout(tmp_path, compilers, monkeypatch):
    monkeypatch.setenv("PATH", compilers)
    for name in ("configure", "VERSION"):
        shutil.copy2(ROOT / name, tmp_path)
    (tmp_path / "foreign-c++").write_text(FOREIGN)
    (tmp_path / "foreign-c++").chmod(0o755)
    return tmp_path


def configure(checkout, **variables):
    environment = {name: value for name, value in os.environ.items() if name not in ("AR", "CXX", "TEST_CXX")}
    done = subprocess.run(["./configure"], cwd=checkout, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          env=environment | {"REFUSED": "nothing"} | variables)
    made = checkout / "config.mk"
    return done, dict(line.partition(" =")[::2] for line in made.read_text().splitlines()) if made.exists() else None


def test_another_machine(checkout):
    compiler = str(checkout / "foreign-c++")
    done, foreign = configure(checkout, CXX=compiler)
    assert done.returncode == 0 and "for another machine" in done.stdout, done.stdout
    assert [foreign[name].strip() for name in ("CXX", "TEST_CXX", "LINK_TEST")] == [compiler, compiler, "$(TEST_CXX)"]
    assert "sanitize" not in foreign["TEST_CXXFLAGS"] and foreign["MAKE_LIBRARY"].endswith("; foreign-ar rcs")
    assert foreign["CDB_LIBS"].strip() and foreign["LINK"].strip().startswith("$(CXX) -pie ")


def test_choices_of_the_caller(checkout):
    done, foreign = configure(checkout, CXX=str(checkout / "foreign-c++"), AR="other-ar", TEST_CXX="other-c++ -m1")
    assert done.returncode == 0, done.stdout
    assert foreign["MAKE_LIBRARY"].endswith("; other-ar rcs") and foreign["TEST_CXX"] == " other-c++ -m1"


def test_what_the_other_machine_lacks(checkout):
    done, made = configure(checkout, CXX=str(checkout / "foreign-c++"), REFUSED="-lcdb")
    assert (done.returncode, made) == (2, None) and "configure: libcdb with its header" in done.stdout, done.stdout


# --- the compiler of the unit tests ---
# A compiler whose runtime libraries for sanitizers are in a package that is not installed: it compiles with the flag and does not link.
WITHOUT_RUNTIME = r"""#!/bin/sh
case " $* " in
  *' -c '*) ;;
  *' -fsanitize='*) echo "cannot find libclang_rt.asan.a" >&2; exit 1 ;;
esac
exec c++ "$@"
"""


def compiler(path):
    path.write_text(WITHOUT_RUNTIME)
    path.chmod(0o755)
    return path


def words(made, *names):
    return [made[name].split() for name in names]


def test_clang_without_the_libraries_of_sanitizers(checkout, tmp_path):
    """The compiler of the programs builds the unit tests instead, with sanitizers."""
    place = tmp_path / "bin"
    place.mkdir()
    compiler(place / "clang++")
    cxx = shutil.which("c++")
    done, made = configure(checkout, CXX=cxx, PATH=f"{place}:{os.environ['PATH']}")
    assert done.returncode == 0 and f"unit tests: {cxx}, with sanitizers" in done.stdout, done.stdout
    tests, flags, link = words(made, "TEST_CXX", "TEST_CXXFLAGS", "LINK_TEST")
    assert tests == [cxx] and "-fsanitize=address,undefined" in flags and "-fsanitize=address,undefined" in link


def test_no_compiler_has_the_libraries_of_sanitizers(checkout, tmp_path):
    """The unit tests run without sanitizers rather than not at all, and configure says so."""
    own = compiler(tmp_path / "own-c++")
    done, made = configure(checkout, CXX=str(own), TEST_CXX=str(compiler(tmp_path / "other-c++")))
    assert done.returncode == 0 and f"unit tests: {tmp_path}/other-c++, without sanitizers" in done.stdout, done.stdout
    tests, flags, link = words(made, "TEST_CXX", "TEST_CXXFLAGS", "LINK_TEST")
    assert tests == [f"{tmp_path}/other-c++"] and link == ["$(TEST_CXX)"] and not [word for word in flags if "sanitize" in word]
