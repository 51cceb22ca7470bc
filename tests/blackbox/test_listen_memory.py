"""The memory of qmail-listen with TLS and of its sessions, which share it with the listener until they write to it."""

import re
import subprocess
import time
from pathlib import Path

from conftest import ROOT
from test_listen import Server
from test_listen_sessions import SMTPD, Client, as_qmaild, child_of, exe_of, greeting
from test_local_children import wait_for
from tls_client import install


def heap_of(pid, field):
    """KiB of the heap of a process."""
    text = Path(f"/proc/{pid}/smaps").read_text()
    part = re.search(r"^\S+ .*\[heap\]\n(?:[A-Z].*\n)*", text, re.M).group()
    return int(re.search(rf"^{field}: +(\d+)", part, re.M).group(1))


def with_tls(box):
    install(box)
    server = Server(box, "qmail-listen", as_qmaild(), [SMTPD])
    greeting(server)
    assert exe_of(server.process.pid) == "qmail-listen-tls"
    return server


def own_part(server):
    """How much of the listener's heap a session has a copy of, or has besides."""
    client = Client(server)
    client.say("EHLO c.example")
    part = heap_of(child_of(server), "Private_Dirty") / heap_of(server.process.pid, "Rss")
    client.stream.close()
    client.socket.close()
    return part


def test_sessions_share_the_heap_of_the_listener(box):
    server = with_tls(box)
    # What the listener itself has just written to is a copy of the session too.
    wait_for(lambda: own_part(server) < 0.1)


def test_new_control_files_do_not_make_the_heap_grow(box):
    server = with_tls(box)
    sizes = []
    for number in range(40):
        box.control("smtpgreeting", f"n{number}.example\n")
        assert greeting(server) == f"220 n{number}.example ESMTP"
        sizes.append(heap_of(server.process.pid, "Size"))
    assert sizes[-1] - sizes[19] < 64


def after_handshake(server):
    """A session in TLS, its process and the size of its own heap before the client has been silent for long."""
    for _ in range(20):
        client = Client(server)
        process = child_of(server)
        began = time.monotonic()
        client.starttls()
        size = heap_of(process, "Private_Dirty")
        if time.monotonic() < began + 0.2:
            return client, process, size
        client.stream.close()
        client.socket.close()
    raise AssertionError("too slow")


def test_memory_of_a_handshake_is_given_back_in_silence(box):
    client, process, size = after_handshake(with_tls(box))
    wait_for(lambda: heap_of(process, "Private_Dirty") < size)
    assert client.say("NOOP") == "250 ok"


ENDLESS_HEAP = """
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "compat/heap.h"

// All that the heap takes from the system lies below its end then.
extern "C" void* sbrk(std::intptr_t) noexcept { return reinterpret_cast<void*>(INTPTR_MAX); }

int main() {
  const struct ::rlimit limit{256U << 20, 256U << 20};
  ::setrlimit(RLIMIT_AS, &limit);
  void* pieces[200];
  for (void*& piece : pieces) piece = std::malloc(5000);
  for (int i = 0; i < 200; i += 2) std::free(pieces[i]);
  const struct ::mallinfo2 before = ::mallinfo2();
  reqmail::compat::fill_holes();
  const struct ::mallinfo2 after = ::mallinfo2();
  std::printf("%zu %zu\\n", before.fordblks - before.keepcost, after.arena - before.arena);
}
"""


def test_a_heap_that_goes_on_in_other_places_is_not_filled_without_end(tmp_path):
    (tmp_path / "endless.cc").write_text(ENDLESS_HEAP)
    subprocess.run(["c++", "-std=c++20", "-O1", "-iquote", ROOT, "-o", tmp_path / "endless", tmp_path / "endless.cc", ROOT / "compat/heap.cc"],
                   check=True)
    done = subprocess.run([tmp_path / "endless"], stdout=subprocess.PIPE, text=True, check=True, timeout=60)
    holes, growth = map(int, done.stdout.split())
    assert holes > 400000 and growth < 2 * holes + (1 << 20), done.stdout
