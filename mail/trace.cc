#include "mail/trace.h"

#include <algorithm>

#include "base/text.h"
#include "mail/address.h"
#include "mail/date822.h"

namespace reqmail::mail {

namespace {

// A line feed would end the field and let an address forge header fields.
std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', '_');
  return text;
}

}  // namespace

std::string return_path_line(std::string_view sender) {
  return base::concat({"Return-Path: <", on_one_line(quote_address(sender)), ">\n"});
}

std::string delivered_to_line(std::string_view recipient) {
  return base::concat({"Delivered-To: ", on_one_line(std::string(recipient)), "\n"});
}

std::string from_line(std::string_view sender, base::Time now) {
  std::string name(sender.empty() ? "MAILER-DAEMON" : sender);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == ' ' || c == '\t' || c == '\n'; }, '-');
  return base::concat({"From ", name, " ", mbox_date(now), "\n"});
}

}  // namespace reqmail::mail
