#include "send/bounce_text.h"

#include <utility>

#include "mail/envelope.h"

namespace reqmail::send {

namespace {

// This is what a pipe accepts at once, so a short bounce needs one write(2).
constexpr std::size_t kPiece = std::size_t{64} << 10;

}  // namespace

BounceText::BounceText(BounceOrder order)
    : order_(std::move(order)),
      failures_(order_.mail.originals),
      excerpt_(order_.mail.excerpt) {}

BounceText::Part BounceText::next(std::string& bytes) {
  bytes.clear();
  while (is_readable_ && step_ < Step::envelope && bytes.size() < kPiece) {
    take_step(bytes);
  }
  if (!is_readable_) {
    bytes.clear();
    return Part::unreadable;
  }
  if (!bytes.empty()) {
    return Part::message;
  }
  if (std::exchange(step_, Step::end) == Step::end) {
    return Part::end;
  }
  mail::append_record(bytes, 'F', order_.mail.envelope_sender);
  mail::append_record(bytes, 'T', order_.mail.envelope_recipient);
  bytes.append(mail::kNul);
  return Part::envelope;
}

void BounceText::take_step(std::string& bytes) {
  switch (step_) {
  case Step::head:
    bytes.append(order_.mail.head);
    step_ = order_.paragraphs ? Step::paragraphs : Step::status;
    break;
  case Step::paragraphs:
    take_from(*order_.paragraphs, Step::status, bytes);
    break;
  case Step::status:
    bytes.append(order_.mail.status);
    step_ = order_.failures ? Step::failures : Step::tail;
    break;
  case Step::failures:
    take_failures(bytes);
    break;
  case Step::tail:
    bytes.append(order_.mail.tail);
    step_ = Step::message;
    break;
  case Step::message:
    take_message(bytes);
    break;
  case Step::closing:
    bytes.append(order_.mail.end);
    step_ = Step::envelope;
    break;
  case Step::envelope:
  case Step::end:
    break;
  }
}

// Reads the next piece into piece_. Returns its length, or nullopt if the file cannot be read:
// then nothing is queued.
std::optional<std::size_t> BounceText::read_piece(queue::File& file) {
  piece_.resize(kPiece);
  const auto count = file.read(piece_.data(), piece_.size());
  if (!count) {
    is_readable_ = false;
    return std::nullopt;
  }
  piece_.resize(*count);
  return *count;
}

void BounceText::take_from(queue::File& file, Step next, std::string& bytes) {
  const auto count = read_piece(file);
  if (count == 0U) {
    step_ = next;
  } else if (count) {
    bytes.append(piece_);
  }
}

void BounceText::take_failures(std::string& bytes) {
  const auto count = read_piece(*order_.failures);
  if (count == 0U) {
    bytes.append(failures_.finish());
    step_ = Step::tail;
  } else if (count) {
    bytes.append(failures_.take(piece_));
  }
}

void BounceText::take_message(std::string& bytes) {
  const auto count = read_piece(*order_.message);
  if (!count) {
    return;
  }
  bytes.append(excerpt_.take(piece_));
  if (*count == 0 || excerpt_.is_full()) {
    bytes.append(excerpt_.finish());
    step_ = Step::closing;
  }
}

}  // namespace reqmail::send
