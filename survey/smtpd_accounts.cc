#include "survey/smtpd_accounts.h"

#include <algorithm>
#include <string>
#include <utility>

#include "survey/accounts.h"
#include "sys/identity.h"

namespace reqmail::survey {

namespace {

bool runs_smtpd(const ServiceScript& script) {
  const auto& all = script.facts.invocations;
  return std::any_of(all.begin(), all.end(), [](const legacy::Invocation& one) {
    return one.program == "qmail-smtpd" || one.program == "qmail-smtpd-tls";
  });
}

bool is_the_same(const legacy::RunsAs& one, const legacy::RunsAs& other) {
  return one.account == other.account && one.groups == other.groups &&
         one.every_group == other.every_group;
}

}  // namespace

std::vector<legacy::RunsAs> smtpd_accounts(const Services& services) {
  std::vector<legacy::RunsAs> accounts;
  const auto add = [&](legacy::RunsAs who) {
    if (std::none_of(accounts.begin(), accounts.end(),
                     [&](const legacy::RunsAs& other) { return is_the_same(who, other); })) {
      accounts.push_back(std::move(who));
    }
  };
  const legacy::RunsAs usual{std::string(sys::account_name(sys::Account::qmaild)), {}, false};
  for (const ServiceScript& script : services.scripts) {
    if (!runs_smtpd(script)) {
      continue;
    }
    if (script.facts.users.empty()) {
      add(usual);
    }
    for (const legacy::RunsAs& who : script.facts.users) {
      if (const auto account = find_account(who.account)) {
        add({account->name, who.groups, who.every_group});
      }
    }
  }
  if (accounts.empty()) {
    add(usual);
  }
  return accounts;
}

}  // namespace reqmail::survey
