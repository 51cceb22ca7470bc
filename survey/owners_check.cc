#include "survey/owners_check.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "survey/about.h"
#include "survey/old_files.h"
#include "survey/smtpd_accounts.h"
#include "sys/identity.h"

namespace reqmail::survey {

namespace {

using sys::Account;
using sys::Group;

constexpr std::array kAccounts = {Account::alias,  Account::qmaild, Account::qmaill,
                                  Account::qmailp, Account::qmailq, Account::qmailr,
                                  Account::qmails};
constexpr std::array kGroups = {Group::qmail, Group::nofiles};

constexpr std::string_view kQueueProgram = "bin/qmail-queue";

// A path whose owner shows which id an account had for the old programs.
struct Place {
  std::string_view path;
  Account owner;
};

constexpr std::array kPlaces = {
    Place{kQueueProgram, Account::qmailq},
    Place{"queue/mess", Account::qmailq},
    Place{"queue/todo", Account::qmailq},
    Place{"queue/intd", Account::qmailq},
    Place{"queue/pid", Account::qmailq},
    Place{"queue/info", Account::qmails},
    Place{"queue/local", Account::qmails},
    Place{"queue/remote", Account::qmails},
    Place{"queue/bounce", Account::qmails},
    Place{"queue/lock/sendmutex", Account::qmails},
    Place{"queue/lock/trigger", Account::qmails},
    Place{"queue/lock/tcpto", Account::qmailr},
    Place{"alias", Account::alias},
};

// A file with keys or passwords, and the account that must read it.
struct Secret {
  std::string_view path;
  std::string_view owner;  // "root", or by account below
  std::optional<Account> account;
  bool group_reads;
};

constexpr std::array kSecrets = {
    Secret{"control/servercert.pem", "", Account::qmaild, true},
    Secret{"control/clientcert.pem", "root", std::nullopt, true},
    Secret{"control/authsenders", "root", std::nullopt, true},
    Secret{"control/smtproutes", "root", std::nullopt, true},
    Secret{"users/passwd", "root", std::nullopt, false},
    Secret{"users/passwd.cdb", "root", std::nullopt, false},
    Secret{"users/secrets", "root", std::nullopt, false},
    Secret{"users/secrets.cdb", "root", std::nullopt, false},
};

constexpr mode_t kOthersRead = S_IROTH;
constexpr mode_t kSetIds = S_ISUID | S_ISGID;
constexpr mode_t kGroupFile = 0640;
constexpr mode_t kRootFile = 0600;

std::string in_home(const std::string& home, std::string_view path) {
  return base::concat({home, "/", path});
}

std::optional<struct ::stat> status_of(const std::string& path) {
  return look(path).value_or(std::nullopt);
}

void check_missing_accounts(std::vector<Finding>& findings) {
  std::string missing;
  for (const Account account : kAccounts) {
    if (!sys::account_uid(account)) {
      missing += base::concat({missing.empty() ? "" : ", ", sys::account_name(account)});
    }
  }
  for (const Group group : kGroups) {
    if (!sys::group_gid(group)) {
      missing += base::concat({missing.empty() ? "" : ", ", "group ", sys::group_name(group)});
    }
  }
  if (!missing.empty()) {
    findings.push_back(about("/etc/passwd", "accounts", Severity::stop,
                             base::concat({"does not have ", missing}),
                             "make users creates what is missing"));
  }
}

// Returns whether a line of the file has a password.
bool has_credentials(const std::string& path) {
  const auto text = read_plain(path);
  if (!text || !*text) {
    return false;
  }
  const auto lines = control_lines(**text);
  return std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
    return line.find_first_of("| \t") != std::string::npos;
  });
}

// Returns whether a qmail-smtpd runs as another account than qmaild, which must still read the
// key.
bool other_smtpd_user(const Services& services) {
  const auto accounts = smtpd_accounts(services);
  const bool other =
      std::any_of(accounts.begin(), accounts.end(), [](const legacy::RunsAs& who) {
        return who.account != sys::account_name(Account::qmaild) && who.account != "root";
      });
  // smtpd_accounts() leaves out an account that this host does not have or that a shell
  // computes, so vpopmail is also looked for by name.
  return other ||
         std::any_of(
             services.scripts.begin(), services.scripts.end(), [](const ServiceScript& script) {
               const auto& users = script.facts.users;
               return script.text.find("id -u vpopmail") != std::string::npos ||
                      std::any_of(users.begin(), users.end(), [](const legacy::RunsAs& who) {
                        return who.account == "vpopmail" || who.account == "89";
                      });
             });
}

// A file that belongs neither to root nor to an account of qmail was given to the account that
// reads it.
bool is_of_others(const struct ::stat& status) {
  return status.st_uid != 0 && !sys::account_of(status.st_uid);
}

