// Lists of clients in the DNS (RFC 5782): a line of control/dnsbllist, the name that it asks
// for, and what the answers to all lines come to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"
#include "mail/sender_verdict.h"
#include "proto/sender_findings.h"

namespace reqmail::proto {

struct DnsList {
  // What a listing means.
  ListVerdict::Word word = ListVerdict::Word::delay;
  std::string zone;

  // The answers that count, each a range within the last octet; empty: all that list somebody.
  struct Range {
    base::IpAddress first;
    std::uint8_t last = 0;
  };

  std::vector<Range> filter;
  std::string text;  // in the place of the list's own; %IP% is the client
};

// [+-=]ZONE[=FILTER][:[-]TEXT]. A Failure says why the line makes no sense.
Result<DnsList> parse_dns_list(std::string_view line);

// The name whose addresses tell whether the list has the client.
std::string list_query(const DnsList& list, const base::IpAddress& client);

// A line for the log.
struct ListNote {
  std::string query;
  std::string_view word;
  std::string text;
};

struct ListsOutcome {
  ListVerdict verdict;
  std::vector<ListNote> notes;  // of answers that are errors, and of the list that decides
};

// The first list with the client decides. `findings` are in the order of the lists; one that is
// missing counts as failed. `errors_refuse`: a list without a usable answer delays, unless it
// is one that accepts.
ListsOutcome judge_lists(const std::vector<DnsList>& lists,
                         const std::vector<mail::ListFinding>& findings,
                         const base::IpAddress& client, bool errors_refuse);

// RBLSMTPD: empty accepts, a text refuses for now, one that begins with "-" for good.
ListVerdict verdict_of_variable(std::string_view value);

}  // namespace reqmail::proto
