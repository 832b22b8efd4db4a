#include "util/files/small_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>

#include "util/text/text.h"

namespace hostwatch::util {

std::optional<std::string> read_small_file(const std::string& path, std::size_t max_bytes) {
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "re"));
  if (!file) return std::nullopt;
  std::string text(max_bytes + 1, '\0');
  errno = 0;
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return std::nullopt;
  if (text.size() > max_bytes) {
    errno = EFBIG;
    return std::nullopt;
  }
  return text;
}

bool write_small_file(const std::string& path, std::string_view text) {
  const std::string fresh = path + ".new";
  // Made anew: what somebody may have put there (a link, a file of theirs) is not written to.
  ::unlink(fresh.c_str());
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  const bool written =
      ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  const bool closed = ::close(fd) == 0;
  return written && closed && ::rename(fresh.c_str(), path.c_str()) == 0;
}

std::string trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  text = util::without_byte_order_mark(text);
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1));
}

}  // namespace hostwatch::util
