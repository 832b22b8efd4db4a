#include "tests/unit/server/storage/sqlite/fault_disk.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

namespace hostwatch::storage {

/// What SQLite sees as one open file: the real VFS's own follows it in memory.
struct FaultDisk::File {
  sqlite3_file base;
  FaultDisk* disk;
  std::string* path;  ///< null: a file of no interest (-shm never comes here; temporary ones do)
};

namespace {

constexpr std::size_t kSector = 512;

}  // namespace

FaultDisk::FaultDisk() : real_vfs_(sqlite3_vfs_find(nullptr)), vfs_(*real_vfs_) {
  vfs_.zName = "fault";
  vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_vfs_->szOsFile;
  vfs_.pAppData = this;
  vfs_.xOpen = [](sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out) {
    return static_cast<FaultDisk*>(vfs->pAppData)->open(path, file, flags, out);
  };
  vfs_.xDelete = [](sqlite3_vfs* vfs, const char* path, int) {
    auto& disk = *static_cast<FaultDisk*>(vfs->pAppData);
    {
      const std::lock_guard lock(disk.mutex_);
      disk.files_.erase(path);
    }
    return disk.real_vfs_->xDelete(disk.real_vfs_, path, 0);
  };
  sqlite3_vfs_register(&vfs_, 1);
}

FaultDisk::~FaultDisk() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(real_vfs_, 1);
}

void FaultDisk::fail(std::int64_t nth, std::int64_t count, int code) {
  const std::lock_guard lock(mutex_);
  fail_from_ = operations_ + nth;
  fail_until_ = fail_from_ + count;
  code_ = code;
  if (code != SQLITE_OK) has_failed_ = false;
}

bool FaultDisk::has_failed() const {
  const std::lock_guard lock(mutex_);
  return has_failed_;
}

std::int64_t FaultDisk::operations() const {
  const std::lock_guard lock(mutex_);
  return operations_;
}

void FaultDisk::after(std::int64_t operations, std::function<void()> then) {
  const std::lock_guard lock(mutex_);
  call_after_ = operations_ + operations;
  then_ = std::move(then);
}

int FaultDisk::next_operation() {
  std::function<void()> then;
  int result = SQLITE_OK;
  {
    const std::lock_guard lock(mutex_);
    if (then_ && operations_ >= call_after_) then = std::exchange(then_, nullptr);
    ++operations_;
    if (code_ != SQLITE_OK && operations_ >= fail_from_ && operations_ < fail_until_) {
      has_failed_ = true;
      result = code_;
    }
  }
  if (then) then();
  return result;
}

void FaultDisk::apply(std::string& content, const Operation& operation) {
  if (operation.is_truncation) {
    content.resize(operation.offset);
    return;
  }
  content.resize(std::max(content.size(), operation.offset + operation.bytes.size()));
  content.replace(operation.offset, operation.bytes.size(), operation.bytes);
}

std::string FaultDisk::survives(const std::string& path, std::mt19937& random) const {
  const std::lock_guard lock(mutex_);
  const auto found = files_.find(path);
  if (found == files_.end()) return {};
  std::string content = found->second.synced;
  // Anything from nothing to all of it, in any mixture.
  const auto share = static_cast<unsigned>(random() % 5);
  for (const Operation& operation : found->second.since) {
    if (operation.is_truncation) {
      if (random() % 4 < share) apply(content, operation);
      continue;
    }
    for (std::size_t at = 0; at < operation.bytes.size(); at += kSector) {
      if (random() % 4 >= share) continue;
      apply(content, {false, operation.offset + at, operation.bytes.substr(at, kSector)});
    }
  }
  return content;
}

FaultDisk& FaultDisk::of(sqlite3_file* file) {
  return *reinterpret_cast<File*>(file)->disk;
}

sqlite3_file* FaultDisk::real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<File*>(file) + 1);
}

