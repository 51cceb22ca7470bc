#include "remote/tls_decision.h"

#include "base/text.h"
#include "remote/tls_policy.h"

namespace reqmail::remote {

namespace {

TlsPlan plan_by_files(const TlsPolicy& files) {
  TlsPlan plan;
  plan.starttls = files.starttls;
  plan.clear = files.clear;
  plan.request.server_name = files.name;
  plan.request.trusted = files.trusted;
  if (files.trusted) {
    plan.required = true;
    plan.demand = base::concat({*files.trusted, " exists; connecting to"});
  }
  return plan;
}

// The names that match= asks for, with its words replaced; without match= that of the server,
// whatever name it is asked for.
std::vector<std::string> names_of(const DomainPolicy& policy, const std::string& server,
                                  const std::string& domain) {
  if (policy.match.empty()) {
    return {server};
  }
  std::vector<std::string> names;
  for (const std::string& one : policy.match) {
    if (one == "hostname") {
      names.push_back(server);
    } else if (one == "nexthop") {
      names.push_back(domain);
    } else if (one == "dot-nexthop") {
      names.push_back("." + domain);
    } else {
      names.push_back(one);
    }
  }
  return names;
}

void add_demand(const DomainPolicy& policy, const std::string& domain, TlsPlan& plan) {
  plan.starttls = true;
  plan.required = true;
  plan.by_policy = true;
  plan.clear = false;
  plan.demand = base::concat({"the policy of ", base::printable(domain), " is ",
                              level_name(policy.level), "; connected to"});
}

// RFC 7672 section 3.2.2: the certificate of an authority's server may also be for the domain.
void add_records(const DaneRecords& records, const std::string& domain, TlsPlan& plan) {
  plan.request.tlsa = records.records;
  plan.request.server_name = records.base;
  plan.request.names = {domain};
}

Failure records_unknown(const std::string& server) {
  return temporary(base::concat({"TLSA records of ", server, " unknown for now. (#4.7.5)"}));
}

Failure no_records(const std::string& server, const std::string& domain) {
  return temporary(base::concat(
      {"No secure TLSA records of ", server.empty() ? std::string_view("the server") : server,
       " while the policy of ", base::printable(domain), " is dane-only. (#4.7.5)"}));
}

}  // namespace

bool TlsSettings::wants_dane(std::string_view domain) const {
  const auto line = table.find(domain);
  return line ? line->has_value() && (*line)->level >= TlsLevel::dane : dane || !server.empty();
}

const DaneRecords& TlsDecision::records_of(const Target& target) {
  if (!findings_.dane || findings_.dane_name != target.name) {
    findings_.dane = find_dane_records(dns_, target, port_);
    findings_.dane_name = target.name;
  }
  return *findings_.dane;
}

Result<void> TlsDecision::apply_dane(const Target& target, bool by_line, DomainPolicy& policy) {
  switch (records_of(target).state) {
  case DaneRecords::State::unknown:
    return records_unknown(target.name);
  case DaneRecords::State::usable:
    policy.level = TlsLevel::dane;
    return {};
  case DaneRecords::State::unusable:
    policy.level = TlsLevel::encrypt;
    return {};
  case DaneRecords::State::absent:
    break;
  }
  if (by_line && policy.level == TlsLevel::dane_only) {
    return no_records(target.name, domain_);
  }
  policy.level = TlsLevel::may;
  return {};
}

// Each failure is met once: every server of the domain would meet it again.
Result<DomainPolicy> TlsDecision::policy_of_server() {
  if (server_failure_) {
    return *server_failure_;
  }
  if (!findings_.of_server) {
    auto policy = ask_(domain_);
    if (!policy && !settings_.fail_open) {
      server_failure_ = policy.error();
      return *server_failure_;
    }
    findings_.of_server = policy ? std::move(*policy) : DomainPolicy();
  }
  return *findings_.of_server;
}

Result<DomainPolicy> TlsDecision::policy_for(const Target& target) {
  if (auto line = settings_.table.find(domain_)) {
    if (!*line) {
      return policy_unknown(domain_);
    }
    if ((*line)->level >= TlsLevel::dane) {
      if (auto applied = apply_dane(target, true, **line); !applied) {
        return applied.error();
      }
    }
    return std::move(*line);
  }
  DomainPolicy own;
  if (settings_.dane) {
    if (auto applied = apply_dane(target, false, own); !applied) {
      return applied.error();
    }
  }
  if (settings_.server.empty() || own.level == TlsLevel::dane || policy_name(domain_).empty()) {
    return own;
  }
  auto served = policy_of_server();
  if (served && served->level >= TlsLevel::dane) {
    if (auto applied = apply_dane(target, true, *served); !applied) {
      return applied.error();
    }
  }
  // TLSA records of which none can be used demand TLS all the same.
  return served && demands_tls(own.level) && served->level < own.level ? own
                                                                       : std::move(served);
}

Result<TlsPlan> TlsDecision::plan(const Target& target) {
  const TlsPolicy files = find_tls_policy(target.name);
  TlsPlan plan = plan_by_files(files);
  if (files.trusted) {
    return plan;
  }
  const auto found = policy_for(target);
  if (!found) {
    return found.error();
  }
  const DomainPolicy& policy = *found;
  plan.policy = policy;
  if (policy.level == TlsLevel::none) {
    plan.starttls = false;
  }
  if (!demands_tls(policy.level)) {
    return plan;
  }
  add_demand(policy, domain_, plan);
  if (policy.level == TlsLevel::dane) {
    add_records(*findings_.dane, domain_, plan);
    return plan;
  }
  if (policy.level == TlsLevel::verify) {
    plan.request.trusted_directory = settings_.authorities;
    plan.request.names = names_of(policy, target.name, domain_);
  }
  if (!policy.server_name.empty() && policy.server_name != "hostname") {
    plan.request.server_name = policy.server_name;
  }
  return plan;
}

}  // namespace reqmail::remote
