#include "upgrade/tls_proof.h"

#include <signal.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "base/time.h"
#include "survey/about.h"
#include "survey/accounts.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/process.h"
#include "sys/secrets.h"
#include "sys/stream.h"
#include "upgrade/disk.h"
#include "upgrade/tls_hello.h"

namespace reqmail::upgrade {

namespace {

constexpr base::Seconds kSilence(20);
constexpr std::size_t kLongestLine = 1024;
constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kLargestFlight = std::size_t{256} << 10;

// Returns the last line of an SMTP reply, made printable; it is a Failure if none came.
Result<std::string> reply(sys::Reader& in) {
  for (;;) {
    std::string line;
    const auto end = in.get_line(line, kLongestLine);
    if (!end || *end != sys::LineEnd::line) {
      return temporary("qmail-smtpd ended, or is silent");
    }
    if (line.size() < 4 || line[3] != '-') {
      return survey::visible(base::trim_end(line));
    }
  }
}

Result<void> shake_hands(int fd) {
  sys::Reader in(fd, kSilence);
  const auto say = [&](std::string_view line, std::string_view code) -> Result<void> {
    if (!line.empty() && !sys::write_all(fd, line)) {
      return temporary("qmail-smtpd does not listen");
    }
    const auto answer = reply(in);
    if (!answer) {
      return answer.error();
    }
    return answer->compare(0, code.size(), code) == 0 ? Result<void>() : temporary(*answer);
  };
  for (const auto& [line, code] : {std::pair<std::string_view, std::string_view>("", "220"),
                                   {"EHLO localhost\r\n", "250"},
                                   {"STARTTLS\r\n", "220"}}) {
    if (auto said = say(line, code); !said) {
      return said;
    }
  }
  const auto random = sys::random_bytes(kRandomBytes);
  if (!random || !sys::write_all(fd, client_hello(*random))) {
    return temporary("no handshake could be begun");
  }
  std::string flight;
  while (flight.size() < kLargestFlight) {
    const auto more = in.peek();
    if (!more || more->empty()) {
      break;
    }
    flight += *more;
    in.consume(more->size());
    switch (look_at_flight(flight)) {
    case ServerFlight::whole:
      return {};
    case ServerFlight::refused:
      return temporary("the handshake is refused");
    case ServerFlight::foreign:
      return temporary("what comes after STARTTLS is no TLS");
    case ServerFlight::partial:
      break;
    }
  }
  return temporary("the handshake breaks off");
}

Result<void> try_as(const std::string& home, const sys::Identity& identity) {
  auto pair = sys::make_socket_pair();
  const auto nothing = sys::open_write("/dev/null");
  if (!pair || !nothing) {
    return temporary("no socket could be made");
  }
  sys::ChildSpec spec;
  spec.program = home + "/bin/qmail-smtpd";
  spec.arguments = {"qmail-smtpd"};
  spec.environment = {{"PATH=/usr/bin:/bin", "PROTO=TCP", "TCPREMOTEIP=127.0.0.1",
                       "TCPLOCALIP=127.0.0.1", "TCPLOCALPORT=25"}};
  spec.descriptors = {{pair->other.get(), 0}, {pair->other.get(), 1}, {nothing->get(), 2}};
  spec.identity = identity;
  auto child = sys::spawn(spec);
  if (!child) {
    return child.error();
  }
  pair->other.close();
  auto shaken = shake_hands(pair->one.get());
  pair->one.close();
  // It has accepted no mail, so it may be killed. TERM would not end a process that its account
  // has stopped.
  child->end();
  return shaken;
}

// Returns the groups that the process would have, with its own group first if it keeps that.
std::vector<gid_t> groups_of(const survey::HostAccount& account, const legacy::RunsAs& who) {
  std::vector<gid_t> groups;
  if (who.every_group) {
    groups = survey::groups_with(account.name);
    groups.insert(groups.begin(), account.gid);
  }
  for (const std::string& name : who.groups) {
    if (const auto gid = survey::find_group(name)) {
      groups.push_back(*gid);
    }
  }
  if (groups.empty()) {
    groups.push_back(account.gid);
  }
  return groups;
}

Result<void> try_groups(const std::string& home, const legacy::RunsAs& who) {
  const auto account = survey::find_account(who.account);
  if (!account) {
    return temporary("there is no such account");
  }
  std::optional<Failure> first;
  for (const gid_t gid : groups_of(*account, who)) {
    auto shaken = try_as(home, {account->uid, gid});
    if (shaken) {
      return shaken;
    }
    first = first ? first : shaken.error();
  }
  return *first;
}

}  // namespace

std::vector<TlsProof> prove_tls(const std::string& home,
                                const std::vector<legacy::RunsAs>& accounts) {
  std::vector<TlsProof> proofs;
  if (!survey::is_there(home + "/control/servercert.pem")) {
    return proofs;
  }
  for (const legacy::RunsAs& who : accounts) {
    const auto shaken = try_groups(home, who);
    proofs.push_back({who.account, shaken ? "" : shaken.error().text});
  }
  return proofs;
}

}  // namespace reqmail::upgrade
