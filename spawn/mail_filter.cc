#include "spawn/mail_filter.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "sys/descriptor_io.h"
#include "sys/nameless_file.h"
#include "sys/process.h"

namespace reqmail::spawn {

namespace {

constexpr std::size_t kWordsMax = 500;
constexpr std::string_view kSignature = "DKIM-Signature:";

// Returns the beginning of a file, and goes back there.
std::string beginning_of(int file, std::size_t most) {
  std::string text(most, '\0');
  (void)::lseek(file, 0, SEEK_SET);
  const auto count = sys::read_some(file, text.data(), text.size());
  (void)::lseek(file, 0, SEEK_SET);
  text.resize(count ? *count : 0);
  return text;
}

std::string first_line(std::string text) {
  text.resize(std::min(text.find('\n'), text.size()));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

}  // namespace

FilterResult run_filter(const FilterLine& line, sys::Environment environment) {
  FilterResult result;
  auto message = sys::make_nameless_file("spawn-filter");
  auto errors = sys::make_nameless_file("spawn-filter");
  if (!message || !errors) {
    result.words = "unable to make a temporary file";
    return result;
  }
  for (const auto& [name, value] : line.variables) {
    environment.set(name, value);
  }
  sys::ChildSpec spec;
  spec.program = "/bin/sh";
  spec.arguments = {"sh", "-c", line.command};
  spec.environment = environment.strings();
  spec.descriptors = {{message->get(), STDOUT_FILENO}, {errors->get(), STDERR_FILENO}};
  auto child = sys::spawn(spec);
  const auto end = child ? child->wait() : Result<base::ProgramEnd>(child.error());
  if (!end) {
    result.words = "unable to run the filter";
    return result;
  }
  result.verdict = mail::filter_verdict(*end);
  result.words = first_line(beginning_of(errors->get(), kWordsMax));
  const std::string beginning = beginning_of(message->get(), kSignature.size());
  result.is_signed = program_of(line) == "qmail-dkim" && beginning == kSignature;
  result.message = *std::move(message);
  return result;
}

}  // namespace reqmail::spawn
