#include "mail/address_list.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace reqmail::mail {

namespace {

// Processes tokens from right to left. The result is in this order too and is reversed at the
// end.
class ListWalk {
 public:
  explicit ListWalk(const AddressRewriter& rewrite) : rewrite_(rewrite) {}

  bool run(std::vector<Token>& tokens) {
    result_.reserve(tokens.size());
    while (!tokens.empty()) {
      Token token = std::move(tokens.back());
      tokens.pop_back();
      if (!step(std::move(token))) {
        return false;
      }
    }
    if (place_ == Place::angle || !end_address()) {
      return false;
    }
    std::reverse(result_.begin(), result_.end());
    tokens = std::move(result_);
    return true;
  }

 private:
  enum class Place {
    between,     // no token of an address has come yet
    bare,        // in an address without angle brackets
    angle,       // between '>' and '<'
    phrase,      // to the left of '<'
    group_name,  // to the left of a group's colon
  };

  bool step(Token token) {
    switch (place_) {
    case Place::between:
      return between(std::move(token));
    case Place::bare:
      return bare(std::move(token));
    case Place::angle:
      return angle(std::move(token));
    case Place::phrase:
      return phrase(std::move(token));
    case Place::group_name:
      group_name(std::move(token));
      return true;
    }
    return false;
  }

  bool between(Token token) {
    switch (token.kind) {
    case Token::Kind::comment:
    case Token::Kind::comma:
      result_.push_back(std::move(token));
      return true;
    case Token::Kind::colon:
    case Token::Kind::semicolon:
    case Token::Kind::right_angle:
      return structure(std::move(token));
    case Token::Kind::atom:
    case Token::Kind::quoted:
    case Token::Kind::literal:
    case Token::Kind::left_angle:
    case Token::Kind::at:
    case Token::Kind::dot:
      place_ = Place::bare;
      address_.push_back(std::move(token));
      return true;
    }
    return false;
  }

  bool bare(Token token) {
    switch (token.kind) {
    case Token::Kind::comment:
      comments_.push_back(std::move(token));
      return true;
    case Token::Kind::comma:
    case Token::Kind::colon:
      return end_address() && between(std::move(token));
    case Token::Kind::semicolon:
    case Token::Kind::right_angle:
      return end_address_with_comma() && structure(std::move(token));
    case Token::Kind::atom:
    case Token::Kind::quoted:
    case Token::Kind::literal:
      if (is_word(address_.back()) && !end_address_with_comma()) {
        return false;
      }
      [[fallthrough]];
    case Token::Kind::left_angle:
    case Token::Kind::at:
    case Token::Kind::dot:
      place_ = Place::bare;
      address_.push_back(std::move(token));
      return true;
    }
    return false;
  }

  bool angle(Token token) {
    if (token.kind != Token::Kind::left_angle) {
      address_.push_back(std::move(token));
      return true;
    }
    if (!end_address()) {
      return false;
    }
    place_ = Place::phrase;
    result_.push_back(std::move(token));
    return true;
  }

  bool phrase(Token token) {
    switch (token.kind) {
    case Token::Kind::atom:
    case Token::Kind::quoted:
    case Token::Kind::comment:
    case Token::Kind::at:
    case Token::Kind::dot:
      result_.push_back(std::move(token));
      return true;
    case Token::Kind::comma:
    case Token::Kind::colon:
    case Token::Kind::semicolon:
    case Token::Kind::right_angle:
    case Token::Kind::literal:
    case Token::Kind::left_angle:
      place_ = Place::between;
      return between(std::move(token));
    }
    return false;
  }

  void group_name(Token token) {
    if (token.kind == Token::Kind::comma) {
      place_ = Place::between;
    }
    result_.push_back(std::move(token));
  }

  // Handles the end or the beginning of a group, or the '>' of an address.
  bool structure(Token token) {
    if (token.kind == Token::Kind::right_angle) {
      place_ = Place::angle;
    } else {
      const bool end_of_group = token.kind == Token::Kind::semicolon;
      if (in_group_ == end_of_group) {
        return false;
      }
      in_group_ = end_of_group;
      place_ = end_of_group ? Place::between : Place::group_name;
    }
    result_.push_back(std::move(token));
    return true;
  }

  // Called when an address is complete. The comments in an address without angle brackets are
  // moved to its right.
  bool end_address() {
    if (place_ == Place::bare || place_ == Place::angle) {
      std::reverse(address_.begin(), address_.end());
      if (!rewrite_(address_)) {
        return false;
      }
      std::move(comments_.begin(), comments_.end(), std::back_inserter(result_));
      std::move(address_.rbegin(), address_.rend(), std::back_inserter(result_));
      comments_.clear();
      address_.clear();
      place_ = Place::between;
    }
    return true;
  }

  bool end_address_with_comma() {
    if (!end_address()) {
      return false;
    }
    result_.push_back(Token{Token::Kind::comma, {}});
    return true;
  }

  const AddressRewriter& rewrite_;
  Place place_ = Place::between;
  bool in_group_ = false;
  std::vector<Token> address_;
  std::vector<Token> comments_;
  std::vector<Token> result_;
};

}  // namespace

bool rewrite_addresses(std::vector<Token>& tokens, const AddressRewriter& rewrite) {
  return ListWalk(rewrite).run(tokens);
}

}  // namespace reqmail::mail
