// DMARC of one message (RFC 9989): whether a result of SPF or DKIM is aligned with the author's
// domain, and what the domain asks for if none is. Policies and organizational domains are
// found by the tree walk of section 4.10.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth822/auth_word.h"
#include "auth822/author.h"
#include "auth822/dmarc_record.h"
#include "auth822/dmarc_walk.h"
#include "auth822/dns_facts.h"
#include "auth822/known_facts.h"

namespace reqmail::auth822 {

// A domain that SPF or DKIM vouches for, or would if the look-up had not failed.
struct DmarcIdentity {
  std::string domain;
  AuthWord word = AuthWord::none;
};

struct DmarcRequest {
  Author author;
  DmarcIdentity spf;
  std::vector<DmarcIdentity> dkim;
};

struct DmarcResult {
  AuthWord word = AuthWord::none;
  std::string why;
  // Of pass and fail.
  std::optional<DmarcRecord> record;
  std::string policy_domain;
  bool spf_aligned = false;
  bool dkim_aligned = false;
  // What the domain asks for, after sp=, np= and t=.
  DmarcPolicy policy = DmarcPolicy::none;
};

class DmarcCheck {
 public:
  explicit DmarcCheck(DmarcRequest request);

  [[nodiscard]] const std::vector<DnsQuestion>& wants() const { return facts_.wants(); }

  void answer(const DnsQuestion& question, DnsFacts facts);

  [[nodiscard]] const std::optional<DmarcResult>& result() const { return result_; }

 private:
  void evaluate();
  std::optional<DmarcResult> run();
  // Whether the organization of the author can decide, with this record of the author's domain.
  [[nodiscard]] bool needs_organization(const DmarcRecord& record) const;
  // Absent: an answer is missing.
  std::optional<bool> aligned(const DmarcIdentity& identity, bool strict,
                              const DmarcWalk& author);
  std::optional<bool> any_aligned(const DmarcRecord& record, const DmarcWalk& author,
                                  DmarcResult& result);
  // A look-up of SPF or DKIM failed.
  [[nodiscard]] bool could_yet_pass() const;
  std::optional<DmarcPolicy> policy(const DmarcRecord& record, const std::string& domain);

  DmarcRequest request_;
  KnownFacts facts_;
  // Whether an organization decided, or would have, that could not be found.
  bool uncertain_ = false;
  std::optional<DmarcResult> result_;
};

}  // namespace reqmail::auth822
