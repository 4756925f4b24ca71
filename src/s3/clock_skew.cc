#include "s3/clock_skew.h"

#include "core/dates.h"

namespace audiostore {
namespace {

constexpr std::chrono::seconds max_offset = std::chrono::hours(25);

/// How far the Date of a refusal must be from the time of the signature to be its reason. S3 takes 15 minutes; a bare
/// 403, or one with another code, has many reasons.
/// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
std::optional<std::chrono::seconds> least_difference(const Failure& failure) {
  if (failure.document.code == "RequestTimeTooSkewed") return std::chrono::minutes(1);
  if (failure.reply.status == 403) return std::chrono::minutes(15);
  return std::nullopt;
}

}  // namespace

std::optional<std::chrono::seconds> clock_offset(const Failure& failure, TimePoint signed_at, TimePoint now) {
  const auto least = least_difference(failure);
  const auto date = parse_http_date(find_header(failure.reply.headers, "Date").value_or(""));
  if (!least || !date || std::chrono::abs(*date - signed_at) < *least) return std::nullopt;
  const auto offset = std::chrono::floor<std::chrono::seconds>(*date - now);
  return std::chrono::abs(offset) > max_offset ? std::nullopt : std::optional(offset);
}

}  // namespace audiostore
