"""control/known.h is the one place of the names, kinds and defaults of control files: the compiler refuses others, and programs
follow a changed row."""

import re
import shlex
import subprocess

import pytest

from conftest import ROOT
from conformlib.solo import Solo

USE = """#include "control/files.h"
namespace c = reqmail::control;
void use() {
  c::ControlFiles files;
%s
}
"""
RIGHT = ['files.number("databytes")', 'files.number_if_any("databytes")', 'files.number_if_any("concurrencyremoteip")',
         'files.line("bouncefrom")', 'files.line_if_any("helohost")', 'files.required_line("smtpgreeting")',
         'files.line_if_any("smtpdlog")', 'files.list("rcpthosts")', 'files.required_list("locals")', 'c::path("servercert.pem")']
WRONG = {
    'files.number("nosuchfile")': "no_such_control_file",
    'files.line("Me")': "no_such_control_file",
    'c::path("servercert")': "no_such_control_file",
    'files.number("me")': "control_file_of_another_kind",
    'files.line("databytes")': "control_file_of_another_kind",
    'files.list("databytes")': "control_file_of_another_kind",
    'files.line_if_any("locals")': "control_file_of_another_kind",
    # Without a default in the table there is none.
    'files.line("helohost")': "control_file_of_another_kind",
    'files.number("concurrencyremoteip")': "control_file_of_another_kind",
}


def settings():
    """The compiler and its flags from config.mk."""
    found = dict(re.findall(r"^(\w+) = (.*)$", (ROOT / "config.mk").read_text(), re.M))
    return shlex.split(found["CXX"]), shlex.split(found["CXXFLAGS"])


