#include "legacy/srs_domains.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::legacy {

namespace {

constexpr std::string_view kSeparators = "=-+";

struct Line {
  bool taken_out = false;
  std::string domain;  // of the senders; empty if it depends on the recipient
  std::vector<std::string> secrets;
  char separator = '=';
};

std::string sender_domain(std::string_view domain, std::string_view address) {
  const bool any = domain == "*";
  if (address.empty()) {
    return any ? "" : base::lower(domain);
  }
  if (!address.ends_with('.')) {
    return base::lower(address);
  }
  return any ? "" : base::lower(base::concat({address, domain}));
}

std::optional<Line> parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    return std::nullopt;
  }
  const std::string_view domain = text.substr(0, colon);
  Line line;
  line.taken_out = domain.starts_with('!');
  if (line.taken_out) {
    return line;
  }
  const auto parts = base::split(text.substr(colon + 1), '|');
  for (const std::string_view secret : base::split(parts[0], ' ')) {
    if (!secret.empty()) {
      line.secrets.emplace_back(secret);
    }
  }
  if (line.secrets.empty()) {
    return std::nullopt;
  }
  if (parts.size() > 1 && parts[1].size() == 1 &&
      kSeparators.find(parts[1][0]) != std::string_view::npos) {
    line.separator = parts[1][0];
  }
  line.domain = sender_domain(domain, parts.size() > 2 ? parts[2] : std::string_view());
  return line;
}

void add_secrets(const Line& line, std::vector<std::string>& secrets) {
  for (const std::string& secret : line.secrets) {
    if (std::find(secrets.begin(), secrets.end(), secret) == secrets.end()) {
      secrets.push_back(secret);
    }
  }
}

}  // namespace

SrsFiles convert_srs_domains(const std::vector<std::string>& lines) {
  SrsFiles files;
  std::vector<Line> used;
  for (const std::string& text : lines) {
    auto line = parse(text);
    files.merged = files.merged || (line && line->taken_out);
    if (line && !line->taken_out) {
      used.push_back(*std::move(line));
    }
  }
  const auto leading = std::find_if(used.begin(), used.end(),
                                    [](const Line& line) { return !line.domain.empty(); });
  if (leading != used.end()) {
    files.domain = leading->domain;
    files.separator = leading->separator;
    add_secrets(*leading, files.secrets);
  }
  for (const Line& line : used) {
    add_secrets(line, files.secrets);
    files.merged =
        files.merged || line.domain != files.domain || line.separator != files.separator;
  }
  return files;
}

}  // namespace reqmail::legacy
