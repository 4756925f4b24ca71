// How an object is divided into parts.
#pragma once

#include <audiostore/bytes.h>
#include <audiostore/error.h>
#include <audiostore/transfer.h>

#include <cstdint>

namespace audiostore {

// S3's limits: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
inline constexpr std::uint64_t max_parts = 10'000;
inline constexpr std::uint64_t max_single_put = std::uint64_t{5} << 30;
inline constexpr std::uint64_t max_part_bytes = std::uint64_t{5} << 30;
inline constexpr std::uint64_t max_object_bytes = std::uint64_t{5} << 40;

/// Errors: invalid_argument, naming what is out of range; `min_part_size` is the provider's.
Result<void> check_transfer_options(const TransferOptions& options, std::uint64_t min_part_size);

/// The size of all parts but the last of an object of `size` bytes: `wanted`, or as much more, in whole MiB, as 10,000
/// parts need. Errors: too_large.
Result<std::uint64_t> part_size_for(std::uint64_t size, std::uint64_t wanted);

/// How many parts those are: at least 1.
constexpr int part_count(std::uint64_t size, std::uint64_t part_size) noexcept {
  return size == 0 ? 1 : static_cast<int>((size - 1) / part_size + 1);
}

/// Where part `number`, from 1, lies.
constexpr ByteRange::Slice part_slice(int number, std::uint64_t size, std::uint64_t part_size) noexcept {
  const std::uint64_t offset = static_cast<std::uint64_t>(number - 1) * part_size;
  return {offset, size - offset < part_size ? size - offset : part_size};
}

}  // namespace audiostore
