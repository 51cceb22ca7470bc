#include "survey/request.h"

#include <optional>
#include <string_view>

#include "base/text.h"
#include "sys/file.h"

namespace reqmail::survey {

namespace {

std::optional<Command> command_of(std::string_view word) {
  if (word == "check") {
    return Command::check;
  }
  if (word == "apply") {
    return Command::apply;
  }
  if (word == "rollback") {
    return Command::rollback;
  }
  if (word == "--version") {
    return Command::version;
  }
  return std::nullopt;
}

// Returns the value of --name=VALUE.
std::optional<std::string> value_of(std::string_view word, std::string_view option) {
  if (word.substr(0, option.size()) != option) {
    return std::nullopt;
  }
  return std::string(word.substr(option.size()));
}

bool set_flag(Request& request, std::string_view word) {
  if (word == "--json") {
    request.json = true;
  } else if (word == "--accept-loss") {
    request.accept_loss = true;
  } else if (word == "--edit-run-scripts") {
    request.edit_run_scripts = true;
  } else {
    return false;
  }
  return true;
}

// Returns an absolute path without a slash at its end; empty if the path is not absolute.
std::string clean_path(std::string path) {
  while (path.size() > 1 && path.back() == '/') {
    path.pop_back();
  }
  return !path.empty() && path[0] == '/' ? path : std::string();
}

Failure wrong(std::string_view what, std::string_view word) {
  return permanent(base::concat({what, ": ", word}));
}

}  // namespace

Result<Request> parse_request(const std::vector<std::string>& words, const std::string& home,
                              const std::string& own_path) {
  Request request;
  request.home = home;
  request.tree = sys::directory_of(sys::directory_of(own_path));
  std::optional<Command> command;
  for (const std::string& word : words) {
    if (set_flag(request, word)) {
      continue;
    }
    if (auto value = value_of(word, "--home=")) {
      request.home = clean_path(*value);
      if (request.home.empty()) {
        return wrong("no absolute path", word);
      }
    } else if (auto tree = value_of(word, "--from=")) {
      request.tree = clean_path(*tree);
      if (request.tree.empty()) {
        return wrong("no absolute path", word);
      }
    } else if (const auto named = command_of(word); named && !command) {
      command = named;
    } else if (!named && word.substr(0, 1) == "-") {
      return wrong("unknown option", word);
    } else {
      return wrong(command ? "one word too many" : "unknown command", word);
    }
  }
  if (!command) {
    return permanent("no command");
  }
  request.command = *command;
  return request;
}

}  // namespace reqmail::survey
