// Lists of clients in the DNS (RFC 5782): the lines of control/dnsbllist, the name to ask for,
// and the result of the answers of all lists.
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
  // The result for a client in the list.
  ListVerdict::Word word = ListVerdict::Word::delay;
  std::string zone;

  // The answers that count, each a range of the last octet. If it is empty, all answers count
  // that mean that the client is in the list.
  struct Range {
    base::IpAddress first;
    std::uint8_t last = 0;
  };

  std::vector<Range> filter;
  std::string text;  // replaces the list's own text; %IP% is the client
};

// Parses a line [+-=]ZONE[=FILTER][:[-]TEXT]. The text of a Failure says why the line is
// malformed.
Result<DnsList> parse_dns_list(std::string_view line);

// Returns the name whose addresses tell whether the client is in the list.
std::string list_query(const DnsList& list, const base::IpAddress& client);

// A line for the log.
struct ListNote {
  std::string query;
  std::string_view word;
  std::string text;
};

struct ListsOutcome {
  ListVerdict verdict;
  std::vector<ListNote> notes;  // on errors and the deciding list
};

// Returns the result of all lists: the first list that has the client decides. `findings` are
// in the order of the lists; a missing one counts as failed. If `errors_refuse` is true, a list
// without a usable answer delays the client, unless it is a list that accepts clients.
ListsOutcome judge_lists(const std::vector<DnsList>& lists,
                         const std::vector<mail::ListFinding>& findings,
                         const base::IpAddress& client, bool errors_refuse);

// Returns the meaning of RBLSMTPD: an empty value accepts the client, a text refuses it
// temporarily, and a text that begins with "-" refuses it permanently.
ListVerdict verdict_of_variable(std::string_view value);

}  // namespace reqmail::proto
