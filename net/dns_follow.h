// Answers followed along their aliases (CNAME records) to the records that were asked for.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "net/dns_message.h"

namespace reqmail::net {

enum class LookupStatus {
  // `records` has at least one.
  found,
  // The name servers say that there is nothing of the kind, or no such name.
  nothing,
  // They answered with records that lead nowhere: an alias of a name that has nothing.
  leads_nowhere,
  temporary,
};

// The longest chain of aliases that is followed.
inline constexpr std::size_t kAliasesMax = 16;

// One look-up, which may take several questions: a server need not know the target of an alias,
// and then the last target is asked for itself.
class DnsFollow {
 public:
  DnsFollow(DnsName name, DnsType type) : name_(std::move(name)), type_(type) {}

  // What is to be asked next.
  [[nodiscard]] const DnsName& name() const { return name_; }

  [[nodiscard]] DnsType type() const { return type_; }

  // Takes the answer to that question; absent: there was none that counts. Returns whether the
  // look-up is over.
  bool take(const std::optional<DnsAnswer>& answer);

  [[nodiscard]] LookupStatus status() const { return status_; }

  // Of the type and name asked for, in the order of the answer.
  [[nodiscard]] std::vector<DnsRecord>& records() { return records_; }

  // Every answer on the way was verified by the name server that gave it.
  [[nodiscard]] bool authenticated() const { return authenticated_; }

 private:
  DnsName name_;
  DnsType type_;
  LookupStatus status_ = LookupStatus::temporary;
  std::vector<DnsRecord> records_;
  LookupStatus negative_ = LookupStatus::nothing;
  std::size_t aliases_ = 0;
  bool authenticated_ = true;
};

}  // namespace reqmail::net
