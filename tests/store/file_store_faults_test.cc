// The disk fails, or somebody else is quicker. This program has its own fsync(), write(), fstat(), flock(), renameat()
// and openat2(), which the library under test then calls.
#include <audiostore/file_store.h>
#include <audiostore/memory_store.h>

#include "support/files.h"
#include "support/manual_clock.h"
#include "support/results.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <fstream>
#include <functional>
#include <utility>

namespace {

std::atomic<int> fsyncs_until_failure = 0;  // 1: the next one; 0 and below: none
std::atomic<int> fsync_calls = 0;
std::atomic<bool> write_is_difficult = false;  // a few bytes at a time, and interrupted every other time
std::atomic<int> write_calls = 0;
int fstats_until_intrusion = 0;  // 1: the next one; 0 and below: none
std::function<void()> intrusion;
std::function<void()> before_flock;     // called once, by the next flock()
std::function<void()> before_renameat;  // called once, by the next renameat()
std::string unreadable;                 // the end of the paths that openat2() refuses with `refusal`
int refusal = 0;

void call_once(std::function<void()>& function) {
  if (const auto once = std::exchange(function, {})) once();
}

}  // namespace

/// As all calls that have no wrapper in the C library, openat2() goes through this. It takes six arguments up, as the
/// real one does, where fewer were given, too: AddressSanitizer must not look.
extern "C" [[gnu::no_sanitize_address]] long syscall(long number, ...) {
  std::array<long, 6> arguments{};
  va_list list;
  va_start(list, number);
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  const bool opens = number == SYS_openat2 && !unreadable.empty();
  if (opens && std::string_view(reinterpret_cast<const char*>(arguments[1])).ends_with(unreadable)) {
    errno = refusal;
    return -1;
  }
  static const auto real = reinterpret_cast<decltype(&::syscall)>(::dlsym(RTLD_NEXT, "syscall"));
  return real(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}

extern "C" int flock(int descriptor, int operation) noexcept {
  call_once(before_flock);
  return static_cast<int>(::syscall(SYS_flock, descriptor, operation));
}

extern "C" int renameat(int from_directory, const char* from, int to_directory, const char* to) noexcept {
  call_once(before_renameat);
  return static_cast<int>(::syscall(SYS_renameat2, from_directory, from, to_directory, to, 0));
}

extern "C" int fsync(int descriptor) {
  ++fsync_calls;
  if (--fsyncs_until_failure == 0) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

extern "C" ssize_t write(int descriptor, const void* bytes, size_t size) {
  if (write_is_difficult && ++write_calls % 2 == 0) {
    errno = EINTR;
    return -1;
  }
  return ::syscall(SYS_write, descriptor, bytes, write_is_difficult ? std::min<size_t>(size, 7) : size);
}

extern "C" int fstat(int descriptor, struct stat* found) {
  const auto result = static_cast<int>(::syscall(SYS_newfstatat, descriptor, "", found, AT_EMPTY_PATH));
  if (--fstats_until_intrusion == 0) intrusion();
  return result;
}

namespace audiostore {
namespace {

namespace fs = std::filesystem;

ObjectKey key(std::string_view text) { return ObjectKey::parse(text).value(); }

std::size_t files_below(const fs::path& path) {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(path)) count += entry.is_regular_file() ? 1 : 0;
  return count;
}

std::size_t open_descriptors() {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator("/proc/self/fd"), {}));
}

/// A tmpfs of one mebibyte that only this process sees; none where we may not mount.
class SmallDisk {
 public:
  explicit SmallDisk(const fs::path& where)
      : mounted_(::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                 ::mount("none", where.c_str(), "tmpfs", 0, "size=1m") == 0),
        where_(where) {}
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) ::umount2(where_.c_str(), MNT_DETACH);
  }
  [[nodiscard]] bool mounted() const noexcept { return mounted_; }
  void make_read_only() const { ::mount("none", where_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr); }

 private:
  bool mounted_;
  fs::path where_;
};

}  // namespace