int FaultDisk::open(const char* path, sqlite3_file* file, int flags, int* out_flags) {
  auto* opened = reinterpret_cast<File*>(file);
  opened->base.pMethods = nullptr;
  const int result = real_vfs_->xOpen(real_vfs_, path, real(file), flags, out_flags);
  if (result != SQLITE_OK) return result;
  opened->disk = this;
  opened->path = nullptr;
  if ((flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0) {
    opened->path = new std::string(path);
    const std::lock_guard lock(mutex_);
    if (!files_.contains(path)) {
      std::ostringstream bytes;
      std::ifstream existing(path, std::ios::binary);
      if (existing.peek() != std::ifstream::traits_type::eof()) bytes << existing.rdbuf();
      files_[path].synced = bytes.str();
    }
  }
  opened->base.pMethods = &methods();
  return SQLITE_OK;
}

void FaultDisk::record(const std::string& path, Operation operation) {
  const std::lock_guard lock(mutex_);
  files_[path].since.push_back(std::move(operation));
}

int FaultDisk::write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  const std::string* path = reinterpret_cast<File*>(file)->path;
  const int fault = path != nullptr ? next_operation() : SQLITE_OK;
  const int written = fault == SQLITE_OK ? size : size / 2;
  const int result = real(file)->pMethods->xWrite(real(file), data, written, offset);
  if (path != nullptr) {
    record(*path, {false, static_cast<std::size_t>(offset),
                   std::string(static_cast<const char*>(data), static_cast<std::size_t>(written))});
  }
  return fault != SQLITE_OK ? fault : result;
}

int FaultDisk::truncate(sqlite3_file* file, sqlite3_int64 size) {
  const std::string* path = reinterpret_cast<File*>(file)->path;
  if (const int fault = path != nullptr ? next_operation() : SQLITE_OK; fault != SQLITE_OK) return fault;
  if (path != nullptr) record(*path, {true, static_cast<std::size_t>(size), {}});
  return real(file)->pMethods->xTruncate(real(file), size);
}

int FaultDisk::sync(sqlite3_file* file) {
  const std::string* path = reinterpret_cast<File*>(file)->path;
  if (path == nullptr) return SQLITE_OK;
  const int fault = next_operation();
  const std::lock_guard lock(mutex_);
  FileState& state = files_[*path];
  // As Linux does it: after a sync that failed the pages count as clean, and are never tried again.
  if (fault == SQLITE_OK) {
    for (const Operation& operation : state.since) apply(state.synced, operation);
  }
  state.since.clear();
  return fault;
}

const sqlite3_io_methods& FaultDisk::methods() {
  static const sqlite3_io_methods kMethods = [] {
    sqlite3_io_methods m{};
    m.iVersion = 2;  // no memory-mapped reading
    m.xClose = [](sqlite3_file* f) {
      delete reinterpret_cast<File*>(f)->path;
      return real(f)->pMethods->xClose(real(f));
    };
    m.xRead = [](sqlite3_file* f, void* to, int size, sqlite3_int64 offset) {
      return real(f)->pMethods->xRead(real(f), to, size, offset);
    };
    m.xWrite = [](sqlite3_file* f, const void* from, int size, sqlite3_int64 offset) {
      return of(f).write(f, from, size, offset);
    };
    m.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) { return of(f).truncate(f, size); };
    m.xSync = [](sqlite3_file* f, int) { return of(f).sync(f); };
    m.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) {
      return real(f)->pMethods->xFileSize(real(f), size);
    };
    m.xLock = [](sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); };
    m.xUnlock = [](sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); };
    m.xCheckReservedLock = [](sqlite3_file* f, int* is_held) {
      return real(f)->pMethods->xCheckReservedLock(real(f), is_held);
    };
    m.xFileControl = [](sqlite3_file* f, int what, void* with) {
      // Asked for a size in advance, the real VFS would write behind our back.
      if (what == SQLITE_FCNTL_SIZE_HINT) return SQLITE_OK;
      return real(f)->pMethods->xFileControl(real(f), what, with);
    };
    m.xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); };
    m.xDeviceCharacteristics = [](sqlite3_file* f) {
      return real(f)->pMethods->xDeviceCharacteristics(real(f));
    };
    m.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
      return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
    };
    m.xShmLock = [](sqlite3_file* f, int offset, int n, int flags) {
      return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
    };
    m.xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); };
    m.xShmUnmap = [](sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); };
    return m;
  }();
  return kMethods;
}

}  // namespace hostwatch::storage
