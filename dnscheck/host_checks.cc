#include "dnscheck/host_checks.h"

#include <algorithm>

#include "auth822/dns_list_check.h"
#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::dnscheck {

namespace {

using auth822::DnsFacts;
using auth822::DnsStatus;
using auth822::RecordType;

RecordType type_of(const base::IpAddress& address) {
  return address.family() == base::Family::v4 ? RecordType::a : RecordType::aaaa;
}

std::string_view type_word(const base::IpAddress& address) {
  return address.family() == base::Family::v4 ? "A" : "AAAA";
}

bool has(const DnsFacts& facts, const base::IpAddress& address) {
  return std::find(facts.addresses.begin(), facts.addresses.end(), address) !=
         facts.addresses.end();
}

bool has_address(const Host& host, Report& report, const char* name) {
  if (!host.addresses.empty()) {
    return true;
  }
  report.add({name, Status::unknown, "this host has no public address of its own",
              "name the address that receivers see: --address=ADDRESS, or control/outgoingip"});
  return false;
}

// Returns the names of an address that lead back to it. `reverse` gets what the DNS says about
// the address.
std::vector<std::string> verified_names(const base::IpAddress& address, Answers& answers,
                                        DnsFacts& reverse) {
  reverse = answers.find(RecordType::ptr, address.reverse_name());
  std::vector<auth822::DnsQuestion> questions;
  for (const std::string& name : reverse.names) {
    questions.push_back(auth822::question(type_of(address), name));
  }
  answers.ask(questions);
  std::vector<std::string> verified;
  for (const std::string& name : reverse.names) {
    if (has(answers.find(type_of(address), name), address)) {
      verified.push_back(name);
    }
  }
  return verified;
}

Finding hello_finding(const SendingAddress& one, Answers& answers) {
  const std::string address = one.address.text();
  const std::string said = base::concat({one.hello, ", said by ", address, ","});
  if (one.hello.find('.') == std::string::npos || !auth822::is_domain(one.hello)) {
    return {"helo", Status::critical, base::concat({said, " is no full name of a host"}),
            "put such a name into control/helohost or control/me"};
  }
  const std::string record = publish(one.hello, type_word(one.address), address);
  const DnsFacts facts = answers.find(type_of(one.address), one.hello);
  if (facts.status == DnsStatus::temporary) {
    return {"helo", Status::unknown,
            base::concat({"no name server tells the address of ", one.hello})};
  }
  if (facts.status == DnsStatus::nothing) {
    return {"helo", Status::critical, base::concat({said, " does not have an address"}),
            record};
  }
  if (!has(facts, one.address)) {
    return {"helo", Status::warning, base::concat({said, " has another address"}), record};
  }
  DnsFacts reverse;
  const auto names = verified_names(one.address, answers, reverse);
  const bool is_named = std::any_of(names.begin(), names.end(), [&one](const auto& name) {
    return base::equal_ci(name, one.hello);
  });
  if (!names.empty() && !is_named) {
    return {"helo", Status::warning,
            base::concat({said, " is not the name of the address, which is ", names.front()}),
            base::concat({"put ", names.front(), " into control/helohost"})};
  }
  return {"helo", Status::ok, base::concat({said, " has this address"})};
}

Finding list_finding(const proto::DnsList& list, const base::IpAddress& address,
                     const mail::ListFinding& found) {
  const auto outcome = proto::judge_lists({list}, {found}, address, false);
  for (const proto::ListNote& note : outcome.notes) {
    if (note.word == "dnserr") {
      return {"dnsbl", Status::unknown,
              base::concat({list.zone, " gives no usable answer about ", address.text()}),
              "ask it through a name server of your own"};
    }
    const bool welcome = list.word == proto::ListVerdict::Word::accept;
    const std::string reason =
        found.text.empty() ? std::string() : base::concat({": ", found.text});
    return {
        "dnsbl", welcome ? Status::ok : Status::critical,
        base::concat({list.zone, " lists ", address.text(), reason}),
        welcome ? "" : base::concat({"find the cause, then ask ", list.zone, " to remove it"})};
  }
  return {"dnsbl", Status::ok, base::concat({list.zone, " does not list ", address.text()})};
}

}  // namespace

void check_reverse_names(const Host& host, Answers& answers, Report& report) {
  if (!has_address(host, report, "ptr")) {
    return;
  }
  for (const SendingAddress& one : host.addresses) {
    const std::string address = one.address.text();
    const std::string record =
        publish(one.address.reverse_name(), "PTR", base::concat({one.hello, "."}));
    DnsFacts reverse;
    const auto verified = verified_names(one.address, answers, reverse);
    if (!verified.empty()) {
      report.add({"ptr", Status::ok,
                  base::concat({address, " has the name ", verified.front(),
                                ", which has the address"})});
    } else if (reverse.status == DnsStatus::temporary) {
      report.add({"ptr", Status::unknown,
                  base::concat({"no name server tells the name of ", address})});
    } else if (reverse.status == DnsStatus::nothing) {
      report.add({"ptr", Status::critical, base::concat({address, " has no name"}), record});
    } else {
      report.add({"ptr", Status::critical,
                  base::concat({address, " has the name ", reverse.names.front(),
                                ", which does not have the address"}),
                  record});
    }
  }
}

void check_hello_names(const Host& host, Answers& answers, Report& report) {
  for (const SendingAddress& one : host.addresses) {
    report.add(hello_finding(one, answers));
  }
}

void check_lists(const Host& host, Answers& answers, Report& report) {
  for (const SendingAddress& one : host.addresses) {
    std::vector<std::string> names;
    for (const proto::DnsList& list : host.lists) {
      names.push_back(proto::list_query(list, one.address));
    }
    auth822::DnsListCheck check(std::move(names));
    answer_all(check, answers);
    const auto results = check.results();
    for (std::size_t i = 0; i < host.lists.size(); ++i) {
      report.add(list_finding(host.lists[i], one.address, results[i]));
    }
  }
}

}  // namespace reqmail::dnscheck
