// A program that goes on in the place of this one, with what this one knew: only programs that
// speak TLS load OpenSSL.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace reqmail::tls {

struct Successor {
  const char* program = nullptr;  // its path
  std::vector<std::string> arguments;
  // The variable of the environment that tells it the state of this program.
  const char* variable = nullptr;
};

// Each returns only if the program cannot be executed; Failure.error is the errno then.

// The variable has the state as its value.
Failure execute(const Successor& successor, const std::string& state);

// The state is a secret, or long: it goes into a file in memory, and the variable has the
// number of its descriptor. `state` is overwritten. The descriptors `kept` stay open.
Failure execute_with_secret(const Successor& successor, std::string& state,
                            const std::vector<int>& kept);

// What execute_with_secret() left for this program; nullopt if there is nothing, a Failure if
// it makes no sense. The variable and the file are gone afterwards. The text is to be wiped.
Result<std::optional<std::string>> take_secret_state(const char* variable);

// The first descriptor that such a program gets besides the standard ones.
inline constexpr int kFirstHandedOver = 3;

}  // namespace reqmail::tls
