"""The programs of other mail systems: where they are, and how they come here without being installed."""

import os
import subprocess
import sys
from pathlib import Path

LIBRARIES = ("usr/lib/postfix", f"usr/lib/{os.uname().machine}-linux-gnu", "usr/lib64", "usr/lib")
UNPACKED = Path("/usr/local/lib/reqmail-tests")  # ./bootstrap deps
WANTED = {"unshare": "util-linux", "tcpserver": "ucspi-tcp", "strace": "strace", "openssl": "openssl"}


def fetch(package, folder):
    """Unpacks a package of Debian, and those of its libraries that are not installed, below folder/PACKAGE."""
    target = folder / package
    if target.exists():
        return target
    words = subprocess.run(["apt-cache", "depends", package], stdout=subprocess.PIPE, text=True, check=True).stdout.split("\n")
    libraries = [line.split()[-1] for line in words if line.strip().startswith("Depends: lib")]
    installed = subprocess.run(["dpkg-query", "-W", "-f=${Package}\n"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    downloads = folder / f"{package}.new"
    downloads.mkdir(parents=True)
    subprocess.run(["apt-get", "download", "-qq", package, *(name for name in libraries if name not in installed)], cwd=downloads, check=True)
    made = downloads / "root"
    for archive in downloads.glob("*.deb"):
        subprocess.run(["dpkg", "-x", archive, made], check=True)
    made.chmod(0o755)
    made.rename(target)
    for archive in downloads.glob("*.deb"):
        archive.unlink()
    downloads.rmdir()
    return target


def find_postfix(folder):
    """The root below which Postfix's programs are, or None."""
    for root in (folder / "postfix", UNPACKED / "postfix", Path("/")):
        if (root / "usr/sbin/smtp-source").exists():
            return root
    return None


def library_path(root):
    return ":".join(str(root / name) for name in LIBRARIES) if root != Path("/") else "/usr/lib/postfix"


def lacking(commands):
    """Exits where the host does not have these commands; names the packages of Debian that have them."""
    missing = [name for name in commands if not any(os.access(f"{place}/{name}", os.X_OK) for place in os.get_exec_path())]
    if missing:
        sys.exit(f"missing: {' '.join(missing)} (packages {' '.join(WANTED.get(name, name) for name in missing)}; ./bootstrap deps)")
