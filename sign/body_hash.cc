#include "sign/body_hash.h"

namespace reqmail::sign {

void BodyHash::feed(std::string_view piece) {
  body_.feed(piece, text_);
  drain();
}

std::string BodyHash::finish() {
  body_.end(text_);
  drain();
  return digest_.finish();
}

void BodyHash::drain() {
  digest_.update(text_);
  text_.clear();
}

}  // namespace reqmail::sign
