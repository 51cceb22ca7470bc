// Follows aliases (CNAME records) in answers to the records that were asked for.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "net/dns_message.h"

namespace reqmail::net {

enum class LookupStatus {
  // There is at least one record.
  found,
  // The name servers say that the name does not exist or has no record of this type.
  nothing,
  // The name servers answered with an alias whose target has no such record.
  leads_nowhere,
  temporary,
};

// The longest chain of aliases that is followed.
inline constexpr std::size_t kAliasesMax = 16;

// One look-up, which may need several questions: if a server does not know the target of an
// alias, the last target is asked for in turn.
class DnsFollow {
 public:
  DnsFollow(DnsName name, DnsType type) : name_(std::move(name)), type_(type) {}

  // Returns the name to ask for next.
  [[nodiscard]] const DnsName& name() const { return name_; }

  [[nodiscard]] DnsType type() const { return type_; }

  // Takes the answer to that question; nullopt means that there was no usable one. Returns
  // whether the look-up is complete.
  bool take(const std::optional<DnsAnswer>& answer);

  [[nodiscard]] LookupStatus status() const { return status_; }

  // Returns the records of the type asked for at the end of the aliases, in the order of the
  // answer.
  [[nodiscard]] std::vector<DnsRecord>& records() { return records_; }

  // Returns whether every answer was verified by the name server that gave it.
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
