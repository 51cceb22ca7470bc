#include "proto/deny_list.h"

#include <algorithm>

#include "base/ascii.h"
#include "mail/address.h"

namespace reqmail::proto {

namespace {

// Returns why a line is neither an address nor @domain; empty if it is one.
std::string_view fault_of_address(std::string_view line) {
  const mail::AddressParts parts = mail::split_address(line);
  if (parts.has_domain && parts.domain.empty()) {
    return "no domain after @";
  }
  if (std::any_of(parts.domain.begin(), parts.domain.end(), base::is_blank)) {
    return "blank in the domain";
  }
  return {};
}

// Returns why a line is neither a host name nor .suffix; empty if it is one.
std::string_view fault_of_host(std::string_view line) {
  const bool odd = std::any_of(line.begin(), line.end(),
                               [](char c) { return base::is_blank(c) || c == '@'; });
  return odd || line == "." || mail::has_control_character(line) ? "no host name"
                                                                 : std::string_view();
}

}  // namespace

std::vector<base::BadLine> DenyList::add(const std::vector<std::string>& lines,
                                         CompileExpression compile) {
  std::vector<base::BadLine> bad;
  if (!lines_) {
    lines_ = std::make_shared<Lines>();
  }
  for (const std::string& line : lines) {
    auto fault = compile == nullptr ? add_exact(line) : add_pattern(line, compile);
    if (fault) {
      bad.push_back(std::move(*fault));
    }
  }
  return bad;
}

std::optional<base::BadLine> DenyList::add_exact(const std::string& line) {
  const std::string_view fault =
      what_ == Of::addresses ? fault_of_address(line) : fault_of_host(line);
  if (!fault.empty()) {
    return base::BadLine{line, std::string(fault)};
  }
  lines_->exact.emplace(base::lower(line), line);
  return std::nullopt;
}

std::optional<base::BadLine> DenyList::add_pattern(const std::string& line,
                                                   CompileExpression compile) {
  const bool negated = line.starts_with('!');
  auto expression = compile(line.substr(negated ? 1 : 0));
  if (!expression) {
    return base::BadLine{line, expression.error().text};
  }
  lines_->patterns.push_back({line, negated, std::move(*expression)});
  return std::nullopt;
}

std::optional<std::string_view> DenyList::find(std::string_view text) const {
  if (!lines_) {
    return std::nullopt;
  }
  if (!lines_->patterns.empty()) {
    return find_pattern(text);
  }
  return what_ == Of::addresses ? find_address(text) : find_host(text);
}

std::optional<std::string_view> DenyList::find_exact(std::string_view text) const {
  const auto found = lines_->exact.find(base::lower(text));
  if (found == lines_->exact.end()) {
    return std::nullopt;
  }
  return found->second;
}

std::optional<std::string_view> DenyList::find_address(std::string_view text) const {
  auto found = find_exact(text);
  const std::size_t at = text.rfind('@');
  if (!found && at != std::string_view::npos) {
    found = find_exact(text.substr(at));
  }
  return found;
}

std::optional<std::string_view> DenyList::find_host(std::string_view text) const {
  auto found = find_exact(text);
  for (std::size_t dot = text.find('.'); !found && dot != std::string_view::npos;
       dot = text.find('.', dot + 1)) {
    found = find_exact(text.substr(dot));
  }
  return found;
}

std::optional<std::string_view> DenyList::find_pattern(std::string_view text) const {
  const std::string subject(text);
  for (const Pattern& pattern : lines_->patterns) {
    if (pattern.expression->matches(subject) != pattern.negated) {
      return pattern.line;
    }
  }
  return std::nullopt;
}

}  // namespace reqmail::proto
