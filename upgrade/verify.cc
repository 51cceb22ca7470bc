#include "upgrade/verify.h"

#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "mail/envelope.h"
#include "survey/accounts.h"
#include "sys/clock.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/held_directory.h"
#include "sys/identity.h"
#include "sys/process.h"
#include "sys/secrets.h"
#include "sys/stream.h"
#include "upgrade/disk.h"

namespace reqmail::upgrade {

namespace {

using sys::HeldDirectory;

constexpr std::chrono::seconds kDeliveryLimit{60};
constexpr std::chrono::milliseconds kLook{50};
constexpr std::size_t kLargestControl = std::size_t{1} << 20;
// The largest test message with everything that is added on its way, in bytes.
constexpr std::size_t kLargestMessage = 8192;
constexpr std::size_t kTokenBytes = 16;
// A bounce of mail from this sender would be discarded.
constexpr std::string_view kSender = "#@[]";

constexpr mode_t kMaildirMode = 0700;
constexpr mode_t kDotQmailMode = 0644;

// A mailbox in ~alias, which belongs to alias, so root uses descriptors there.
struct Mailbox {
  std::string name;
  HeldDirectory maildir;
};

std::string dot_qmail(const std::string& name) {
  return base::concat({".qmail-", name});
}

// Returns ~alias according to /etc/passwd, as qmail-getpw will find it.
std::string alias_home(const std::string& home) {
  const auto account = survey::find_account(sys::account_name(sys::Account::alias));
  return account && !account->home.empty() ? account->home : home + "/alias";
}

Result<HeldDirectory> make_maildir(const HeldDirectory& folder, const std::string& name,
                                   const sys::Identity& owner) {
  if (auto made = folder.make_directory(name, {0, owner.gid, kMaildirMode}); !made) {
    return made.error();
  }
  auto maildir = folder.enter(name);
  if (!maildir) {
    return maildir;
  }
  const sys::Ownership ownership{owner.uid, owner.gid, kMaildirMode};
  for (const char* part : {"tmp", "cur", "new"}) {
    if (auto made = maildir->make_directory(part, ownership); !made) {
      return made.error();
    }
  }
  if (auto given = maildir->set_ownership(ownership); !given) {
    return given.error();
  }
  return maildir;
}

Result<void> write_dot_qmail(const HeldDirectory& folder, const std::string& name, gid_t gid) {
  const auto file = folder.create_file(dot_qmail(name), 0600);
  if (!file) {
    return file.error();
  }
  if (auto written = sys::write_all(file->get(), base::concat({"./", name, "/\n"})); !written) {
    return written;
  }
  return set_access(file->get(), {0, gid, kDotQmailMode});
}

Result<Mailbox> make_mailbox(const std::string& home, const std::string& name) {
  const auto owner = sys::account_identity(sys::Account::alias);
  if (!owner) {
    return temporary("there is no account alias");
  }
  if (auto gone = remove_test_mailbox(home, name); !gone) {
    return gone.error();
  }
  const auto folder = HeldDirectory::open(alias_home(home));
  if (!folder) {
    return folder.error();
  }
  auto maildir = make_maildir(*folder, name, *owner);
  if (!maildir) {
    return maildir.error();
  }
  if (auto written = write_dot_qmail(*folder, name, owner->gid); !written) {
    return written.error();
  }
  return Mailbox{name, std::move(*maildir)};
}

// Returns the first line that is not empty.
std::optional<std::string> first_line(const std::string& path) {
  const auto text = sys::read_file(path, kLargestControl);
  if (!text) {
    return std::nullopt;
  }
  for (std::string_view line : base::lines(*text)) {
    line = line.substr(0, line.find_last_not_of(" \t") + 1);
    if (!line.empty() && line.front() != '#') {
      return std::string(line);
    }
  }
  return std::nullopt;
}

std::optional<std::string> local_host(const std::string& home) {
  const std::string locals = home + "/control/locals";
  return first_line(survey::is_there(locals) ? locals : home + "/control/me");
}

Result<void> queue_message(const std::string& home, const std::string& message,
                           const std::string& envelope) {
  auto body = sys::make_pipe();
  auto addresses = sys::make_pipe();
  if (!body || !addresses) {
    return temporary("no pipe could be made");
  }
  sys::ChildSpec spec;
  spec.program = home + "/bin/qmail-queue";
  spec.arguments = {"qmail-queue"};
  spec.descriptors = {{body->read.get(), 0}, {addresses->read.get(), 1}};
  auto child = sys::spawn(spec);
  if (!child) {
    return child.error();
  }
  // Message and envelope fit into their pipes.
  (void)sys::write_all(body->write.get(), message);
  body->write.close();
  (void)sys::write_all(addresses->write.get(), envelope);
  addresses->write.close();
  const auto ended = child->wait();
  if (!ended || !ended->success()) {
    return temporary(
        base::concat({"bin/qmail-queue refused the test message",
                      ended ? base::concat({ended->crashed ? ": signal " : ": exit code ",
                                            base::decimal(static_cast<unsigned>(ended->code))})
                            : ""}));
  }
  return {};
}

// Returns the text of a small regular file; it is a Failure for any other.
Result<std::string> text_in(const HeldDirectory& folder, const std::string& name) {
  const auto file = folder.open_file(name);
  return file ? sys::read_all(file->get(), kLargestMessage) : file.error();
}

// Returns whether a file in the maildir's new/ has the complete message.
bool has_come(const Mailbox& mailbox, const std::string& token) {
  const auto folder = mailbox.maildir.enter("new");
  const auto names = folder ? folder->names() : folder.error();
  if (!names) {
    return false;
  }
  for (const std::string& name : *names) {
    const auto text = text_in(*folder, name);
    if (text && text->ends_with(base::concat({"\n\n", token, "\n"}))) {
      return true;
    }
  }
  return false;
}

// Returns whether the queue still has a message file with the token; old and large files are
// not read.
bool is_queued(const std::string& home, const std::string& token, base::Time since) {
  const auto mess = HeldDirectory::open(home + "/queue/mess");
  const auto folders = mess ? mess->names() : mess.error();
  if (!folders) {
    return false;
  }
  for (const std::string& number : *folders) {
    const auto folder = mess->enter(number);
    const auto names = folder ? folder->names() : folder.error();
    if (!names) {
      continue;
    }
    for (const std::string& name : *names) {
      const auto status = folder->status(name);
      if (!status || !*status || (*status)->st_mtime < base::to_epoch(since) - 1) {
        continue;
      }
      const auto text = text_in(*folder, name);
      if (text && text->find(token) != std::string::npos) {
        return true;
      }
    }
  }
  return false;
}

Result<void> deliver(const std::string& home, const Mailbox& mailbox) {
  const auto host = local_host(home);
  if (!host) {
    return temporary("control/locals has no name any more");
  }
  const auto random = sys::random_bytes(kTokenBytes);
  if (!random) {
    return random.error();
  }
  std::string token;
  for (const char byte : *random) {
    token += base::decimal_padded(static_cast<unsigned char>(byte), 3);
  }
  const base::Time since = sys::now();
  const std::string envelope = base::concat(
      {"F", kSender, mail::kNul, "Talias-", mailbox.name, "@", *host, mail::kNul, mail::kNul});
  const std::string message =
      base::concat({"Subject: test message of qmail-upgrade\n\n", token, "\n"});
  if (auto queued = queue_message(home, message, envelope); !queued) {
    return queued;
  }
  const std::string what =
      base::concat({"the test message to alias-", mailbox.name, "@", *host});
  const auto limit = sys::monotonic() + kDeliveryLimit;
  bool came = false;
  while (sys::monotonic() < limit) {
    const bool queued = is_queued(home, token, since);
    came = came || has_come(mailbox, token);
    if (!queued) {
      return came ? Result<void>()
                  : temporary(what + " was not delivered: the log of qmail-send says why");
    }
    sys::pause_for(kLook);
  }
  return temporary(base::concat(
      {what,
       came ? " was delivered, but its files stay in the queue"
            : " was queued, but not delivered",
       " within ", base::decimal(static_cast<std::uint64_t>(kDeliveryLimit.count())),
       " seconds: the log of qmail-send says why"}));
}

}  // namespace

bool has_local_host(const std::string& home) {
  return local_host(home).has_value();
}

Result<void> send_test_message(const std::string& home, const std::string& name) {
  const auto mailbox = make_mailbox(home, name);
  Result<void> result = mailbox ? deliver(home, *mailbox) : mailbox.error();
  const auto removed = remove_test_mailbox(home, name);
  return result ? removed : result;
}

Result<void> remove_test_mailbox(const std::string& home, const std::string& name) {
  const auto folder = HeldDirectory::open(alias_home(home));
  if (!folder) {
    return folder.error().error == ENOENT ? Result<void>() : folder.error();
  }
  if (auto gone = folder->remove_file(dot_qmail(name)); !gone) {
    return gone;
  }
  return folder->remove_tree(name);
}

}  // namespace reqmail::upgrade
