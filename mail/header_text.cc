#include "mail/header_text.h"

#include <algorithm>

#include "base/ascii.h"
#include "mail/header_field.h"

namespace reqmail::mail {

namespace {

std::size_t line_size(std::string_view text) {
  return std::min(text.find('\n'), text.size() - 1) + 1;
}

// Removes the first field of a text that is not empty, and returns it.
HeaderText::Field take_field(std::string_view& text) {
  std::size_t size = line_size(text);
  const auto parts = split_field(text.substr(0, size));
  while (size < text.size() && base::is_blank(text[size])) {
    size += line_size(text.substr(size));
  }
  HeaderText::Field field{parts ? base::trim_end(parts->name) : std::string_view(),
                          text.substr(0, size)};
  text.remove_prefix(size);
  return field;
}

bool ends_fields(const HeaderText::Field& field) {
  return field.name.empty() && line_kind(field.raw) != LineKind::mbox_line;
}

// Returns the first field that satisfies `wanted`; nullopt if there is none.
std::optional<HeaderText::Field> find_field(
    std::string_view fields, const std::function<bool(const HeaderText::Field&)>& wanted) {
  while (!fields.empty()) {
    const HeaderText::Field field = take_field(fields);
    if (!field.name.empty() && wanted(field)) {
      return field;
    }
  }
  return std::nullopt;
}

}  // namespace

void HeaderText::each(const std::function<void(const Field&)>& visit) const {
  std::string_view rest = text_;
  auto next_added = added_.begin();
  while (!rest.empty()) {
    const std::size_t begin = text_.size() - rest.size();
    next_added = std::find_if(next_added, added_.end(),
                              [begin](std::size_t added) { return added >= begin; });
    Field field = take_field(rest);
    field.added = next_added != added_.end() && *next_added == begin;
    visit(field);
  }
}

std::string_view HeaderText::fields() const {
  const std::string_view text = text_;
  std::string_view rest = text;
  while (!rest.empty()) {
    const Field field = take_field(rest);
    if (ends_fields(field)) {
      return text.substr(0, static_cast<std::size_t>(field.raw.data() - text.data()));
    }
  }
  return text;
}

void HeaderText::remove_if(const std::function<bool(const Field&)>& unwanted) {
  std::string kept;
  std::vector<std::size_t> added;
  each([&](const Field& field) {
    if (!field.name.empty() && unwanted(field)) {
      return;
    }
    if (field.added) {
      added.push_back(kept.size());
    }
    kept.append(field.raw);
  });
  text_ = std::move(kept);
  added_ = std::move(added);
}

void HeaderText::separate_folded_top() {
  if (!text_.empty() && base::is_blank(text_.front())) {
    splice(0, 0, "\n");
  }
}

void HeaderText::splice(std::size_t at, std::size_t size, std::string_view field) {
  text_.replace(at, size, field);
  const auto first = std::lower_bound(added_.begin(), added_.end(), at);
  auto rest = added_.erase(first, std::lower_bound(first, added_.end(), at + size));
  for (auto moved = rest; moved != added_.end(); ++moved) {
    *moved = *moved - size + field.size();
  }
  if (!field.empty()) {
    added_.insert(rest, at);
  }
}

void HeaderText::insert(std::size_t index, std::string_view field) {
  std::size_t seen = 0;
  const auto place = find_field(fields(), [&](const Field&) { return seen++ == index; });
  if (!place) {
    append(field);
    return;
  }
  splice(static_cast<std::size_t>(place->raw.data() - text_.data()), 0, field);
}

void HeaderText::append(std::string_view field) {
  splice(fields().size(), 0, field);
}

bool HeaderText::replace(std::string_view name, std::size_t index, std::string_view field) {
  std::size_t seen = 0;
  const auto place = find_field(fields(), [&](const Field& candidate) {
    return base::equal_ci(candidate.name, name) && seen++ == index;
  });
  if (!place) {
    return false;
  }
  splice(static_cast<std::size_t>(place->raw.data() - text_.data()), place->raw.size(), field);
  return true;
}

}  // namespace reqmail::mail
