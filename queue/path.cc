#include "queue/path.h"

#include <algorithm>
#include <cerrno>

#include "base/number.h"
#include "base/text.h"
#include "config.h"
#include "queue/files.h"

namespace reqmail::queue {

namespace {

bool is_directory(Files& files, const std::string& path) {
  const auto status = files.status(path);
  return status && status->directory;
}

}  // namespace

std::string_view kind_name(Kind kind) {
  switch (kind) {
  case Kind::mess:
    return "mess";
  case Kind::intd:
    return "intd";
  case Kind::todo:
    return "todo";
  case Kind::info:
    return "info";
  case Kind::local:
    return "local";
  case Kind::remote:
    return "remote";
  case Kind::bounce:
    break;
  }
  return "bounce";
}

bool is_split(Kind kind) {
  return kind == Kind::mess || kind == Kind::info || kind == Kind::local ||
         kind == Kind::remote;
}

std::string Layout::path(Kind kind, mail::MessageId id) const {
  return base::concat({directory(kind, id), "/", id.text()});
}

std::string Layout::directory(Kind kind, mail::MessageId id) const {
  return is_split(kind) ? subdirectory(kind, id.number() % split_)
                        : std::string(kind_name(kind));
}

std::string Layout::subdirectory(Kind kind, std::uint64_t index) {
  return base::concat({kind_name(kind), "/", base::decimal(index)});
}

std::string Layout::message_name(mail::MessageId id) const {
  return base::concat({base::decimal(id.number() % split_), "/", id.text()});
}

Result<std::uint64_t> count_split(Files& files) {
  if (is_directory(files, Layout::subdirectory(Kind::mess, config::kSplit - 1)) &&
      !is_directory(files, Layout::subdirectory(Kind::mess, config::kSplit))) {
    return config::kSplit;
  }
  const auto names = files.list(std::string(kind_name(Kind::mess)));
  if (!names) {
    return names.error();
  }
  std::uint64_t split = 0;
  for (const std::string& name : *names) {
    const auto id = mail::MessageId::parse(name);
    if (id && is_directory(files, Layout::subdirectory(Kind::mess, id->number()))) {
      split = std::max(split, id->number() + 1);
    }
  }
  return split;
}

bool has_holes(Files& files, std::uint64_t split) {
  for (const Kind kind : {Kind::mess, Kind::info, Kind::local, Kind::remote}) {
    for (std::uint64_t index = 0; index < split; ++index) {
      const auto status = files.status(Layout::subdirectory(kind, index));
      if (status ? !status->directory : status.error().error == ENOENT) {
        return true;
      }
    }
  }
  return false;
}

bool todo_is_split(Files& files) {
  return is_directory(files, "todo/0");
}

}  // namespace reqmail::queue
