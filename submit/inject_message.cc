#include "submit/inject_message.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "mail/address.h"
#include "mail/header_reader.h"
#include "mail/header_rewrite.h"
#include "submit/inject_input.h"
#include "submit/injector.h"
#include "sys/env.h"
#include "sys/stream.h"

namespace reqmail::submit {

namespace {

Failure read_error(int error) {
  return temporary("read error", error);
}

// A message that has been read up to the beginning of its body.
struct Opened {
  mail::RewrittenHeader header;
  std::string body;       // the part of the body that has been read
  bool at_end = false;    // there is nothing left to read
  bool has_body = false;  // a blank line must follow the header
};

// Takes the pieces of the message.
using Sink = std::function<Result<void>(std::string_view)>;

Result<Opened> read_header(InjectInput& input, mail::HeaderRewriter& rewriter,
                           const std::optional<std::string>& sender) {
  Opened opened;
  mail::HeaderReader reader(
      [&rewriter](std::string_view field) { return rewriter.add(field); });
  std::string_view rest;
  while (!reader.ended()) {
    auto block = input.next();
    if (!block) {
      return block.error();
    }
    if (block->empty()) {
      opened.at_end = true;
      if (auto done = reader.finish(); !done) {
        return done.error();
      }
      break;
    }
    auto taken = reader.add(*block);
    if (!taken) {
      return taken.error();
    }
    rest = block->substr(*taken);
  }
  auto header = rewriter.finish(sender);
  if (!header) {
    return header.error();
  }
  opened.header = std::move(*header);
  opened.has_body = reader.end() != mail::HeaderEnd::none;
  opened.body = base::concat({reader.body_begin(), rest});
  return opened;
}

// Passes on the header, the blank line and the body, whose last line gets a line feed if it has
// none.
Result<void> copy_message(InjectInput& input, const Opened& opened, const Sink& sink) {
  if (auto done = sink(opened.header.text); !done) {
    return done;
  }
  if (opened.has_body) {
    if (auto done = sink("\n"); !done) {
      return done;
    }
  }
  std::string_view piece = opened.body;
  char last = '\n';
  bool at_end = opened.at_end;
  for (;;) {
    if (!piece.empty()) {
      last = piece.back();
      if (auto done = sink(piece); !done) {
        return done;
      }
    }
    if (at_end) {
      break;
    }
    auto block = input.next();
    if (!block) {
      return block.error();
    }
    piece = *block;
    at_end = piece.empty();
  }
  return last == '\n' ? Result<void>() : sink("\n");
}

Result<void> print_message(InjectInput& input, const Opened& opened, int output) {
  sys::Writer writer(output, kInjectBlock);
  const auto put = [&writer](std::string_view bytes) -> Result<void> {
    auto done = writer.put(bytes);
    return done ? Result<void>() : read_error(done.error().error);
  };
  const std::string sender = mail::quote_address(opened.header.sender);
  if (auto done = put(base::concat({"Return-Path: <", sender, ">\n"})); !done) {
    return done;
  }
  if (auto done = copy_message(input, opened, put); !done) {
    return done;
  }
  auto flushed = writer.flush();
  return flushed ? Result<void>() : read_error(flushed.error().error);
}

// Returns the environment of the queue program; nullopt if it is that of this program.
std::optional<std::vector<std::string>> queue_environment(
    const InjectWishes& wishes, const std::vector<std::string>& recipients) {
  const std::string text = wishes_text(wishes, recipients);
  if (text.empty()) {
    return std::nullopt;
  }
  sys::Environment environment = sys::Environment::current();
  environment.set("QMAILDSN", text);
  return environment.strings();
}

Result<void> queue_message(InjectInput& input, const Opened& opened,
                           const std::vector<std::string>& recipients,
                           const InjectWishes& wishes) {
  auto queue = Injector::start(queue_environment(wishes, recipients));
  if (!queue) {
    return temporary("unable to run qmail-queue", queue.error().error);
  }
  const auto put = [&queue](std::string_view bytes) -> Result<void> {
    queue->message(bytes);
    return {};
  };
  if (auto done = copy_message(input, opened, put); !done) {
    return done;
  }
  queue->sender(opened.header.sender);
  for (const std::string& recipient : recipients) {
    queue->recipient(recipient);
  }
  return queue->finish();
}

// Returns the recipients from the arguments, completed.
Result<std::vector<std::string>> argument_recipients(const mail::AddressDefaults& defaults,
                                                     const InjectOptions& options) {
  std::vector<std::string> recipients;
  if (options.from != InjectRecipients::header) {
    for (const std::string& argument : options.arguments) {
      auto recipient = defaults.from_argument(argument);
      if (!recipient) {
        return permanent(base::concat({"unable to parse address: ", argument, "\n"}));
      }
      recipients.push_back(std::move(*recipient));
    }
  }
  return recipients;
}

}  // namespace

Result<std::string> argument_sender(const mail::AddressDefaults& defaults,
                                    std::string_view argument) {
  auto sender = defaults.from_argument(argument);
  if (!sender) {
    return mail::unparsable_line(mail::quote_address(argument));
  }
  return std::move(*sender);
}

Result<void> inject_message(InjectSettings settings, const InjectOptions& options, int input,
                            int output) {
  auto recipients = argument_recipients(settings.defaults, options);
  if (!recipients) {
    return recipients.error();
  }
  InjectInput source(input, settings.find_line_ends);
  mail::HeaderRewriter rewriter(std::move(settings.header), settings.defaults);
  const auto opened = read_header(source, rewriter, options.sender);
  if (!opened) {
    return opened.error();
  }
  if (options.print) {
    return print_message(source, *opened, output);
  }
  if (options.from != InjectRecipients::arguments) {
    recipients->insert(recipients->end(), opened->header.recipients.begin(),
                       opened->header.recipients.end());
  }
  return queue_message(source, *opened, *recipients, settings.wishes);
}

}  // namespace reqmail::submit
