#include "send/record_reader.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "send/files.h"

namespace reqmail::send {

namespace {

// Returns the next bytes of a file; they are fewer than `size` only at its end.
Result<std::string> read_up_to(queue::File& file, std::size_t size) {
  std::string text(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const auto count = file.read(text.data() + filled, size - filled);
    if (!count) {
      return count.error();
    }
    if (*count == 0) {
      break;
    }
    filled += *count;
  }
  text.resize(filled);
  return text;
}

}  // namespace

Result<scheduler::RecordChunk> RecordReader::next() {
  scheduler::RecordChunk chunk;
  chunk.offset = offset_;
  chunk.last = false;
  std::string& text = chunk.records;
  text = std::exchange(carried_, {});
  for (;;) {
    const auto more = pieces_->append(text, chunk_);
    if (!more) {
      return more.error();
    }
    if (*more && text.size() < chunk_) {
      continue;
    }
    const std::size_t whole = text.rfind('\0') + 1;
    if (text.size() - whole > kRecordMax) {
      return temporary("a record is too long", EMSGSIZE);
    }
    if (!*more) {
      chunk.last = true;
      break;
    }
    if (whole != 0) {
      carried_ = text.substr(whole);
      text.resize(whole);
      break;
    }
  }
  offset_ += text.size();
  return chunk;
}

RecipientComparer::RecipientComparer(queue::Files& files, mail::QueueLayout layout,
                                     mail::MessageId id) {
  for (const scheduler::Channel channel : scheduler::kChannels) {
    auto file = files.open_read(layout.path(scheduler::kind_of(channel), id));
    if (file) {
      lists_[channel].file = std::move(*file);
    } else if (file.error().error != ENOENT) {
      same_ = false;
    }
  }
}

scheduler::TodoCompared RecipientComparer::compare(const scheduler::CompareTodo& part) {
  scheduler::TodoCompared compared{part.id};
  for (const scheduler::Channel channel : scheduler::kChannels) {
    same_ = same_ && same(lists_[channel], part.recipients[channel], part.last);
    compared.done[channel] = lists_[channel].done;
  }
  compared.same = same_;
  return compared;
}

bool RecipientComparer::same(List& list, const std::string& records, bool last) {
  list.any = list.any || !records.empty();
  if (list.file == nullptr) {
    return !list.any;
  }
  const auto found = read_up_to(*list.file, records.size());
  if (!found || found->size() != records.size()) {
    return false;
  }
  for (std::size_t begin = 0; begin < records.size();) {
    const std::size_t size = records.find('\0', begin) + 1 - begin;
    const char letter = (*found)[begin];
    if ((letter != 'T' && letter != 'D') ||
        std::memcmp(records.data() + begin + 1, found->data() + begin + 1, size - 1) != 0) {
      return false;
    }
    list.done = list.done && letter == 'D';
    begin += size;
  }
  if (!last) {
    return true;
  }
  // Nothing may follow the records, and a file without records must not exist.
  const auto rest = read_up_to(*list.file, 1);
  return list.any && rest && rest->empty();
}

}  // namespace reqmail::send
