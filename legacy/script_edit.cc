#include "legacy/script_edit.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace reqmail::legacy {

namespace {

constexpr std::string_view kServiceSection = "[Service]";

// Returns the value in the form that a shell parses as one word.
std::string as_shell_word(std::string_view value) {
  return value.find_first_of(" \t!&|;<>()*?'\"\\#") == std::string_view::npos
             ? std::string(value)
             : base::concat({"\"", value, "\""});
}

// Returns "A=1 B=2".
std::string words_of(const std::vector<Setting>& settings) {
  std::string words;
  for (const Setting& setting : settings) {
    words += base::concat(
        {words.empty() ? "" : " ", setting.name, "=", as_shell_word(setting.value)});
  }
  return words;
}

std::string shell_line(const std::vector<Setting>& settings) {
  std::string names;
  for (const Setting& setting : settings) {
    names += base::concat({" ", setting.name});
  }
  return base::concat({words_of(settings), "; export", names});
}

// Returns where the words after "env -" begin, in the line at `begin` or the lines that
// backslashes join to it; nullopt if it does not empty the environment.
std::optional<std::size_t> after_empty_environment(std::string_view text, std::size_t begin) {
  std::size_t end = text.find('\n', begin);
  while (end != std::string_view::npos && end > begin && text[end - 1] == '\\') {
    end = text.find('\n', end + 1);
  }
  const std::string_view line = text.substr(begin, end - begin);
  for (const std::string_view words :
       {std::string_view("env - "), std::string_view("env -i ")}) {
    const std::size_t place = line.find(words);
    if (place != std::string_view::npos) {
      return begin + place + words.size();
    }
  }
  return std::nullopt;
}

}  // namespace

std::string setting_line(ScriptKind kind, const std::vector<Setting>& settings) {
  if (kind == ScriptKind::shell) {
    return shell_line(settings);
  }
  if (kind == ScriptKind::systemd) {
    return base::concat({"Environment=", words_of(settings)});
  }
  std::string lines;
  for (const Setting& setting : settings) {
    lines += base::concat({lines.empty() ? "" : "\n", "export ", setting.name, " ",
                           setting.value.empty() ? "\"\"" : as_shell_word(setting.value)});
  }
  return lines;
}

ScriptEdit with_settings(std::string_view text, ScriptKind kind, std::size_t line_begin,
                         const std::vector<Setting>& settings) {
  std::size_t place = std::min(line_begin, text.size());
  if (kind == ScriptKind::systemd) {
    const std::size_t section = text.find(kServiceSection);
    if (section != std::string_view::npos) {
      place = std::min(text.find('\n', section), text.size() - 1) + 1;
    }
  } else if (const auto after = after_empty_environment(text, place)) {
    const std::size_t begin = text.rfind('\n', *after) + 1;
    const std::size_t end = std::min(text.find('\n', *after), text.size());
    const std::string words = words_of(settings) + " ";
    return {base::concat({text.substr(0, *after), words, text.substr(*after)}),
            std::string(text.substr(begin, end - begin)),
            base::concat({text.substr(begin, *after - begin), words,
                          text.substr(*after, end - *after)})};
  }
  std::string line = setting_line(kind, settings);
  return {base::concat({text.substr(0, place), line, "\n", text.substr(place)}), "", line};
}

}  // namespace reqmail::legacy