void check_secret(std::vector<Finding>& findings, const std::string& home, const Secret& secret,
                  const Services& services) {
  const std::string path = in_home(home, secret.path);
  const auto status = status_of(path);
  if (!status || !S_ISREG(status->st_mode) || (status->st_mode & kOthersRead) == 0 ||
      (secret.path == "control/smtproutes" && !has_credentials(path))) {
    return;
  }
  Finding finding =
      about(path, "secret-readable", Severity::note,
            "holds a key or passwords, and everybody on this host can read it", "");
  if (is_of_others(*status) ||
      (secret.account == Account::qmaild && other_smtpd_user(services))) {
    finding.action =
        "give it to the user that qmail-smtpd runs as, with mode 0640: not changed by apply";
    findings.push_back(std::move(finding));
    return;
  }
  Conversion conversion;
  conversion.kind = Conversion::Kind::set_access;
  conversion.path = path;
  conversion.owner = secret.account ? std::string(sys::account_name(*secret.account))
                                    : std::string(secret.owner);
  conversion.group = secret.group_reads ? std::string(sys::group_name(Group::qmail)) : "root";
  conversion.mode = secret.group_reads ? kGroupFile : kRootFile;
  finding.action = base::concat({"apply makes it ", conversion.owner, ":", conversion.group,
                                 secret.group_reads ? " 0640" : " 0600"});
  finding.conversions.push_back(std::move(conversion));
  findings.push_back(std::move(finding));
}

// Returns whether another program replaces qmail-queue; its owner and mode do not matter.
bool is_another_program(const OldPrograms& programs) {
  return !programs.queue_program.empty() || programs.has(Trait::qmqp_queue);
}

void check_bin(std::vector<Finding>& findings, const std::string& home,
               const OldPrograms& programs) {
  const auto queue_program = status_of(in_home(home, kQueueProgram));
  if (!is_another_program(programs) && queue_program &&
      (queue_program->st_mode & S_ISUID) == 0) {
    findings.push_back(about(in_home(home, kQueueProgram), "setuid", Severity::note,
                             "is not setuid: only root could send mail",
                             "apply installs it with mode 4711"));
  }
  const auto entries = list_entries(in_home(home, "bin"));
  if (!entries) {
    return;
  }
  for (const Entry& entry : *entries) {
    if (S_ISREG(entry.status.st_mode) && (entry.status.st_mode & kSetIds) != 0 &&
        entry.name.rfind("qmail-queue", 0) != 0 && entry.name != "qmail-checkpassword") {
      findings.push_back(about(in_home(home, base::concat({"bin/", entry.name})), "setuid",
                               Severity::note,
                               "runs with other rights than its caller's, which no program "
                               "of qmail's but qmail-queue does",
                               ""));
    }
  }
}

}  // namespace

std::vector<Finding> check_ids(const std::string& home, const OldPrograms& programs) {
  std::vector<Finding> findings;
  check_missing_accounts(findings);
  for (const Place& place : kPlaces) {
    const std::string path = in_home(home, place.path);
    const auto status = status_of(path);
    const auto uid = sys::account_uid(place.owner);
    if (!status || !uid || status->st_uid == *uid ||
        (place.path == kQueueProgram && is_another_program(programs))) {
      continue;
    }
    findings.push_back(
        about(path, "ids", Severity::stop,
              base::concat({"belongs to uid ", base::decimal(status->st_uid), ", but ",
                            sys::account_name(place.owner), " is uid ", base::decimal(*uid)}),
              base::concat({"correct /etc/passwd, or stop the old qmail and chown -R ",
                            sys::account_name(place.owner), " ", path})));
  }
  const auto gid = sys::group_gid(Group::qmail);
  const auto mess = status_of(in_home(home, "queue/mess"));
  if (gid && mess && mess->st_gid != *gid) {
    findings.push_back(
        about(in_home(home, "queue/mess"), "ids", Severity::stop,
              base::concat({"belongs to gid ", base::decimal(mess->st_gid), ", but group ",
                            sys::group_name(Group::qmail), " is gid ", base::decimal(*gid)}),
              base::concat({"correct /etc/group, or stop the old qmail and chgrp -R ",
                            sys::group_name(Group::qmail), " ", in_home(home, "queue")})));
  }
  return findings;
}

std::vector<Finding> check_modes(const std::string& home, const OldPrograms& programs,
                                 const Services& services) {
  std::vector<Finding> findings;
  check_bin(findings, home, programs);
  for (const std::string_view place :
       {"bin", "control", "users", "queue", "queue/mess", "queue/todo", "queue/info"}) {
    const auto status = status_of(in_home(home, place));
    if (status && (status->st_mode & S_IWOTH) != 0) {
      findings.push_back(about(in_home(home, place), "mode", Severity::note,
                               "can be changed by everybody on this host",
                               base::concat({"chmod o-w ", in_home(home, place)})));
    }
  }
  // A file with two names counts as one secret (`make cert` makes the client's certificate a
  // link to the server's). The first rule is sufficient for both, since it gives the file the
  // second one's group.
  std::set<std::pair<dev_t, ino_t>> seen;
  for (const Secret& secret : kSecrets) {
    const auto status = status_of(in_home(home, secret.path));
    if (status && seen.insert({status->st_dev, status->st_ino}).second) {
      check_secret(findings, home, secret, services);
    }
  }
  return findings;
}

}  // namespace reqmail::survey
