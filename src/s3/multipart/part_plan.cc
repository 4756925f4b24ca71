#include "s3/multipart/part_plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace audiostore {

Result<void> check_transfer_options(const TransferOptions& options, std::uint64_t min_part_size) {
  const auto refuse = [](std::string_view what, std::uint64_t is, std::uint64_t least, std::uint64_t most) {
    return Error(ErrorCode::invalid_argument,
                 fmt::format("TransferOptions::{} is {}, it must be {} to {}", what, is, least, most));
  };
  constexpr int most_in_flight = 64;
  if (options.part_size < min_part_size || options.part_size > max_part_bytes) {
    return refuse("part_size", options.part_size, min_part_size, max_part_bytes);
  }
  if (options.multipart_threshold > max_single_put) {
    return refuse("multipart_threshold", options.multipart_threshold, 0, max_single_put);
  }
  if (options.parts_in_flight >= 1 && options.parts_in_flight <= most_in_flight) return {};
  return Error(ErrorCode::invalid_argument, fmt::format("TransferOptions::parts_in_flight is {}, it must be 1 to {}",
                                                        options.parts_in_flight, most_in_flight));
}

Result<std::uint64_t> part_size_for(std::uint64_t size, std::uint64_t wanted) {
  constexpr std::uint64_t step = std::uint64_t{1} << 20;
  if (size > max_object_bytes) {
    return Error(ErrorCode::too_large,
                 fmt::format("the payload has {} bytes, an object can have {}", size, max_object_bytes));
  }
  if (size <= wanted * max_parts) return wanted;  // wanted is at most 5 GiB
  const std::uint64_t needed = (size - 1) / max_parts + 1;
  return (needed + step - 1) / step * step;
}

}  // namespace audiostore
