// The header of a bounce on its way back: the field To names the sender that the token stood
// for.
#pragma once

#include <string>
#include <string_view>

namespace reqmail::srs {

// Takes the lines of a message one by one and gives them back with "To: ADDRESS" in the place
// of the field To. A header without this field gets it at its end.
class ToField {
 public:
  explicit ToField(std::string_view address);

  // Returns what replaces a line, which has its line feed; only the last line may lack it.
  std::string next(std::string_view line);

  // Returns what follows the last line.
  std::string finish();

 private:
  std::string own_field();

  std::string field_;
  bool in_header_ = true;
  bool in_to_ = false;  // the line before is of a field that is left out
  bool written_ = false;
};

}  // namespace reqmail::srs
