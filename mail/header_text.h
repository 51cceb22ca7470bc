// The header of a message as text that can be edited: every byte that is not part of an edit is
// kept.
//
// The text has the lines of the header, which end in LF, without the empty line after them. A
// field is a line with a name and a colon, and the folded lines after it. A line that is not a
// field ends the fields, since most readers treat what follows as the body; a line "From ..."
// of an mbox does not end them. Some readers skip such a line and continue, so fields are
// removed after it too.
//
// A field that an edit has put in, or has put in the place of another, is known as added.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reqmail::mail {

class HeaderText {
 public:
  struct Field {
    std::string_view name;  // without the blanks before the colon; empty if not a field
    std::string_view raw;   // with all its lines and line ends
    bool added = false;     // by an edit
  };

  HeaderText() = default;

  explicit HeaderText(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] const std::string& text() const { return text_; }

  // Calls `visit` for each field from the top, and for each line that is not part of a field.
  void each(const std::function<void(const Field&)>& visit) const;

  // Returns the part with the fields, which is the whole text unless a line that is not a field
  // ends them.
  [[nodiscard]] std::string_view fields() const;

  void remove_if(const std::function<bool(const Field&)>& unwanted);

  // Removes the first line that is not a field, and what follows it.
  void remove_after_fields() { text_.resize(fields().size()); }

  // If the first line is folded although there is no field before it, puts an empty line before
  // it, so that it continues no field that is put on top.
  void separate_folded_top();

  // Inserts a field at the top. Here and below `field` is complete, with its line ends.
  void put_on_top(std::string_view field) { splice(0, 0, field); }

  // Inserts a field before field number `index`, counted from 0, or after the last one.
  void insert(std::size_t index, std::string_view field);

  // Inserts a field after the last one.
  void append(std::string_view field);

  // Replaces field number `index` (counted from 0) among those of this name, in any case; an
  // empty `field` removes it. Returns false if there is no such field.
  bool replace(std::string_view name, std::size_t index, std::string_view field);

 private:
  // Puts `field` in the place of the `size` bytes from `at` on, which are whole fields.
  void splice(std::size_t at, std::size_t size, std::string_view field);

  std::string text_;
  std::vector<std::size_t> added_;  // where the added fields begin, in ascending order
};

}  // namespace reqmail::mail
