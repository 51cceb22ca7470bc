#include "proto/dns_lists.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "base/number.h"
#include "base/terminal_text.h"
#include "base/text.h"

namespace reqmail::proto {

namespace {

using Word = ListVerdict::Word;

constexpr std::size_t kLabelMax = 63;
constexpr std::size_t kZoneMax = 180;

constexpr std::string_view kTroubleText = "temporary RBL lookup error";

bool is_zone(std::string_view zone) {
  const auto labels = base::split(zone, '.');
  return zone.size() <= kZoneMax &&
         std::all_of(labels.begin(), labels.end(), [](std::string_view label) {
           return !label.empty() && label.size() <= kLabelMax &&
                  std::all_of(label.begin(), label.end(), [](char c) {
                    return base::is_letter(c) || base::is_digit(c) || c == '-' || c == '_';
                  });
         });
}

// Parses ADDRESS or ADDRESS-LAST.
std::optional<DnsList::Range> parse_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = base::IpAddress::parse(text.substr(0, dash));
  if (!first || first->family() != base::Family::v4) {
    return std::nullopt;
  }
  const std::uint8_t begin = first->bytes().back();
  if (dash == std::string_view::npos) {
    return DnsList::Range{*first, begin};
  }
  constexpr std::uint64_t kOctetMax = 255;
  const auto last = base::parse_u64(text.substr(dash + 1));
  if (!last || *last > kOctetMax || *last < begin) {
    return std::nullopt;
  }
  return DnsList::Range{*first, static_cast<std::uint8_t>(*last)};
}

bool is_within(const base::IpAddress& address, const DnsList::Range& range) {
  constexpr std::size_t kNetwork = 24;
  const std::uint8_t octet = address.bytes().back();
  return address.agrees(range.first, kNetwork) && octet >= range.first.bytes().back() &&
         octet <= range.last;
}

// Returns whether an answer means that the client is in the list. That is 127.0.0.0/8 without
// 127.0.0.1, which no list returns, and without 127.255.255.0/24, with which lists refuse
// queries.
bool lists_somebody(const base::IpAddress& address) {
  if (address.family() != base::Family::v4) {
    return false;
  }
  constexpr std::uint8_t kLoopback = 127;
  constexpr std::uint8_t kErrors = 255;
  const auto bytes = address.bytes();
  const bool localhost = bytes[1] == 0 && bytes[2] == 0 && bytes[3] == 1;
  const bool error = bytes[1] == kErrors && bytes[2] == kErrors;
  return bytes[0] == kLoopback && !localhost && !error;
}

bool counts(const base::IpAddress& address, const DnsList& list) {
  return lists_somebody(address) &&
         (list.filter.empty() ||
          std::any_of(list.filter.begin(), list.filter.end(),
                      [&](const auto& range) { return is_within(address, range); }));
}

enum class ListAnswer { lists, does_not, error };

ListAnswer answer_of(const mail::ListFinding& finding, const DnsList& list) {
  if (finding.status != mail::ListFinding::Status::found) {
    return finding.status == mail::ListFinding::Status::nothing ? ListAnswer::does_not
                                                                : ListAnswer::error;
  }
  const auto& addresses = finding.addresses;
  if (std::any_of(addresses.begin(), addresses.end(),
                  [&](const auto& address) { return counts(address, list); })) {
    return ListAnswer::lists;
  }
  return std::all_of(addresses.begin(), addresses.end(), lists_somebody) && !addresses.empty()
             ? ListAnswer::does_not
             : ListAnswer::error;
}

std::string with_client(std::string_view text, const std::string& client) {
  constexpr std::string_view kMark = "%IP%";
  std::string filled;
  for (std::size_t at = text.find(kMark); at != std::string_view::npos; at = text.find(kMark)) {
    filled += base::concat({text.substr(0, at), client});
    text.remove_prefix(at + kMark.size());
  }
  return filled.append(text);
}

std::string text_of(const DnsList& list, const mail::ListFinding& finding,
                    const std::string& client) {
  if (!list.text.empty()) {
    return base::peer_text(with_client(list.text, client));
  }
  return base::peer_text(finding.text.empty()
                             ? base::concat({client, " is listed by ", list.zone})
                             : finding.text);
}

Word word_of(char sign) {
  if (sign == '+') {
    return Word::accept;
  }
  return sign == '=' ? Word::ignore : Word::reject;
}

}  // namespace

Result<DnsList> parse_dns_list(std::string_view line) {
  constexpr std::string_view kSigns = "+-=";
  DnsList list;
  if (!line.empty() && kSigns.find(line.front()) != std::string_view::npos) {
    list.word = word_of(line.front());
    line.remove_prefix(1);
  }
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    std::string_view text = line.substr(colon + 1);
    if (text.starts_with('-') && list.word == Word::delay) {
      list.word = Word::reject;
    }
    text.remove_prefix(text.starts_with('-') ? 1 : 0);
    list.text = text;
    line = line.substr(0, colon);
  }
  const std::size_t equals = line.find('=');
  list.zone = line.substr(0, equals);
  if (!is_zone(list.zone)) {
    return permanent("no zone of the DNS");
  }
  if (equals != std::string_view::npos) {
    for (const std::string_view one : base::split(line.substr(equals + 1), ',')) {
      const auto range = parse_range(one);
      if (!range) {
        return permanent("no address of a list");
      }
      list.filter.push_back(*range);
    }
  }
  return list;
}

std::string list_query(const DnsList& list, const base::IpAddress& client) {
  const std::string_view suffix =
      client.family() == base::Family::v4 ? "in-addr.arpa" : "ip6.arpa";
  std::string name = client.reverse_name();
  name.erase(name.size() - suffix.size());
  return name + list.zone;
}

ListsOutcome judge_lists(const std::vector<DnsList>& lists,
                         const std::vector<mail::ListFinding>& findings,
                         const base::IpAddress& client, bool errors_refuse) {
  ListsOutcome outcome;
  const std::string address = client.text();
  for (std::size_t at = 0; at < lists.size(); ++at) {
    const DnsList& list = lists[at];
    const mail::ListFinding finding = at < findings.size() ? findings[at] : mail::ListFinding();
    const ListAnswer answer = answer_of(finding, list);
    if (answer == ListAnswer::does_not) {
      continue;
    }
    const std::string query = list_query(list, client);
    if (answer == ListAnswer::error) {
      outcome.notes.push_back({query, "dnserr", {}});
      if (!errors_refuse || list.word == Word::accept) {
        continue;
      }
      outcome.verdict = {Word::delay, std::string(kTroubleText)};
      return outcome;
    }
    outcome.verdict = {list.word, text_of(list, finding, address)};
    outcome.notes.push_back({query, list_word(list.word), outcome.verdict.text});
    return outcome;
  }
  return outcome;
}

ListVerdict verdict_of_variable(std::string_view value) {
  if (value.empty()) {
    return {Word::accept, {}};
  }
  const bool for_good = value.starts_with('-');
  return {for_good ? Word::reject : Word::delay,
          base::peer_text(value.substr(for_good ? 1 : 0))};
}

}  // namespace reqmail::proto
