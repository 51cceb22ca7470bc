#include "run/send_files.h"

#include <cerrno>
#include <utility>

#include "base/text.h"
#include "queue/todo.h"

namespace reqmail::run {

namespace {

using queue::Kind;
using send::Channel;

// Longer lists come in chunks, so that a large one costs neither memory nor time at once.
constexpr std::size_t kChunk = std::size_t{64} << 10;

Kind kind_of(Channel channel) {
  return channel == Channel::local ? Kind::local : Kind::remote;
}

}  // namespace

Result<MessageInfo> read_info(queue::Files& files, queue::Layout layout, mail::MessageId id) {
  const std::string path = layout.path(Kind::info, id);
  auto file = files.open_read(path);
  if (!file) {
    return file.error();
  }
  auto status = (*file)->status();
  if (!status) {
    return status.error();
  }
  auto text = queue::read_all(**file);
  if (!text) {
    return text.error();
  }
  const std::size_t end = text->find('\0');
  if (!text->starts_with('F') || end == std::string::npos) {
    return temporary(base::concat({path, " is damaged"}));
  }
  return MessageInfo{text->substr(1, end - 1), status->modified};
}

send::Leftovers read_leftovers(queue::Files& files, queue::Layout layout, mail::MessageId id) {
  send::Leftovers leftovers;
  const auto todo = files.status(layout.path(Kind::todo, id));
  const auto examine = [&](Kind kind, std::optional<std::string>& text, base::Time& time) {
    const std::string path = layout.path(kind, id);
    const auto status = files.status(path);
    if (!status) {
      return;
    }
    time = status->modified;
    if (!todo || status->modified < todo->modified) {
      leftovers.younger_than_todo = false;
    }
    auto content = queue::read_all(files, path);
    if (content) {
      text = std::move(*content);
    } else {
      leftovers.younger_than_todo = false;
    }
  };
  examine(Kind::info, leftovers.info, leftovers.birth);
  for (const Channel channel : send::kChannels) {
    examine(kind_of(channel), leftovers.recipients[channel], leftovers.next_try[channel]);
  }
  return leftovers;
}

std::optional<send::Event> examine_message(queue::Files& files, queue::Layout layout,
                                           mail::MessageId id, base::Time now) {
  send::MessageFound found{id, {}};
  // Also where there are no recipients: the message may be gone altogether.
  bool look_at_info = true;
  bool far_ahead = false;
  for (const Channel channel : send::kChannels) {
    const auto status = files.status(layout.path(kind_of(channel), id));
    if (status) {
      found.next_try[channel] = status->modified;
      look_at_info = far_ahead || status->modified > now + send::kFarAhead;
      far_ahead = look_at_info;
    } else if (status.error().error != ENOENT) {
      return send::MessageUnknown{id, channel};
    }
  }
  if (look_at_info) {
    const auto info = files.status(layout.path(Kind::info, id));
    if (!info) {
      return std::nullopt;
    }
    found.birth = info->modified;
  }
  return found;
}

Result<send::RecordChunk> RecipientReader::next() {
  send::RecordChunk chunk;
  chunk.offset = offset_;
  chunk.records = std::exchange(carried_, {});
  chunk.last = false;
  while (!chunk.last && chunk.records.size() < kChunk) {
    const std::size_t had = chunk.records.size();
    chunk.records.resize(had + kChunk);
    auto count = file_->read(chunk.records.data() + had, kChunk);
    if (!count) {
      return count.error();
    }
    chunk.records.resize(had + *count);
    chunk.last = *count == 0;
  }
  if (!chunk.last) {
    const std::size_t end = chunk.records.rfind('\0');
    const std::size_t whole = end == std::string::npos ? 0 : end + 1;
    carried_ = chunk.records.substr(whole);
    chunk.records.resize(whole);
  }
  offset_ += chunk.records.size();
  return chunk;
}

bool rewrite_todo_result(queue::Files& files, queue::Layout layout, mail::MessageId id) {
  const auto info_status = files.status(layout.path(Kind::info, id));
  const auto read = [&](Kind kind) { return queue::read_all(files, layout.path(kind, id)); };
  auto info = read(Kind::info);
  auto local = read(Kind::local);
  auto remote = read(Kind::remote);
  const auto usable = [](const Result<std::string>& text) {
    return text.has_value() || text.error().error == ENOENT;
  };
  if (!info || !info_status || !usable(local) || !usable(remote)) {
    return false;
  }
  const queue::TodoResult contents{std::move(*info), std::move(local).value_or(""),
                                   std::move(remote).value_or("")};
  if (queue::write_todo_result(files, layout, id, contents)) {
    return false;
  }
  return files.set_times(layout.path(Kind::info, id), info_status->modified).has_value();
}

}  // namespace reqmail::run
