// Instants in the forms that HTTP, SigV4 and S3's XML use. UTC, Gregorian, independent of locale and time zone.
// What is read must lie in the years 1900 to 2100, so that any two instants can be subtracted.
#pragma once

#include <audiostore/clock.h>

#include <optional>
#include <string>
#include <string_view>

namespace audiostore {

/// SigV4's date and time of one instant; taken from the same instant, so that they cannot disagree around midnight.
struct AmzDate {
  char text[17];  // "20130524T000000Z" and a NUL

  [[nodiscard]] std::string_view timestamp() const noexcept { return {text, 16}; }  ///< "20130524T000000Z"
  [[nodiscard]] std::string_view day() const noexcept { return {text, 8}; }         ///< "20130524"
};
AmzDate amz_date(TimePoint time) noexcept;
/// Reads "20130524T000000Z"; nullopt for anything else.
std::optional<TimePoint> parse_amz_date(std::string_view text);

/// "Fri, 24 May 2013 00:00:00 GMT" (RFC 9110, section 5.6.7), for Date and Last-Modified.
std::string http_date(TimePoint time);
/// Reads that form, the only one that senders may generate; nullopt for anything else.
std::optional<TimePoint> parse_http_date(std::string_view text);

/// "2013-05-24T00:00:00.000Z" (RFC 3339), for S3's XML.
std::string iso_date(TimePoint time);
/// Reads RFC 3339 in UTC, with or without a fraction; nullopt for anything else.
std::optional<TimePoint> parse_iso_date(std::string_view text);

}  // namespace audiostore
