#include "mail/dsn.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/hex.h"
#include "base/text.h"

namespace reqmail::mail {

namespace {

std::string notify_value(const DsnNotify& notify) {
  std::string value;
  for (const auto& [wanted, word] :
       {std::pair<bool, std::string_view>{notify.success, "SUCCESS"},
        {notify.failure, "FAILURE"},
        {notify.delay, "DELAY"}}) {
    if (wanted) {
      value += base::concat({value.empty() ? "" : ",", word});
    }
  }
  return value.empty() ? "NEVER" : value;
}

// Takes a prefix off a text that begins with it.
bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) {
    return false;
  }
  text.remove_prefix(prefix.size());
  return true;
}

bool parse_mail_line(std::string_view line, DsnRequest& request) {
  if (line.empty()) {
    return true;
  }
  for (std::string_view word : base::split(line, ' ')) {
    if (take_prefix(word, "RET=")) {
      const auto returns = parse_dsn_return(word);
      if (!returns) {
        return false;
      }
      request.returns = *returns;
    } else if (take_prefix(word, "ENVID=") && is_envelope_id(word)) {
      request.envelope_id = word;
    } else {
      return false;
    }
  }
  return true;
}

bool parse_recipient_line(std::string_view line, DsnRequest& request) {
  const std::size_t tab = line.find('\t');
  if (tab == std::string_view::npos) {
    return false;
  }
  DsnRecipient recipient;
  recipient.address = line.substr(tab + 1);
  for (std::string_view word : base::split(line.substr(0, tab), ' ')) {
    if (take_prefix(word, "NOTIFY=")) {
      recipient.notify = parse_dsn_notify(word);
      if (!recipient.notify) {
        return false;
      }
    } else if (take_prefix(word, "ORCPT=") && is_original_recipient(word)) {
      recipient.original = word;
    } else {
      return false;
    }
  }
  request.recipients.push_back(std::move(recipient));
  return true;
}

}  // namespace

const DsnRecipient* DsnRequest::find(std::string_view address) const {
  const auto found =
      std::find_if(recipients.begin(), recipients.end(),
                   [address](const DsnRecipient& one) { return one.address == address; });
  return found == recipients.end() ? nullptr : &*found;
}

std::optional<std::string> decode_xtext(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c < '!' || c > '~' || c == '=') {
      return std::nullopt;
    }
    if (c != '+') {
      bytes.push_back(c);
      continue;
    }
    const auto byte = base::hex_byte(text, i + 1, base::HexLetters::upper);
    if (!byte) {
      return std::nullopt;
    }
    bytes.push_back(*byte);
    i += 2;
  }
  return bytes;
}

std::optional<DsnReturn> parse_dsn_return(std::string_view value) {
  if (base::equal_ci(value, "FULL")) {
    return DsnReturn::full;
  }
  if (base::equal_ci(value, "HDRS")) {
    return DsnReturn::headers;
  }
  return std::nullopt;
}

std::optional<DsnNotify> parse_dsn_notify(std::string_view value) {
  DsnNotify notify;
  if (base::equal_ci(value, "NEVER")) {
    return notify;
  }
  for (const std::string_view word : base::split(value, ',')) {
    if (base::equal_ci(word, "SUCCESS")) {
      notify.success = true;
    } else if (base::equal_ci(word, "FAILURE")) {
      notify.failure = true;
    } else if (base::equal_ci(word, "DELAY")) {
      notify.delay = true;
    } else {
      return std::nullopt;
    }
  }
  return notify;
}

bool is_envelope_id(std::string_view value) {
  return !value.empty() && value.size() <= kEnvelopeIdMax && decode_xtext(value);
}

bool is_original_recipient(std::string_view value) {
  const std::size_t end = value.find(';');
  if (end == std::string_view::npos || end == 0 || end + 1 == value.size() ||
      value.size() > kOriginalRecipientMax) {
    return false;
  }
  const std::string_view type = value.substr(0, end);
  return std::all_of(
             type.begin(), type.end(),
             [](char c) { return base::is_letter(c) || base::is_digit(c) || c == '-'; }) &&
         decode_xtext(value.substr(end + 1));
}

std::string dsn_mail_parameters(const DsnRequest& request) {
  std::string text;
  if (request.returns != DsnReturn::unsaid) {
    text += request.returns == DsnReturn::full ? " RET=FULL" : " RET=HDRS";
  }
  if (!request.envelope_id.empty()) {
    text += base::concat({" ENVID=", request.envelope_id});
  }
  return text;
}

std::string dsn_rcpt_parameters(const DsnRecipient& recipient) {
  std::string text;
  if (recipient.notify) {
    text += base::concat({" NOTIFY=", notify_value(*recipient.notify)});
  }
  if (!recipient.original.empty()) {
    text += base::concat({" ORCPT=", recipient.original});
  }
  return text;
}

std::size_t dsn_size(const DsnRecipient& recipient) {
  // The blank in front of the parameters is left out, the tab and the line feed come on top.
  return dsn_rcpt_parameters(recipient).size() + recipient.address.size() + 1;
}

std::string dsn_text(const DsnRequest& request) {
  std::string text = dsn_mail_parameters(request);
  text.erase(0, 1);
  text.push_back('\n');
  for (const DsnRecipient& recipient : request.recipients) {
    const std::string parameters = dsn_rcpt_parameters(recipient);
    if (!parameters.empty()) {
      text +=
          base::concat({std::string_view(parameters).substr(1), "\t", recipient.address, "\n"});
    }
  }
  return text;
}

std::optional<DsnRequest> parse_dsn_text(std::string_view text) {
  if (text.size() > kDsnTextMax || !text.ends_with('\n') ||
      text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  text.remove_suffix(1);
  DsnRequest request;
  bool first = true;
  for (const std::string_view line : base::split(text, '\n')) {
    if (first ? !parse_mail_line(line, request) : !parse_recipient_line(line, request)) {
      return std::nullopt;
    }
    first = false;
  }
  return request;
}

}  // namespace reqmail::mail
