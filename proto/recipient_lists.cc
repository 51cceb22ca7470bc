#include "proto/recipient_lists.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "mail/address.h"

namespace reqmail::proto {

namespace {

constexpr std::string_view kAllOthers = "*";

bool has_blank(std::string_view text) {
  return text.find_first_of(" \t") != std::string_view::npos;
}

// Whether a line of validrcptto can name a recipient.
bool names_recipient(std::string_view line) {
  const std::string_view address = line.substr(line.starts_with('-') ? 1 : 0);
  return !address.empty() && !address.ends_with('@') && !mail::has_control_character(address);
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  std::vector<std::string> words;
  std::size_t begin = text.find_first_not_of(kBlanks);
  while (begin != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(kBlanks, begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kBlanks, end);
  }
  return words;
}

Result<Opinion> opinion_of_list(std::string_view address, const HasKey& has) {
  const std::string whole = base::lower(address);
  const mail::AddressParts parts = mail::split_address(whole);
  const auto decide = [&has](const std::string& key) -> Result<Opinion> {
    auto accepted = has(key);
    if (!accepted || *accepted) {
      return accepted ? Result<Opinion>(Opinion::yes) : accepted.error();
    }
    auto refused = has("-" + key);
    if (!refused) {
      return refused.error();
    }
    return *refused ? Opinion::no : Opinion::none;
  };
  auto opinion = decide(whole);
  if (opinion && *opinion == Opinion::none && parts.has_domain) {
    opinion = decide(base::concat({"@", parts.domain}));
  }
  return opinion;
}

std::vector<base::BadLine> faults_of_valid_list(const std::vector<std::string>& lines) {
  std::vector<base::BadLine> faults;
  for (const std::string& line : lines) {
    if (!names_recipient(line)) {
      faults.push_back({line, "no address"});
    }
  }
  return faults;
}

std::vector<std::string> keys_of_valid_list(const std::vector<std::string>& lines) {
  std::vector<std::string> keys;
  std::copy_if(lines.begin(), lines.end(), std::back_inserter(keys), names_recipient);
  return keys;
}

std::vector<base::BadLine> RecipientFile::add(const std::vector<std::string>& lines) {
  std::vector<base::BadLine> bad;
  for (const std::string& text : lines) {
    std::string_view fault;
    if (auto line = parse(text, fault)) {
      lines_.push_back(std::move(*line));
    } else {
      bad.push_back({text, std::string(fault)});
    }
  }
  return bad;
}

std::optional<RecipientFile::Line> RecipientFile::parse(std::string_view text,
                                                        std::string_view& fault) {
  Line line;
  const std::size_t mark = text.find_first_of(":|");
  std::string_view domain = text.substr(0, mark);
  if (mark == std::string_view::npos) {
    if (domain == kAllOthers || domain.starts_with('@')) {
      line.way.kind = Way::Kind::all;
      domain.remove_prefix(domain.starts_with('@') ? 1 : 0);
    } else if (domain.starts_with('!')) {
      domain.remove_prefix(1);
    } else {
      fault = "no file, no program, neither ! nor @";
      return std::nullopt;
    }
  } else if (text[mark] == ':') {
    line.way.kind = Way::Kind::database;
    line.way.file = text.substr(mark + 1);
    if (line.way.file.empty()) {
      fault = "no file";
      return std::nullopt;
    }
  } else {
    line.way.kind = Way::Kind::program;
    line.way.command = words_of(text.substr(mark + 1));
    if (line.way.command.empty()) {
      fault = "no program";
      return std::nullopt;
    }
  }
  if (domain.empty() || has_blank(domain) || mail::has_control_character(domain)) {
    fault = "no domain";
    return std::nullopt;
  }
  line.domain = base::lower(domain);
  return line;
}

std::vector<const RecipientFile::Way*> RecipientFile::ways(std::string_view domain) const {
  const std::string name = base::lower(domain);
  std::vector<const Way*> own;
  std::vector<const Way*> others;
  for (const Line& line : lines_) {
    if (line.domain == name) {
      own.push_back(&line.way);
    } else if (line.domain == kAllOthers) {
      others.push_back(&line.way);
    }
  }
  return own.empty() ? others : own;
}

}  // namespace reqmail::proto