def compiled(arguments, place):
    compiler, flags = settings()
    done = subprocess.run([*compiler, *flags, "-O0", "-U_FORTIFY_SOURCE", *map(str, arguments)], cwd=place, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def uses(place, expressions):
    source = place / "use.cc"
    source.write_text(USE % "\n".join(f"  (void){expression};" for expression in expressions))
    return compiled(["-iquote", ROOT, "-fsyntax-only", "-Wno-missing-declarations", source], place)


def test_names_and_kinds_of_the_table_compile(tmp_path):
    code, text = uses(tmp_path, RIGHT)
    assert code == 0, text


def test_other_names_and_kinds_do_not(tmp_path):
    code, text = uses(tmp_path, WRONG)
    assert code != 0
    first = USE[:USE.index("%s")].count("\n") + 1
    for line, (expression, why) in enumerate(WRONG.items(), first):
        errors = re.split(r"^(?=\S*use\.cc:\d+)", text, flags=re.M)
        assert any(error.startswith(f"{tmp_path}/use.cc:{line}:") and " error: " in error for error in errors), f"{expression}\n{text}"
        assert why in text


DRIVER = """#include <cstdio>
#include "remote/settings.h"
#include "send/settings.h"
#include "smtpd/files.h"
#include "spawn/local_limits.h"
#include "srs/settings.h"
using namespace reqmail;
int main() {
  const auto remote = remote::read_remote_settings();
  const auto smtpd = smtpd::load_smtpd_files();
  const auto qmtpd = smtpd::load_qmtpd_files();
  const auto send = send::read_send_settings();
  const auto limits = spawn::read_local_limits();
  if (!remote || !smtpd || !qmtpd || !send) {
    return 1;
  }
  const auto number = [](const char* name, auto value) { std::printf("%s %lld\\n", name, static_cast<long long>(value)); };
  number("timeoutconnect", remote->connect_timeout.count());
  number("timeoutremote", remote->timeout.count());
  number("timeoutsession", remote->session.count());
  number("connectionmessages", remote->keep.messages);
  number("connectionidle", remote->keep.idle.count());
  number("dane", remote->delivery.tls.dane);
  number("danetrust", remote->delivery.tls.trusts_name_servers);
  number("tlspolicyfailopen", remote->delivery.tls.fail_open);
  number("foldlines", remote->delivery.fold_lines);
  const auto srs = srs::read_settings();
  if (!srs || !*srs) {
    return 1;
  }
  number("srs_alwaysrewrite", remote->delivery.addresses.rewrites_own);
  number("srs_hashlength", (*srs)->hash_length);
  number("srs_hashmin", (*srs)->hash_min);
  number("srs_maxage", (*srs)->max_age);
  number("timeoutsmtpd", smtpd->timeout.count());
  number("maxrcpt", smtpd->limits.max_recipients);
  number("databytes", smtpd->limits.databytes);
  control::ControlFiles check_files;
  const auto checks = smtpd::load_sender_check_files(check_files, smtpd->sender_checks, {}, {});
  const auto messages = smtpd::load_authentication_files(check_files, smtpd->authentication, "none", true);
  if (!checks || !messages) {
    return 1;
  }
  number("dkimverify", smtpd->authentication.dkimverify);
  number("dmarcfailclosed", messages->errors_refuse);
  number("authresultsuser", messages->show_user);
  number("mfcheck", smtpd->sender_checks.mfcheck);
  number("spfbehavior", smtpd->sender_checks.spfbehavior);
  number("dnsblfailclosed", checks->errors_refuse);
  number("timeoutdns", checks->limit.count());
  number("dsn", smtpd->extensions.dsn);
  number("dsn", send->reads_wishes);
  number("delaywarning", send->scheduler.delay_warning.count());
  number("enhancedstatuscodes", smtpd->extensions.enhanced_status_codes);
  number("hideclient", smtpd->hide_client);
  number("smtputf8", smtpd->extensions.utf8);
  number("brtlimit", smtpd->limits.max_bad_recipients);
  number("realrcptto", smtpd->recipients.real);
  number("tarpitcount", smtpd->tarpit.count);
  number("tarpitdelay", smtpd->tarpit.delay.count());
  number("rejectnullsenders", smtpd->null_senders_denied);
  number("qregex", smtpd->denied.expressions);
  number("databytes", qmtpd->databytes);
  number("queuelifetime", send->scheduler.lifetime.count());
  number("concurrencylocal", send->scheduler.concurrency[scheduler::Channel::local]);
  number("concurrencylocal", limits.places);
  number("concurrencyremote", send->scheduler.concurrency[scheduler::Channel::remote]);
  number("transactionrecipients", send->scheduler.together);
  number("concurrencyremotereserve", send->scheduler.domains.reserve_of(100));
  number("bouncemaxbytes", send->bounce_form.max_bytes);
  number("timeoutlocal", limits.time.count());
  std::printf("bouncefrom %s\\ndoublebounceto %s\\nenvnoathost %s\\n", send->bounce_names.from.c_str(),
              send->bounce_names.double_to.c_str(), send->scheduler.routing.envnoathost.c_str());
}
"""
READERS = ["control/files.cc", "remote/settings.cc", "send/settings.cc", "smtpd/authentication_files.cc", "smtpd/denied_peers.cc",
           "smtpd/files.cc", "smtpd/recipient_sources.cc", "smtpd/sender_check_files.cc", "spawn/local_limits.cc", "srs/settings.cc"]
NUMBER_ROW = re.compile(r'(KnownFile\{"(\w+)", Kind::number, Fallback::fixed, "", )([0-9\']+)')


def archives():
    """Those of the programs, highest first."""
    folders = subprocess.run([ROOT / "tools/folders"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    found = [ROOT / folder / f"{folder}.a" for folder in folders]
    return [path for path in reversed(found) if path.is_file()]


def test_programs_follow_a_changed_row(tmp_path):
    """Each default number and three texts of the table are changed, and the readers of the programs built with that table."""
    table = (ROOT / "control/known.h").read_text()
    expected = {name: 50 + place for place, (_, name, _) in enumerate(NUMBER_ROW.findall(table))}
    changed = NUMBER_ROW.sub(lambda row: f"{row[1]}{expected[row[2]]}", table)
    expected |= {"authresultsuser": 1, "dmarcfailclosed": 1, "dnsblfailclosed": 1, "bouncefrom": "robot", "doublebounceto": "nobody", "envnoathost": "noathost"}
    for old, new in (('"MAILER-DAEMON"', '"robot"'), ('"postmaster"', '"nobody"'), ('Fallback::me, "envnoathost"', 'Fallback::me, "noathost"')):
        assert changed.count(old) == 1
        changed = changed.replace(old, new)
    # All that it asks for is whether the number is above 0.
    for name in ("dsn", "enhancedstatuscodes", "hideclient", "rejectnullsenders", "qregex", "dane", "danetrust", "tlspolicyfailopen", "foldlines",
                 "smtputf8", "srs_alwaysrewrite"):
        expected[name] = 1
    # A reserve is no larger, and it is all that the driver sees.
    expected["concurrencyremotereserve"] = min(expected["concurrencyremotereserve"], 90)
    # A hash has no more characters.
    expected |= {"srs_hashlength": 27, "srs_hashmin": 27}
    (tmp_path / "control").mkdir()
    (tmp_path / "control/known.h").write_text(changed)
    (tmp_path / "driver.cc").write_text(DRIVER)
    settings = dict(re.findall(r"^(\w+) = ?(.*)$", (ROOT / "config.mk").read_text(), re.M))
    # The table of the archives stays out: what is built here comes before them.
    include = ["-iquote", tmp_path, "-iquote", ROOT]
    objects = []
    for source in [tmp_path / "driver.cc", *(ROOT / reader for reader in READERS)]:
        objects.append(tmp_path / f"{source.parent.name}_{source.stem}.o")
        code, text = compiled([*include, "-Wno-all", "-Wno-useless-cast", "-c", source, "-o", objects[-1]], tmp_path)
        assert code == 0, text
    code, text = compiled(["-pie", "-o", tmp_path / "driver", *objects, "-Wl,--start-group", *archives(), "-Wl,--end-group",
                           "-l:libcdb.a", "-lresolv", *settings["IDN_LIBS"].split()], tmp_path)
    assert code == 0, text
    (tmp_path / "control/dnsbllist").write_text("bl.example\n")
    (tmp_path / "control/srs_domain").write_text("srs.example\n")
    (tmp_path / "control/srs_secrets").write_text("x\n")
    for name in ("smtpgreeting", "helohost", "locals"):
        (tmp_path / "control" / name).write_text("host.example\n")
    said = subprocess.run([tmp_path / "driver"], cwd=tmp_path, stdout=subprocess.PIPE, text=True, check=True).stdout
    got = [tuple(line.split(" ")) for line in said.splitlines()]
    assert {name for name, _ in got} == set(expected)
    assert [(name, value) for name, value in got if value != str(expected[name])] == []


# --- qmail-showctl's defaults are what the programs do ---

def default_of(box, name, pattern):
    text = box.run(["qmail-showctl"]).out.decode()
    found = re.search(rf"^{name}: \(Default\.\) {pattern}$", text, re.M)
    assert found, text
    return int(found[1])


def test_default_concurrency_is_what_qmail_send_says(box):
    local = default_of(box, "concurrencylocal", r"Local concurrency is (\d+)\.")
    remote = default_of(box, "concurrencyremote", r"Remote concurrency is (\d+)\.")
    send = Solo(box)
    send.wait_log(f"status: local 0/{local} remote 0/{remote}")
    assert send.stop() == 0


def test_default_maxrcpt_is_what_qmail_smtpd_takes(box):
    limit = default_of(box, "maxrcpt", r"SMTP recipient limit per message is (\d+)\.")
    recipients = b"RCPT TO:<u@host.example.org>\r\n" * (limit + 2)
    talk = box.smtpd_dialogue([b"MAIL FROM:<>\r\n" + recipients + b"QUIT\r\n"], one_by_one=False, timeout=20)
    assert (talk.out.count(b"250 ok\r\n"), talk.out.count(b"452 ")) == (1 + limit, 2)


@pytest.mark.parametrize("content", [None, "", "none\n"])
def test_default_databytes_is_what_qmail_smtpd_announces(box, content):
    if content is not None:
        box.control("databytes", content)
    assert default_of(box, "databytes", r"SMTP DATA limit is (\d+) bytes\.") == 0
    assert b"SIZE" not in box.smtpd_dialogue(["EHLO c.example", "QUIT"]).out
    box.control("databytes", "5000\n")
    assert b"250-SIZE 5000\r\n" in box.smtpd_dialogue(["EHLO c.example", "QUIT"]).out
