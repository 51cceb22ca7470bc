#include "legacy/routes.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"

namespace reqmail::legacy {

namespace {

// Returns the words of a text that are separated by blanks.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!(text = base::trim_start(text)).empty()) {
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

// A relay and its port, which follows ':' or ';' outside of brackets.
struct Place {
  std::string_view relay;
  std::string_view port;
  bool semicolon = false;
  // Whether more than one number follows the relay.
  bool more = false;
};

Place place_of(std::string_view text) {
  Place place;
  const std::size_t bracket =
      text.substr(0, 1) == "[" ? text.find(']') : std::string_view::npos;
  const std::size_t from = bracket == std::string_view::npos ? 0 : bracket;
  const std::size_t sign = text.find_first_of(":;", from);
  place.relay = text.substr(0, sign);
  if (sign != std::string_view::npos) {
    place.semicolon = text[sign] == ';';
    place.port = text.substr(sign + 1);
    place.more = place.port.find(':') != std::string_view::npos;
  }
  return place;
}

bool is_port(std::string_view text) {
  return text.empty() || base::leading_digits(text) == text.size();
}

std::string in_our_form(const Route& route, std::string_view user, std::string_view password) {
  std::string line = base::concat({route.domain, ":", route.relay});
  if (!route.port.empty()) {
    line += base::concat({":", route.port});
  }
  if (!user.empty()) {
    line += base::concat({"|", user, "|", password});
  }
  return line;
}

}  // namespace

Route read_route(std::string_view line) {
  Route route;
  route.line = std::string(line);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    return route;
  }
  route.domain = std::string(line.substr(0, colon));
  const std::string_view rest = line.substr(colon + 1);
  const std::size_t bar = rest.find('|');
  const std::string_view before = rest.substr(0, bar);
  const auto words = words_of(before);
  const Place place = place_of(words.empty() ? before : words[0]);
  route.relay = std::string(place.relay);
  route.port = std::string(place.port);
  route.credentials = bar != std::string_view::npos;
  if (route.domain == "!@") {
    route.form = RouteForm::null_sender;
    return route;
  }
  const bool flagged = std::any_of(words.begin(), words.end(),
                                   [](std::string_view word) { return word[0] == '/'; });
  if (place.more || flagged || words.size() > 3 || (words.size() == 2 && !route.credentials)) {
    route.form = RouteForm::flags;
    route.credentials = route.credentials || words.size() > 2;
    return route;
  }
  if (words.size() == 3 && !route.credentials) {
    route.form = RouteForm::blanks;
    route.credentials = true;
    route.line = in_our_form(route, words[1], words[2]);
    return route;
  }
  if (place.semicolon && is_port(place.port)) {
    route.form = RouteForm::semicolon;
    route.line = in_our_form(route, "", "");
    if (bar != std::string_view::npos) {
      route.line += rest.substr(bar);
    }
    return route;
  }
  route.form = route.credentials ? RouteForm::bars : RouteForm::plain;
  return route;
}

RoutesText convert_routes(std::string_view text) {
  RoutesText result;
  for (const std::string_view line : base::lines(text)) {
    const std::string_view trimmed = base::trim_end(line);
    if (trimmed.empty() || trimmed[0] == '#') {
      result.text += base::concat({line, "\n"});
      continue;
    }
    Route route = read_route(trimmed);
    const bool other = route.line != trimmed;
    result.text += base::concat({other ? std::string_view(route.line) : line, "\n"});
    result.changed = result.changed || other;
    result.routes.push_back(std::move(route));
  }
  return result;
}

bool is_loopback(std::string_view relay) {
  if (relay.size() > 1 && relay.front() == '[' && relay.back() == ']') {
    relay = relay.substr(1, relay.size() - 2);
  }
  return relay.substr(0, 4) == "127." || relay == "::1" || base::equal_ci(relay, "localhost");
}

std::string relay_file_name(std::string_view relay) {
  std::string name = base::lower(relay);
  if (!name.empty() && name.back() == '.') {
    name.pop_back();
  }
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return base::is_letter(c) || base::is_digit(c) || c == '-' || c == '.' || c == '_';
  });
  const bool literal = name.find_first_not_of("0123456789.") == std::string::npos;
  return plain && !literal && name[0] != '.' ? name : std::string();
}

}  // namespace reqmail::legacy