TEST_CASE("a put whose fsync fails is reported, whichever it is", "[faults]") {
  TempFolder folder;
  const auto store = must(make_file_store(folder.path()));
  must(store->put(key("users/1/take.wav"), Payload::from_string("old"), {.attributes = {.metadata = {{"is", "old"}}}}));

  fsync_calls = 0;
  must(store->put(key("users/1/take.wav"), Payload::from_string("old"), {.attributes = {.metadata = {{"is", "old"}}}}));
  const int calls = fsync_calls;
  CHECK(calls >= 4);  // the bytes, the side-car, and the directories of both
  for (int failing = 1; failing <= calls; ++failing) {
    CAPTURE(failing, calls);
    fsyncs_until_failure = failing;
    const auto stored =
        store->put(key("users/1/take.wav"), Payload::from_string("new"), {.attributes = {.metadata = {{"is", "new"}}}});
    fsyncs_until_failure = 0;
    CHECK(code_of(stored) == ErrorCode::internal);
    CHECK(files_below(folder.path() / ".audiostore/tmp") == 0);
    // Whole either way, and old unless the failure came behind the renaming.
    const auto bytes = must(read_to_string(*store, key("users/1/take.wav")));
    CHECK(bytes == must(store->head(key("users/1/take.wav"))).attributes.metadata.at("is"));
    CHECK(bytes == (failing < calls ? "old" : "new"));
  }
  must(store->put(key("users/1/take.wav"), Payload::from_string("again")));
  CHECK(must(read_to_string(*store, key("users/1/take.wav"))) == "again");
}

TEST_CASE("every new directory is synced before the put returns", "[faults]") {
  TempFolder folder;
  const auto store = must(make_file_store(folder.path()));
  must(store->put(key("first.wav"), Payload()));
  const auto calls_of = [&](std::string_view name) {
    fsync_calls = 0;
    must(store->put(key(name), Payload()));
    return fsync_calls.load();
  };
  const int flat = calls_of("first.wav");
  CHECK(calls_of("a/b/c/take.wav") >= flat + 3);
  CHECK(calls_of("a/b/c/take.wav") == flat);  // now they are known to last
}

TEST_CASE("a remove whose fsync fails is reported", "[faults]") {
  TempFolder folder;
  const auto store = must(make_file_store(folder.path()));
  must(store->put(key("take.wav"), Payload::from_string("old")));
  fsyncs_until_failure = 1;
  const auto removed = store->remove(key("take.wav"));
  fsyncs_until_failure = 0;
  CHECK(code_of(removed) == ErrorCode::internal);
  must(store->remove(key("take.wav")));
}

TEST_CASE("an object that is replaced at any point of a get is the old or the new one", "[faults]") {
  TempFolder folder;
  const auto store = must(make_file_store(folder.path()));
  const auto other = must(make_file_store(folder.path()));
  int intrusions = 0;
  const auto write = [&](const std::string& text) {
    other->put(key("take.wav"), Payload::from_string(text), {.attributes = {.metadata = {{"is", text}}}}).value();
  };
  intrusion = [&] {
    ++intrusions;
    write("new");
  };
  for (int point = 1; point <= 6; ++point) {
    CAPTURE(point);
    write("old");
    std::string bytes;
    fstats_until_intrusion = point;
    const auto got = store->get(key("take.wav"), [&](ByteSpan piece) -> Result<void> {
      bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
      return {};
    });
    fstats_until_intrusion = 0;
    CHECK(bytes == must(got).attributes.metadata["is"]);
  }
  CHECK(intrusions >= 3);
}

