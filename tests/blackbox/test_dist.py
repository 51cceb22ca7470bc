"""make dist makes the same bytes from the same sources, with the version from one file; tools/check-reproducible finds a difference."""

import os
import re
import shutil
import subprocess
import tarfile

import pytest

from conftest import FIRST_ID, ROOT

VERSION = (ROOT / "VERSION").read_text().strip()
TOP = f"reqmail-{VERSION}"
EPOCH = "1700000000"


def run(*words, cwd, umask=0o022, code=0, **environment):
    done = subprocess.run([str(word) for word in words], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, umask=umask, env=os.environ | environment)
    assert done.returncode == code, done.stdout
    return done.stdout


def dist(checkout, place, **options):
    name = run(checkout / "tools/dist", place, cwd="/", **options).strip().splitlines()[-1]
    assert name == f"{place}/{TOP}.tar.gz"
    return place / f"{TOP}.tar.gz"


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return dist(ROOT, tmp_path_factory.mktemp("dist"), SOURCE_DATE_EPOCH=EPOCH)


@pytest.fixture
def unpacked(archive, tmp_path):
    run("tar", "-xzf", archive, cwd=tmp_path)
    return tmp_path / TOP


def test_archive_does_not_depend_on_who_makes_it(archive, tmp_path):
    other = dist(ROOT, tmp_path, SOURCE_DATE_EPOCH=EPOCH, umask=0o077, LC_ALL="C.UTF-8", TZ="Asia/Tokyo")
    assert other.read_bytes() == archive.read_bytes()


def test_archive_of_an_archive_is_the_same(archive, unpacked, tmp_path):
    assert not (unpacked / ".git").exists()
    assert dist(unpacked, tmp_path / "again").read_bytes() == archive.read_bytes()


def test_archive_holds_what_the_list_names(archive, unpacked):
    with tarfile.open(archive) as tar:
        members = tar.getmembers()
    names = [member.name for member in members]
    assert names == sorted(names) and len(set(names)) == len(names)
    assert [f"{TOP}/{name}" for name in (unpacked / "MANIFEST").read_text().splitlines()] == names
    assert {(member.uid, member.gid, member.mtime) for member in members} == {(0, 0, int(EPOCH))}
    assert {oct(member.mode) for member in members if member.isreg()} == {"0o644", "0o755"}
    for name in ("configure", "bootstrap", "setup/install.sh", "tools/dist"):
        assert os.access(unpacked / name, os.X_OK), name
    built = [name for name in names if re.search(r"\.(o|a|sano|d)$|/config\.(mk|h)$|/cmd/qmail-send$", name)]
    assert built == []


def test_a_file_that_git_does_not_know_stays_out(tmp_path):
    checkout = tmp_path / "checkout"
    (checkout / "tools").mkdir(parents=True)
    shutil.copy2(ROOT / "tools/dist", checkout / "tools")
    (checkout / "packaging/rpm").mkdir(parents=True)
    (checkout / "packaging/rpm/reqmail.spec.in").write_text("Version: @VERSION@\n")
    (checkout / "VERSION").write_text(VERSION + "\n")
    for name in ("secret", "known"):
        (checkout / name).write_text(name)
    git = ("git", "-c", "user.name=x", "-c", "user.email=x@example.org")
    run(*git, "init", "-q", cwd=checkout)
    run(*git, "add", "tools", "VERSION", "known", "packaging", cwd=checkout)
    run(*git, "commit", "-qm", "x", cwd=checkout, GIT_COMMITTER_DATE=f"{EPOCH} +0000")
    with tarfile.open(dist(checkout, tmp_path)) as tar:
        names = tar.getnames()
        assert f"{TOP}/known" in names and f"{TOP}/secret" not in names
        assert tar.getmember(f"{TOP}/known").mtime == int(EPOCH)
        assert tar.extractfile(f"{TOP}/packaging/rpm/reqmail.spec").read().decode() == f"Version: {VERSION}\n"


def test_neither_git_nor_list(tmp_path):
    (tmp_path / "tools").mkdir()
    shutil.copy2(ROOT / "tools/dist", tmp_path / "tools")
    (tmp_path / "VERSION").write_text("1\n")
    assert "neither" in run(tmp_path / "tools/dist", cwd=tmp_path, code=1)


def test_one_version_everywhere(unpacked, tmp_path):
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
    assert f'kVersion = "{VERSION}";' in (ROOT / "config.h").read_text()
    assert re.search(rf"^Version: +{VERSION}$", (unpacked / "packaging/rpm/reqmail.spec").read_text(), re.M)
    newest = (ROOT / "debian/changelog").read_text().splitlines()[0]
    assert re.fullmatch(rf"reqmail \({re.escape(VERSION)}(~\w+)?\) \w+; urgency=\w+", newest)
    assert re.search(rf"^## {re.escape(VERSION)}\b", (ROOT / "CHANGELOG.md").read_text(), re.M)
    run(ROOT / "setup/install.sh", f"--destdir={tmp_path}/d", f"--ids={FIRST_ID}", cwd="/")
    pages = list((tmp_path / "d/var/qmail/man").glob("man*/*"))
    assert len(pages) > 50
    for page in pages:
        assert re.match(rf'\.TH \S+ \d \S+ "reqmail {re.escape(VERSION)}"\n', page.read_text()), page.name


@pytest.mark.parametrize("recipe, code, words", [
    ("echo same >out; chmod 644 out", 0, "1 installed files, the same from both builds"),
    ("pwd >out; chmod 644 out", 1, "differs: ./out"),
    ("echo $$TZ >out; chmod 644 out", 1, "differs: ./out"),
    ("echo same >out", 1, "differs: ./out"),
])
def test_check_reproducible_sees_a_difference(tmp_path, recipe, code, words):
    project = tmp_path / "project"
    for name in ("dist", "check-reproducible"):
        (project / "tools").mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / "tools" / name, project / "tools")
    (project / "VERSION").write_text("1\n")
    (project / "configure").write_text("#!/bin/sh\n")
    (project / "configure").chmod(0o755)
    (project / "Makefile").write_text(f"programs:\n\t{recipe}\ninstall:\n\tumask 022; mkdir -p $(DESTDIR)\n\tcp -p out $(DESTDIR)/\n")
    (project / "packaging/rpm").mkdir(parents=True)
    (project / "packaging/rpm/reqmail.spec.in").write_text("Version: @VERSION@\n")
    (project / "MANIFEST").write_text("MANIFEST\nMakefile\nVERSION\nconfigure\ntools/dist\npackaging/rpm/reqmail.spec\n"
                                      "packaging/rpm/reqmail.spec.in\n")
    said = run(project / "tools/check-reproducible", tmp_path / "work", cwd="/", code=code)
    assert words in said, said
