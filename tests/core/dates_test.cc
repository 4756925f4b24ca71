#include "core/dates.h"

#include "support/random.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <ctime>

namespace audiostore {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

TimePoint at(std::int64_t unix_seconds) { return TimePoint(seconds(unix_seconds)); }

struct Known {
  std::int64_t unix_seconds;
  const char* amz;
  const char* http;
  const char* iso;
};

// From date(1) of GNU coreutils.
const Known known[] = {
    {0, "19700101T000000Z", "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00.000Z"},
    {-1, "19691231T235959Z", "Wed, 31 Dec 1969 23:59:59 GMT", "1969-12-31T23:59:59.000Z"},
    {1369353600, "20130524T000000Z", "Fri, 24 May 2013 00:00:00 GMT", "2013-05-24T00:00:00.000Z"},
    {951782399, "20000228T235959Z", "Mon, 28 Feb 2000 23:59:59 GMT", "2000-02-28T23:59:59.000Z"},
    {951825600, "20000229T120000Z", "Tue, 29 Feb 2000 12:00:00 GMT", "2000-02-29T12:00:00.000Z"},
    {2147483648, "20380119T031408Z", "Tue, 19 Jan 2038 03:14:08 GMT", "2038-01-19T03:14:08.000Z"},
    {4107542400, "21000301T000000Z", "Mon, 01 Mar 2100 00:00:00 GMT", "2100-03-01T00:00:00.000Z"},
};

TEST_CASE("known instants are written and read in all three forms", "[dates]") {
  for (const Known& date : known) {
    CAPTURE(date.unix_seconds);
    const TimePoint time = at(date.unix_seconds);
    CHECK(amz_date(time).timestamp() == date.amz);
    CHECK(amz_date(time).day() == std::string_view(date.amz).substr(0, 8));
    CHECK(http_date(time) == date.http);
    CHECK(iso_date(time) == date.iso);
    CHECK(parse_amz_date(date.amz) == time);
    CHECK(parse_http_date(date.http) == time);
    CHECK(parse_iso_date(date.iso) == time);
  }
}

TEST_CASE("parts of a second are cut off, never rounded up", "[dates]") {
  const TimePoint almost = at(1369353599) + nanoseconds(999'999'999);
  CHECK(amz_date(almost).timestamp() == "20130523T235959Z");
  CHECK(http_date(almost) == "Thu, 23 May 2013 23:59:59 GMT");
  CHECK(iso_date(almost) == "2013-05-23T23:59:59.999Z");
  CHECK(amz_date(at(0) - nanoseconds(1)).timestamp() == "19691231T235959Z");
}

TEST_CASE("the process's time zone does not matter", "[dates]") {
  const char* before = std::getenv("TZ");
  const std::string restore = before != nullptr ? before : "";
  setenv("TZ", "Pacific/Kiritimati", 1);
  tzset();
  CHECK(amz_date(at(1369353600)).timestamp() == "20130524T000000Z");
  CHECK(parse_http_date("Fri, 24 May 2013 00:00:00 GMT") == at(1369353600));
  before != nullptr ? setenv("TZ", restore.c_str(), 1) : unsetenv("TZ");
  tzset();
}

TEST_CASE("RFC 3339 comes with any number of decimals", "[dates]") {
  CHECK(parse_iso_date("2013-05-24T00:00:00Z") == at(1369353600));
  CHECK(parse_iso_date("2013-05-24T00:00:00.5Z") == at(1369353600) + milliseconds(500));
  CHECK(parse_iso_date("2013-05-24T00:00:00.05Z") == at(1369353600) + milliseconds(50));
  CHECK(parse_iso_date("2013-05-24T00:00:00.1239999999999999999999Z") == at(1369353600) + milliseconds(123));
}

TEST_CASE("a leap second is the second after it", "[dates]") {
  CHECK(parse_iso_date("2016-12-31T23:59:60Z") == parse_iso_date("2017-01-01T00:00:00Z"));
}

TEST_CASE("dates in any other spelling are refused", "[dates]") {
  for (const char* bad :
       {"", "20130524", "20130524T000000", "20130524T000000z", "20130524T00000Z", "20130524T000000ZZ",
        " 20130524T000000Z", "2013+524T000000Z", "20130229T000000Z", "20131301T000000Z", "20130500T000000Z",
        "20130532T000000Z", "20130524T240000Z", "20130524T006000Z", "20130524T000061Z"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_amz_date(bad));
  }
  for (const char* bad :
       {"", "24 May 2013 00:00:00 GMT", "Fri, 24 May 2013 00:00:00 UTC", "Fri, 24 may 2013 00:00:00 GMT",
        "Fri, 4 May 2013 00:00:00 GMT", "Friday, 24-May-13 00:00:00 GMT", "Fri May 24 00:00:00 2013",
        "Fri, 24 May 2013 00:00:00 GMT ", "Xyz, 24 May 2013 00:00:00 GMT"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_http_date(bad));
  }
  for (const char* bad : {"", "2013-05-24", "2013-05-24 00:00:00Z", "2013-05-24T00:00:00", "2013-05-24T00:00:00+00:00",
                          "2013-05-24T00:00:00.Z", "2013-02-30T00:00:00Z", "2013-05-24T00:00:00.1", "x"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_iso_date(bad));
  }
}

TEST_CASE("dates are refused where two of them could not be subtracted", "[dates]") {
  for (const char* bad : {"00010101T000000Z", "16000101T000000Z", "18991231T235959Z", "21010101T000000Z",
                          "22630101T000000Z", "99991231T235959Z"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_amz_date(bad));
  }
  CHECK_FALSE(parse_http_date("Fri, 31 Dec 9999 23:59:59 GMT"));
  CHECK_FALSE(parse_iso_date("9999-12-31T23:59:59.999Z"));
  const auto last = parse_iso_date("2100-12-31T23:59:59.999Z");
  const auto first = parse_iso_date("1900-01-01T00:00:00Z");
  REQUIRE((first && last));
  CHECK(*last - *first > TimePoint::duration::zero());
}

TEST_CASE("any instant is read back as it was written", "[dates]") {
  const auto seed = test_seed();
  INFO("seed " << seed);
  Random random(seed);
  for (int round = 0; round < 5000; ++round) {
    const auto time = at(static_cast<std::int64_t>(random.below(4'100'000'000)));
    const auto fraction = milliseconds(random.below(1000));
    CAPTURE(time.time_since_epoch().count());
    CHECK(parse_amz_date(amz_date(time + fraction).timestamp()) == time);
    CHECK(parse_http_date(http_date(time + fraction)) == time);
    CHECK(parse_iso_date(iso_date(time + fraction)) == time + fraction);
  }
}

}  // namespace
}  // namespace audiostore
