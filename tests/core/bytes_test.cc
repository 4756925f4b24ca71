#include <audiostore/bytes.h>

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>

namespace audiostore {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t most = UINT64_MAX;

/// A directory of its own that goes with the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (fs::temp_directory_path() / "audiostore-bytes-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { fs::remove_all(path_); }
  [[nodiscard]] fs::path operator/(const char* name) const { return path_ / name; }

 private:
  fs::path path_;
};

void write_file(const fs::path& path, std::string_view text) { std::ofstream(path, std::ios::binary) << text; }

std::string read_slice(const Payload& payload, std::uint64_t offset, std::size_t count) {
  std::string out(count, '\0');
  const auto read = payload.read_at(offset, std::as_writable_bytes(std::span(out)));
  return read ? out : "error: " + std::string(to_string(read.error().code()));
}

struct RangeCase {
  ByteRange range;
  std::uint64_t size;
  std::uint64_t offset;
  std::uint64_t length;
};

TEST_CASE("ranges select what RFC 9110 says", "[bytes]") {
  const RangeCase cases[] = {{ByteRange::between(0, 0), 10, 0, 1},
                             {ByteRange::between(2, 4), 10, 2, 3},
                             {ByteRange::between(9, 9), 10, 9, 1},
                             {ByteRange::between(5, 99), 10, 5, 5},
                             {ByteRange::between(0, most), 10, 0, 10},
                             {ByteRange::from(0), 10, 0, 10},
                             {ByteRange::from(9), 10, 9, 1},
                             {ByteRange::last(1), 10, 9, 1},
                             {ByteRange::last(10), 10, 0, 10},
                             {ByteRange::last(most), 10, 0, 10},
                             {ByteRange::from(0), most, 0, most},
                             {ByteRange::between(0, most), most, 0, most},
                             {ByteRange::last(most), most, 0, most},
                             {ByteRange::between(most - 1, most), most, most - 1, 1},
                             {ByteRange::from(most - 1), most, most - 1, 1}};
  for (const RangeCase& c : cases) {
    CAPTURE(c.range.to_header(), c.size);
    const auto slice = c.range.resolve(c.size);
    REQUIRE(slice);
    CHECK(slice->offset == c.offset);
    CHECK(slice->length == c.length);
  }
}

TEST_CASE("ranges that select nothing are refused", "[bytes]") {
  CHECK(ByteRange::from(10).resolve(10).error().code() == ErrorCode::range_not_satisfiable);
  CHECK(ByteRange::from(most).resolve(10).error().code() == ErrorCode::range_not_satisfiable);
  CHECK(ByteRange::between(0, 9).resolve(0).error().code() == ErrorCode::range_not_satisfiable);
  CHECK(ByteRange::last(0).resolve(10).error().code() == ErrorCode::range_not_satisfiable);
  CHECK(ByteRange::last(5).resolve(0).error().code() == ErrorCode::range_not_satisfiable);
  CHECK(ByteRange::between(5, 4).resolve(10).error().code() == ErrorCode::invalid_argument);
}

TEST_CASE("a Range header is written and read back", "[bytes]") {
  for (const auto& range :
       {ByteRange::between(0, 9), ByteRange::from(10), ByteRange::last(5), ByteRange::between(most, most)}) {
    CHECK(ByteRange::from_header(range.to_header()) == range);
  }
  CHECK(ByteRange::between(0, 9).to_header() == "bytes=0-9");
  CHECK(ByteRange::from(10).to_header() == "bytes=10-");
  CHECK(ByteRange::last(5).to_header() == "bytes=-5");
  CHECK(ByteRange::from_header("Bytes=0-1") == ByteRange::between(0, 1));
}

TEST_CASE("a Range header that is no single range is ignored", "[bytes]") {
  for (const char* header : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "bytes=2-1", "bytes=0-1,3-4",
                             "bytes=0-1,", "items=0-1", "bytes=+1-2", "bytes=-1-2", "bytes=--1", "bytes=0x0-1",
                             "bytes=99999999999999999999-", "bytes=1-99999999999999999999", "bytes=0 -1"}) {
    CAPTURE(header);
    CHECK_FALSE(ByteRange::from_header(header));
  }
}

TEST_CASE("a payload is read at any place, any number of times", "[bytes]") {
  const std::string text = "0123456789";
  for (const Payload& payload : {Payload::from_string(text), Payload::from_memory(as_bytes(text))}) {
    CHECK(payload.size() == 10);
    CHECK(read_slice(payload, 0, 10) == text);
    CHECK(read_slice(payload, 3, 4) == "3456");
    CHECK(read_slice(payload, 3, 4) == "3456");
    CHECK(read_slice(payload, 10, 0).empty());
  }
}

