// The header of a message as text to be edited: every byte that no edit touches stays as it is.
//
// The text has the lines of the header, ended by LF, without the empty line after them. A field
// is a line with a name and a colon, and the folded lines after it. A line that is no field
// ends the fields, since what follows it is the body for most readers; a line "From ..." of an
// mbox does not. Some readers skip such a line and go on, so removal goes on after it, too.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace reqmail::mail {

class HeaderText {
 public:
  struct Field {
    std::string_view name;  // without the blanks before the colon; empty: it is no field
    std::string_view raw;   // with all its lines and line ends
  };

  HeaderText() = default;

  explicit HeaderText(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] const std::string& text() const { return text_; }

  // Calls `visit` for each field from the top, and for each line in the place of one.
  void each(const std::function<void(const Field&)>& visit) const;

  // The part that has fields; all of the text, unless a line that is no field ends them.
  [[nodiscard]] std::string_view fields() const;

  void remove_if(const std::function<bool(const Field&)>& unwanted);

  // Puts a field before everything else. `field` is whole, with its line ends; so it is below.
  void put_on_top(std::string_view field) { text_.insert(0, field); }

  // Puts a field before the one that has so many fields before it, or after the last one.
  void insert(std::size_t index, std::string_view field);

  // Puts it after the last field.
  void append(std::string_view field);

  // Replaces the field of this name, in any case, that has `index` fields of the name before
  // it; an empty `field` removes it. Returns false if there is none.
  bool replace(std::string_view name, std::size_t index, std::string_view field);

 private:
  std::string text_;
};

}  // namespace reqmail::mail
