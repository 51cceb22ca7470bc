#include "mail/address_defaults.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/text.h"

namespace reqmail::mail {

namespace {

Result<std::vector<Token>> suffix_tokens(std::string_view sign, std::string_view name) {
  std::string text = base::concat({sign, name});
  auto tokens = tokenize(text);
  if (!tokens) {
    return permanent(std::move(text));
  }
  return std::move(*tokens);
}

void append(std::vector<Token>& to, const std::vector<Token>& tokens) {
  to.insert(to.end(), tokens.begin(), tokens.end());
}

bool has_kind(const Token& token, Token::Kind kind) {
  return token.kind == kind;
}

// The form x@[] marks addresses that must not be changed (#@[], VERP).
bool ends_in_empty_literal(const std::vector<Token>& address) {
  return address.size() >= 2 && has_kind(address.back(), Token::Kind::literal) &&
         address.back().text.empty() && has_kind(address[address.size() - 2], Token::Kind::at);
}

// "@a,@b:x" becomes "x"; a route without an address, "@a:" or "@a", becomes empty.
void remove_route(std::vector<Token>& address) {
  if (!has_kind(address.front(), Token::Kind::at)) {
    return;
  }
  const auto colon = std::find_if(address.begin(), address.end(), [](const Token& token) {
    return has_kind(token, Token::Kind::colon);
  });
  address.erase(address.begin(), colon == address.end() ? colon : colon + 1);
}

void remove_last(std::vector<Token>& address, Token::Kind kind) {
  if (!address.empty() && has_kind(address.back(), kind)) {
    address.pop_back();
  }
}

// Returns whether a host has a dot or is a literal, so that it needs no default domain.
bool is_full_host(std::vector<Token>::const_iterator begin,
                  std::vector<Token>::const_iterator end) {
  return std::any_of(begin, end, [](const Token& token) {
    return has_kind(token, Token::Kind::dot) || has_kind(token, Token::Kind::literal);
  });
}

}  // namespace

Result<AddressDefaults> AddressDefaults::parse(std::string_view host, std::string_view domain,
                                               std::string_view plus_domain) {
  auto host_suffix = suffix_tokens("@", host);
  if (!host_suffix) {
    return host_suffix.error();
  }
  auto domain_suffix = suffix_tokens(".", domain);
  if (!domain_suffix) {
    return domain_suffix.error();
  }
  auto plus_suffix = suffix_tokens(".", plus_domain);
  if (!plus_suffix) {
    return plus_suffix.error();
  }
  AddressDefaults defaults;
  defaults.host_ = std::move(*host_suffix);
  defaults.domain_ = std::move(*domain_suffix);
  defaults.plus_domain_ = std::move(*plus_suffix);
  return defaults;
}

void AddressDefaults::complete(std::vector<Token>& address) const {
  if (address.empty() || ends_in_empty_literal(address)) {
    return;
  }
  remove_route(address);
  remove_last(address, Token::Kind::dot);
  remove_last(address, Token::Kind::at);
  if (address.empty()) {
    return;
  }
  const auto is_at = [](const Token& token) { return has_kind(token, Token::Kind::at); };
  if (std::none_of(address.begin(), address.end(), is_at)) {
    append(address, host_);
  }
  Token& last = address.back();
  if (has_kind(last, Token::Kind::atom) && last.text.ends_with('+')) {
    last.text.pop_back();
    append(address, plus_domain_);
  }
  const auto host = std::find_if(address.rbegin(), address.rend(), is_at).base();
  if (!is_full_host(host, address.end())) {
    append(address, domain_);
  }
}

std::optional<std::string> AddressDefaults::from_argument(std::string_view argument) const {
  if (argument.empty()) {
    return std::string();
  }
  const std::size_t at = argument.rfind('@');
  std::vector<Token> address = {
      Token{Token::Kind::quoted, std::string(argument.substr(0, at))}};
  if (at != std::string_view::npos) {
    auto host = tokenize(argument.substr(at));
    if (!host) {
      return std::nullopt;
    }
    append(address, *host);
  }
  complete(address);
  return plain_text(address);
}

}  // namespace reqmail::mail