TEST_CASE("an object that is removed at any point of a get is there or not found", "[faults]") {
  TempFolder folder;
  const auto store = must(make_file_store(folder.path()));
  intrusion = [&] { store->remove(key("take.wav")).value(); };
  for (int point = 1; point <= 4; ++point) {
    CAPTURE(point);
    must(store->put(key("take.wav"), Payload(), {.attributes = {.content_type = "audio/wav"}}));
    fstats_until_intrusion = point;
    const auto head = store->head(key("take.wav"));
    fstats_until_intrusion = 0;
    if (head) CHECK(head->attributes.content_type == "audio/wav");
    if (!head) CHECK(head.error().code() == ErrorCode::not_found);
  }
}

TEST_CASE("interrupted and short writes lose nothing", "[faults]") {
  TempFolder folder;
  const auto store = must(make_file_store(folder.path()));
  const std::string bytes(10'000, 'x');
  write_is_difficult = true;
  const auto stored =
      store->put(key("take.wav"), Payload::from_string(bytes), {.attributes = {.content_type = "audio/wav"}});
  write_is_difficult = false;
  CHECK(must(stored).etag.size() == 34);
  CHECK(must(read_to_string(*store, key("take.wav"))) == bytes);
  CHECK(must(store->head(key("take.wav"))).attributes.content_type == "audio/wav");
}

TEST_CASE("what a killed put leaves is swept up after a day", "[faults]") {
  TempFolder folder;
  const auto clock = std::make_shared<ManualClock>(std::chrono::system_clock::now());
  const auto store = must(make_file_store(folder.path(), {.clock = clock}));
  const auto put = [&](const char* text) {
    return store->put(key("take.wav"), Payload::from_string(text), {.attributes = {.metadata = {{"is", text}}}});
  };
  must(put("old"));
  const pid_t child = ::fork();
  if (child == 0) {
    before_renameat = [] { ::raise(SIGKILL); };
    const auto never = put("new");
    ::_exit(never ? 1 : 2);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(files_below(folder.path() / ".audiostore") == 3);  // two side-cars and a temporary file
  clock->advance(std::chrono::hours(25));
  const auto later = must(make_file_store(folder.path(), {.clock = clock}));
  CHECK(files_below(folder.path() / ".audiostore") == 1);
  CHECK(must(read_to_string(*later, key("take.wav"))) == "old");
  CHECK(must(later->head(key("take.wav"))).attributes.metadata.at("is") == "old");
}

TEST_CASE("a put that was taken for dead does not publish without its attributes", "[faults]") {
  TempFolder folder;
  const auto clock = std::make_shared<ManualClock>(std::chrono::system_clock::now());
  const auto store = must(make_file_store(folder.path(), {.clock = clock}));
  const auto put = [&](const char* text) {
    return store->put(key("take.wav"), Payload::from_string(text), {.attributes = {.metadata = {{"is", text}}}});
  };
  must(put("old"));
  fs::path old_side_car;
  for (const auto& entry : fs::recursive_directory_iterator(folder.path() / ".audiostore/meta"))
    if (entry.is_regular_file()) old_side_car = entry.path();
  std::size_t side_cars = 0;
  const auto sweep_tomorrow = [&] {
    clock->advance(std::chrono::hours(25));
    make_file_store(folder.path(), {.clock = clock}).value();
    side_cars = files_below(folder.path() / ".audiostore/meta");
  };
  SECTION("before it has the lock") {
    before_flock = sweep_tomorrow;
    CHECK(code_of(put("new")) == ErrorCode::conflict);
    CHECK(side_cars == 1);
  }
  SECTION("although its bytes are still there") {
    before_flock = [&] {
      for (const auto& entry : fs::recursive_directory_iterator(folder.path() / ".audiostore/meta"))
        if (entry.is_regular_file() && entry.path() != old_side_car) fs::remove(entry.path());
    };
    CHECK(code_of(put("new")) == ErrorCode::conflict);
  }
  SECTION("when it has the lock, which keeps the sweep away") {
    before_renameat = sweep_tomorrow;
    CHECK(code_of(put("new")) == ErrorCode::conflict);  // the temporary file is gone
    CHECK(side_cars == 2);
  }
  CHECK(must(read_to_string(*store, key("take.wav"))) == "old");
  CHECK(must(store->head(key("take.wav"))).attributes.metadata.at("is") == "old");
  must(put("new"));
  CHECK(must(store->head(key("take.wav"))).attributes.metadata.at("is") == "new");
}

TEST_CASE("a listing holds objects that cannot be read", "[faults]") {
  TempFolder folder;
  const auto store = must(make_file_store(folder.path()));
  for (const char* name : {"a.wav", "users/1/b.wav", "users/2/c.wav"})
    must(store->put(key(name), Payload::from_string("four")));
  const auto whole = must(store->list()).objects;
  refusal = GENERATE(EACCES, EIO);
  const auto list = [&](std::string what) {
    unreadable = std::move(what);
    auto page = store->list();
    unreadable.clear();
    return page;
  };
  SECTION("because of their bytes") {
    const auto listed = must(list("b.wav")).objects;
    REQUIRE(listed.size() == 3);
    CHECK(listed[1].key == "users/1/b.wav");
    CHECK(listed[1].size == 4);
    CHECK(listed[1].etag == whole[1].etag);
    CHECK(listed[1].last_modified == whole[1].last_modified);
  }
  SECTION("because of their side-cars") {
    const auto listed = must(list(".json")).objects;
    REQUIRE(listed.size() == 3);
    CHECK(listed[1].size == 4);
    CHECK(listed[1].etag != whole[1].etag);
  }
  SECTION("but fails where a directory cannot be read") {
    const auto listed = list("users/1");
    CHECK(code_of(listed) == (refusal == EACCES ? ErrorCode::permission_denied : ErrorCode::internal));
    CHECK(listed.error().message().find("'users/1'") != std::string::npos);
  }
}

TEST_CASE("an object that may not be read can be replaced and removed", "[faults]") {
  TempFolder folder;
  const auto store = must(make_file_store(folder.path()));
  must(store->put(key("b.wav"), Payload::from_string("old")));
  refusal = EACCES;
  unreadable = "b.wav";
  const auto read = read_to_string(*store, key("b.wav"));
  const auto created = store->put(key("b.wav"), Payload(), {.mode = PutMode::create});
  const auto stored = store->put(key("b.wav"), Payload::from_string("new"));
  const auto removed = store->remove(key("b.wav"));
  unreadable.clear();
  CHECK(code_of(read) == ErrorCode::permission_denied);
  CHECK(read.error().message() == "cannot open 'b.wav': let the user that this program runs as read it");
  CHECK(code_of(created) == ErrorCode::already_exists);
  must(stored);
  must(removed);
  CHECK(files_below(folder.path()) == 0);
}

TEST_CASE("no descriptor is left open", "[faults]") {
  TempFolder folder;
  const auto before = open_descriptors();
  {
    const auto store = must(make_file_store(folder.path()));
    for (int i = 0; i < 3; ++i) {
      must(store->put(key("a/b"), Payload::from_string("x")));
      must(store->copy(key("a/b"), key("a/c")));
      must(read_to_string(*store, key("a/b")));
      must(store->list());
      CHECK_FALSE(store->put(key("a/b"), Payload(), {.mode = PutMode::create}));
      CHECK_FALSE(store->head(key("none/none")));
      must(store->remove(key("a/b")));
    }
    CHECK(open_descriptors() == before + 1);
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("a process without descriptors gets errors and works again with them", "[faults]") {
  TempFolder folder;
  const auto store = must(make_file_store(folder.path()));
  must(store->put(key("take.wav"), Payload::from_string("old")));
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  bool all_worked = false;
  // From no descriptor below the limit to one more than is needed: each open fails once.
  for (rlim_t limit = 0; !all_worked; ++limit) {
    REQUIRE(limit < 1000);
    rlimit few = before;
    few.rlim_cur = limit;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
    const auto stored = store->put(key("take.wav"), Payload::from_string("new"));
    const auto read = read_to_string(*store, key("take.wav"));
    const auto listed = store->list();
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    if (!stored) CHECK(stored.error().code() == ErrorCode::internal);
    if (!read) CHECK(read.error().code() == ErrorCode::internal);
    if (!listed) CHECK(listed.error().code() == ErrorCode::internal);
    if (limit == 0) CHECK_FALSE(stored);
    all_worked = stored && read && listed;
  }
  must(store->put(key("take.wav"), Payload::from_string("again")));
  CHECK(must(read_to_string(*store, key("take.wav"))) == "again");
  CHECK(files_below(folder.path() / ".audiostore/tmp") == 0);
}

TEST_CASE("a full disk is no_space, and the old object stays", "[faults]") {
  TempFolder folder;
  const SmallDisk disk(folder.path());
  if (!disk.mounted()) {
    WARN("cannot mount a small disk here");
    return;
  }
  const auto store = must(make_file_store(folder.path()));
  must(store->put(key("take.wav"), Payload::from_string(std::string(400'000, 'o'))));
  const auto too_much = Payload::from_string(std::string(900'000, 'n'));
  CHECK(code_of(store->put(key("take.wav"), too_much)) == ErrorCode::no_space);
  CHECK(code_of(store->put(key("other.wav"), too_much)) == ErrorCode::no_space);
  CHECK(files_below(folder.path() / ".audiostore/tmp") == 0);
  CHECK(must(read_to_string(*store, key("take.wav"))) == std::string(400'000, 'o'));
  must(store->remove(key("take.wav")));
  must(store->put(key("take.wav"), too_much));
  CHECK(files_below(folder.path() / ".audiostore/meta") == 1);
}

TEST_CASE("a download onto a full disk is no_space, and the old file stays", "[faults]") {
  TempFolder folder;
  const SmallDisk disk(folder.path());
  if (!disk.mounted()) {
    WARN("cannot mount a small disk here");
    return;
  }
  const auto store = make_memory_store();
  must(store->put(key("take.wav"), Payload::from_string(std::string(900'000, 'n'))));
  write_text(folder.path() / "take.wav", std::string(400'000, 'o'));
  CHECK(code_of(store->get_to_file(key("take.wav"), folder.path() / "take.wav", {.part_size = 100'000})) ==
        ErrorCode::no_space);
  CHECK(text_of(folder.path() / "take.wav") == std::string(400'000, 'o'));
  CHECK(names_in(folder.path()).size() == 1);
}

TEST_CASE("a download whose fsync fails is reported, whichever it is", "[faults]") {
  TempFolder folder;
  const auto store = make_memory_store();
  must(store->put(key("take.wav"), Payload::from_string("new")));
  for (const int failing : {1, 2}) {  // the bytes, the directory
    CAPTURE(failing);
    write_text(folder.path() / "take.wav", "old");
    fsyncs_until_failure = failing;
    CHECK(code_of(store->get_to_file(key("take.wav"), folder.path() / "take.wav")) == ErrorCode::internal);
    fsyncs_until_failure = 0;
    CHECK(text_of(folder.path() / "take.wav") == (failing == 1 ? "old" : "new"));
    CHECK(names_in(folder.path()).size() == 1);
  }
}

TEST_CASE("a disk that cannot be written to is refused at once", "[faults]") {
  TempFolder folder;
  const SmallDisk disk(folder.path());
  if (!disk.mounted()) {
    WARN("cannot mount a disk here");
    return;
  }
  must(make_file_store(folder.path()));
  disk.make_read_only();
  CHECK(code_of(make_file_store(folder.path())) == ErrorCode::permission_denied);
  CHECK(code_of(make_file_store(folder.path() / "new")) == ErrorCode::permission_denied);
}

}  // namespace audiostore
