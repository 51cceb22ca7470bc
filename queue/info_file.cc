#include "queue/info_file.h"

#include <cerrno>

#include "base/text.h"
#include "mail/envelope.h"

namespace reqmail::queue {

Result<InfoFile> read_info(Files& files, mail::QueueLayout layout, mail::MessageId id) {
  const std::string path = layout.path(mail::QueueKind::info, id);
  auto file = files.open_read(path);
  if (!file) {
    return file.error();
  }
  const auto status = (*file)->status();
  if (!status) {
    return status.error();
  }
  const auto text = read_all(**file);
  if (!text) {
    return text.error();
  }
  const auto record = mail::RecordParser(*text).next();
  if (!record || record->letter == '\0') {
    return temporary(base::concat({path, " is damaged"}), EINVAL);
  }
  return InfoFile{record->letter, std::string(record->value), status->modified};
}

}  // namespace reqmail::queue
