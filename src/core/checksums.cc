#include "core/checksums.h"

#include "core/text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>

namespace audiostore {
namespace {

constexpr std::size_t slices = 8;

template <class Word>
using Tables = std::array<std::array<Word, 256>, slices>;

/// tables[k][b]: what byte b does to the register when k zero bytes follow it.
template <class Word>
constexpr Tables<Word> make_tables(Word polynomial) {
  Tables<Word> tables{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    Word word = static_cast<Word>(byte);
    for (int bit = 0; bit < 8; ++bit) word = static_cast<Word>((word >> 1) ^ ((word & 1) != 0 ? polynomial : 0));
    tables[0][byte] = word;
  }
  for (std::size_t k = 1; k < slices; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const Word before = tables[k - 1][byte];
      tables[k][byte] = static_cast<Word>((before >> 8) ^ tables[0][before & 0xff]);
    }
  }
  return tables;
}

template <class Word, Word Polynomial>
constexpr Tables<Word> tables_of = make_tables(Polynomial);

std::uint64_t load_little_endian(const std::byte* bytes) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
  } else {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < sizeof word; ++i) word |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    return word;
  }
}

struct Row {
  std::string_view name;
  std::string_view header;
  std::size_t bytes;
};
constexpr std::array<Row, 5> rows{{{"CRC32", "x-amz-checksum-crc32", 4},
                                   {"CRC32C", "x-amz-checksum-crc32c", 4},
                                   {"CRC64NVME", "x-amz-checksum-crc64nvme", 8},
                                   {"SHA1", "x-amz-checksum-sha1", 20},
                                   {"SHA256", "x-amz-checksum-sha256", 32}}};

const Row& row_of(ChecksumAlgorithm algorithm) noexcept { return rows[static_cast<std::size_t>(algorithm)]; }

template <class Word, Word Polynomial>
std::string base64_of(Crc<Word, Polynomial>& crc) {
  std::array<std::byte, sizeof(Word)> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(crc.value() >> (8 * (bytes.size() - 1 - i)));
  }
  return to_base64(bytes);
}
std::string base64_of(Sha1& hash) { return to_base64(hash.finish()); }
std::string base64_of(Sha256& hash) { return to_base64(hash.finish()); }

#if defined(__x86_64__) && defined(__GNUC__)
// The one CRC that processors compute by themselves, five times as fast as the tables (benchmarks/checksums.cc).
bool has_crc32c() noexcept {
  static const bool has = __builtin_cpu_supports("sse4.2") != 0;
  return has;
}

__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_processor(std::uint32_t word, ByteSpan bytes) noexcept {
  std::uint64_t wide = word;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    wide = __builtin_ia32_crc32di(wide, load_little_endian(bytes.data()));
  }
  word = static_cast<std::uint32_t>(wide);
  for (const std::byte byte : bytes) word = __builtin_ia32_crc32qi(word, std::to_integer<unsigned char>(byte));
  return word;
}
#else
bool has_crc32c() noexcept { return false; }
std::uint32_t crc32c_by_processor(std::uint32_t word, ByteSpan) noexcept { return word; }
#endif

}  // namespace

template <class Word, Word Polynomial>
Crc<Word, Polynomial>& Crc<Word, Polynomial>::update(ByteSpan bytes) noexcept {
  if constexpr (std::is_same_v<Crc, Crc32c>) {
    if (has_crc32c()) {
      register_ = crc32c_by_processor(register_, bytes);
      return *this;
    }
  }
  const auto& tables = tables_of<Word, Polynomial>;
  Word word = register_;
  for (; bytes.size() >= slices; bytes = bytes.subspan(slices)) {
    const std::uint64_t mixed = load_little_endian(bytes.data()) ^ word;
    Word next = 0;
    for (std::size_t i = 0; i < slices; ++i) next ^= tables[slices - 1 - i][(mixed >> (8 * i)) & 0xff];
    word = next;
  }
  for (const std::byte byte : bytes) {
    word = static_cast<Word>((word >> 8) ^ tables[0][(word ^ std::to_integer<Word>(byte)) & 0xff]);
  }
  register_ = word;
  return *this;
}

template class Crc<std::uint32_t, 0xedb88320>;
template class Crc<std::uint32_t, 0x82f63b78>;
template class Crc<std::uint64_t, 0x9a6c9329ac4bc9b5>;

std::string_view checksum_name(ChecksumAlgorithm algorithm) noexcept { return row_of(algorithm).name; }
std::string_view checksum_header(ChecksumAlgorithm algorithm) noexcept { return row_of(algorithm).header; }
std::size_t checksum_bytes(ChecksumAlgorithm algorithm) noexcept { return row_of(algorithm).bytes; }

std::optional<ChecksumAlgorithm> checksum_algorithm(std::string_view name) noexcept {
  const auto found = std::ranges::find_if(rows, [&](const Row& row) { return equal_ignoring_case(row.name, name); });
  if (found == rows.end()) return std::nullopt;
  return static_cast<ChecksumAlgorithm>(found - rows.begin());
}

Checksum::Checksum(ChecksumAlgorithm algorithm) {
  switch (algorithm) {
    case ChecksumAlgorithm::crc32: state_.emplace<Crc32>(); break;
    case ChecksumAlgorithm::crc32c: state_.emplace<Crc32c>(); break;
    case ChecksumAlgorithm::crc64nvme: state_.emplace<Crc64Nvme>(); break;
    case ChecksumAlgorithm::sha1: state_.emplace<Sha1>(); break;
    case ChecksumAlgorithm::sha256: state_.emplace<Sha256>(); break;
  }
}

Checksum& Checksum::update(ByteSpan bytes) noexcept {
  std::visit([&](auto& state) { state.update(bytes); }, state_);
  return *this;
}

std::string Checksum::finish() {
  return std::visit([](auto& state) { return base64_of(state); }, state_);
}

}  // namespace audiostore
