#include "filter/milter_edit.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <utility>

#include "mail/address.h"

namespace reqmail::filter {

namespace {

// The longest address of a milter's edits, as for addresses from clients.
constexpr std::size_t kAddressMax = 899;

using Kind = MessageEdit::Kind;

struct Row {
  char letter;
  Kind kind;
  std::uint32_t action;
};

constexpr Row kRows[] = {
    {'h', Kind::add_field, milter_action::kAddFields},
    {'i', Kind::insert_field, milter_action::kAddFields},
    {'m', Kind::change_field, milter_action::kChangeFields},
    {'+', Kind::add_recipient, milter_action::kAddRecipients},
    {'2', Kind::add_recipient, milter_action::kAddRecipientsWithParameters},
    {'-', Kind::delete_recipient, milter_action::kDeleteRecipients},
    {'e', Kind::change_sender, milter_action::kChangeSender},
    {'q', Kind::quarantine, milter_action::kQuarantine},
};

bool is_safe_address(std::string_view address) {
  return address.size() <= kAddressMax && !mail::has_control_character(address);
}

bool has_index(Kind kind) {
  return kind == Kind::insert_field || kind == Kind::change_field;
}

bool is_of_a_field(Kind kind) {
  return kind == Kind::add_field || has_index(kind);
}

// Returns whether the address of the edit, which becomes its value, is a usable one.
bool take_address(std::string_view address, MessageEdit& edit) {
  edit.value = without_brackets(address);
  return is_safe_address(edit.value) &&
         (edit.kind != Kind::add_recipient || !edit.value.empty());
}

}  // namespace

std::optional<MessageEdit> milter_edit(const MilterPacket& packet, std::uint32_t actions) {
  const auto* const row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& one) {
    return one.letter == packet.letter && (actions & one.action) != 0;
  });
  if (row == std::end(kRows)) {
    return std::nullopt;
  }
  MessageEdit edit{row->kind};
  std::string_view data = packet.data;
  if (has_index(edit.kind)) {
    const auto index = milter_number(data);
    if (!index) {
      return std::nullopt;
    }
    edit.index = *index;
    data.remove_prefix(sizeof(std::uint32_t));
  }
  const auto strings = milter_strings(data);
  if (!strings || strings->empty()) {
    return std::nullopt;
  }
  if (is_of_a_field(edit.kind)) {
    if (strings->size() != 2 || !is_field_name(strings->front())) {
      return std::nullopt;
    }
    edit.name = strings->front();
    edit.value = strings->back();
    return edit;
  }
  if (edit.kind == Kind::quarantine) {
    edit.value = strings->front();
    return edit;
  }
  return take_address(strings->front(), edit) ? std::optional(std::move(edit)) : std::nullopt;
}

}  // namespace reqmail::filter
