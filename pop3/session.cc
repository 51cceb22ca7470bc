#include "pop3/session.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "base/text.h"
#include "sys/file.h"

namespace reqmail::pop3 {

namespace {

constexpr std::string_view kNew = "new/";
// The slowest line that a message is sent over.
constexpr sys::LeastRate kLeastRate{100, kPop3Timeout};

// A message is known by its name without the directory and the info from the first colon on.
std::vector<proto::Pop3Message> messages_of(const std::vector<local::MaildirEntry>& files) {
  std::vector<proto::Pop3Message> messages;
  messages.reserve(files.size());
  for (const local::MaildirEntry& file : files) {
    const std::size_t begin = file.path.find('/') + 1;
    const std::size_t end = file.path.find(':', begin);
    messages.push_back({file.path.substr(begin, end - begin), file.size, false});
  }
  return messages;
}

}  // namespace

Pop3Session::Pop3Session(std::vector<local::MaildirEntry> messages, sys::Reader& input,
                         sys::Writer& output)
    : files_(std::move(messages)),
      mailbox_(messages_of(files_)),
      input_(input),
      output_(output) {
  input_.limit_by(patience_);
  output_.limit_by(patience_);
}

void Pop3Session::run() {
  input_.before_read([this]() { return output_.flush(); });
  // Errors of writing stay in the Writer and come up at the next flush.
  (void)output_.put(proto::pop3_ok());
  while (command()) {
  }
  (void)output_.flush();
}

bool Pop3Session::command() {
  std::string line;
  patience_.within(kPop3Timeout);
  const auto end = input_.get_line(line, proto::kPop3CommandMax);
  if (!end || *end == sys::LineEnd::end_of_file) {
    return false;
  }
  if (*end == sys::LineEnd::too_long) {
    (void)output_.put(proto::pop3_error("line too long"));
    return false;
  }
  const proto::Pop3Step step = mailbox_.handle(line);
  (void)output_.put(step.reply);
  if (step.retrieve && !send(*step.retrieve)) {
    return false;
  }
  if (step.quit) {
    quit();
  }
  return !step.quit;
}

// False: the session must end at once, without the final dot that would make a part of the
// message pass for the whole, which the client may then delete.
bool Pop3Session::send(const proto::Pop3Retrieval& retrieval) {
  auto file = sys::open_read(files_[retrieval.index].path);
  if (!file) {
    (void)output_.put(proto::pop3_error("unable to open that message"));
    return true;
  }
  patience_.at_least(kLeastRate);
  (void)output_.put(proto::pop3_ok());
  sys::Reader reader(file->get());
  proto::Pop3MessageWriter writer(retrieval.body_lines);
  std::string wire;
  while (!writer.full()) {
    auto bytes = reader.peek();
    if (!bytes) {
      return false;
    }
    if (bytes->empty()) {
      break;
    }
    wire.clear();
    writer.feed(*bytes, wire);
    reader.consume(bytes->size());
    if (!output_.put(wire)) {
      return false;
    }
  }
  wire.clear();
  writer.finish(wire);
  return output_.put(wire).has_value();
}

// Deletes what is marked and files the rest as seen, as far as that is possible.
void Pop3Session::quit() {
  for (std::size_t index = 0; index < files_.size(); ++index) {
    const std::string& path = files_[index].path;
    if (mailbox_.deleted(index)) {
      if (::unlink(path.c_str()) != 0) {
        (void)output_.put(proto::pop3_error("unable to unlink all deleted messages"));
      }
    } else if (path.starts_with(kNew)) {
      const std::string seen =
          base::concat({"cur/", std::string_view(path).substr(kNew.size()), ":2,"});
      (void)std::rename(path.c_str(), seen.c_str());
    }
  }
  (void)output_.put(proto::pop3_ok());
}

}  // namespace reqmail::pop3