TEST_CASE("reading past the end of a payload is refused without overflow", "[bytes]") {
  const Payload payload = Payload::from_string("0123456789");
  CHECK(read_slice(payload, 10, 1) == "error: invalid_argument");
  CHECK(read_slice(payload, 11, 0) == "error: invalid_argument");
  CHECK(read_slice(payload, 0, 11) == "error: invalid_argument");
  CHECK(read_slice(payload, most, 2) == "error: invalid_argument");
  CHECK(Payload().size() == 0);
  CHECK(read_slice(Payload(), 0, 1) == "error: invalid_argument");
}

TEST_CASE("read_all gives all bytes in order, in pieces of at most 64 KiB", "[bytes]") {
  std::string text;
  for (std::size_t i = 0; i < 150'001; ++i) text += static_cast<char>(i * 31 % 251);
  std::string got;
  const auto read = Payload::from_string(text).read_all([&](ByteSpan piece) {
    CHECK(piece.size() <= 65'536);
    got.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return Result<void>();
  });
  CHECK(read);
  CHECK(got == text);
}

TEST_CASE("read_all stops at the sink's error", "[bytes]") {
  int calls = 0;
  const auto read = Payload::from_string(std::string(200'000, 'x')).read_all([&](ByteSpan) -> Result<void> {
    if (++calls == 2) return Error(ErrorCode::no_space, "full");
    return {};
  });
  CHECK(read.error().code() == ErrorCode::no_space);
  CHECK(calls == 2);
}

TEST_CASE("a sink that throws or is empty is an error", "[bytes]") {
  const Payload payload = Payload::from_string("x");
  CHECK(payload.read_all([](ByteSpan) -> Result<void> { throw 1; }).error().code() == ErrorCode::internal);
  CHECK(payload.read_all(ByteSink()).error().code() == ErrorCode::internal);
}

class ThrowingSource final : public PayloadSource {
 public:
  [[nodiscard]] std::uint64_t size() const override { return 5; }
  [[nodiscard]] Result<void> read_at(std::uint64_t, std::span<std::byte>) const override {
    throw std::runtime_error("the tape is torn");
  }
};

TEST_CASE("a source that throws is an error", "[bytes]") {
  std::byte out[5];
  const auto read = Payload(std::make_shared<ThrowingSource>()).read_at(0, out);
  CHECK(read.error().code() == ErrorCode::internal);
  CHECK(read.error().message() == "the payload's source threw: the tape is torn");
}

TEST_CASE("a file is a payload", "[bytes]") {
  const TemporaryDirectory directory;
  write_file(directory / "take", "0123456789");
  const Payload payload = Payload::from_file(directory / "take").value();
  CHECK(payload.size() == 10);
  CHECK(read_slice(payload, 8, 2) == "89");
  CHECK(read_slice(payload, 8, 3) == "error: invalid_argument");
  fs::remove(directory / "take");
  CHECK(read_slice(payload, 0, 10) == "0123456789");  // it stays open
}

TEST_CASE("a file that grows keeps its size, one that shrinks is corrupt", "[bytes]") {
  const TemporaryDirectory directory;
  write_file(directory / "take", "0123456789");
  const Payload payload = Payload::from_file(directory / "take").value();
  std::ofstream(directory / "take", std::ios::app) << "more";
  CHECK(payload.size() == 10);
  CHECK(read_slice(payload, 5, 5) == "56789");
  fs::resize_file(directory / "take", 7);
  CHECK(read_slice(payload, 5, 2) == "56");
  CHECK(read_slice(payload, 5, 5) == "error: corrupt");
}

TEST_CASE("what is no readable regular file is refused, a FIFO without waiting", "[bytes]") {
  const TemporaryDirectory directory;
  CHECK(Payload::from_file(directory / "missing").error().code() == ErrorCode::not_found);
  CHECK(Payload::from_file(directory / "").error().code() == ErrorCode::invalid_argument);
  CHECK(Payload::from_file("/dev/null").error().code() == ErrorCode::invalid_argument);
  REQUIRE(::mkfifo((directory / "fifo").c_str(), 0600) == 0);
  CHECK(Payload::from_file(directory / "fifo").error().code() == ErrorCode::invalid_argument);
  if (::geteuid() != 0) {
    write_file(directory / "locked", "x");
    fs::permissions(directory / "locked", fs::perms::none);
    CHECK(Payload::from_file(directory / "locked").error().code() == ErrorCode::permission_denied);
  }
}

}  // namespace
}  // namespace audiostore
